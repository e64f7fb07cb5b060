//! The derive of `rocket_typed_session`.

mod attr;
mod errors;
mod expand;
mod lints;
mod model;
mod own_name;
#[cfg(test)]
mod snapshots;
mod valid;
mod written;

use proc_macro2::TokenStream;
use syn::DeriveInput;

use self::errors::Errors;
use self::model::Model;

/// Makes a struct the data of a session.
///
/// For a struct `User` this generates, with its visibility and beside it, the guard `UserMut<'_>` that edits, and one
/// guard for each `guard(..)`. `&User`, `User`, `UserMut<'_>` and the named guards are request guards of Rocket. The
/// struct must be `Clone`. A struct around one map, `struct Bag(BTreeMap<String, Value>)`, is a session of entries.
///
/// # On the struct
///
/// | `#[session(..)]` | |
/// |---|---|
/// | `required` | without a session the guards answer 401; without `required` the data starts from its `Default` |
/// | `required = forward` | the guards forward where they would refuse, with the same status: without a session, and where a condition does not hold; not while the storage fails |
/// | `guard(Admin, ..)` | a guard `Admin<'_>` with the conditions below, as often as needed |
/// | `role = ..`, `min = ..`, … | conditions of all guards but `Session<'_, User>` |
/// | `name = "guest"` | the name of its cookie and of its table in `Rocket.toml`; `session` by default |
/// | `mut = UserEdit` | another name for the guard that edits |
/// | `crate = path` | where `rocket_typed_session` is, if it was renamed or exported again |
///
/// # Conditions
///
/// All that are given must hold. An empty or absent role satisfies nothing.
///
/// | `guard(Name, ..)` | |
/// |---|---|
/// | `role = Role::Admin` | the role is this, or this is among the roles |
/// | `any(A, B)`, `all(A, B)` | one of these, all of these |
/// | `min = Role::Editor` | the role, or one of the roles, is this or higher |
/// | `fresh = "15m"` | authenticated at most this long ago; `s`, `m`, `h`, `d`, as in `"1h 30m"` |
/// | `check = path` | a `fn(&User) -> bool` says so |
/// | `otherwise = forward` | forwards where the guard would refuse |
/// | `vis = pub(crate)` | the visibility of the guard, at most that of the struct |
///
/// # On a field
///
/// A field's type is `Serialize + DeserializeOwned + Clone + PartialEq + Send + Sync`.
///
/// | `#[session(..)]` | |
/// |---|---|
/// | `identifier` | names whose session it is, and groups the sessions of one user; setting it rotates the token |
/// | `role` | what the conditions are about; setting it rotates the token |
/// | `rotate` | setting it rotates the token |
/// | `stamp` | compared with the owner's account: another value there ends the session; setting it rotates the token |
/// | `merge = ..` | what two writers mean: `replace` (the last wins), `add`, `entries`, `members`, `reject` |
/// | `flash` | an `Option` that is read once |
/// | `secret` | never printed: the struct gets its `Debug` from this derive, and must not derive it too. It is stored in the clear, as all fields are, but for sessions in cookies |
/// | `with = module` | a serde `with` module in place of the type's own format |
/// | `rename = ".."`, `alias = ".."` | the name under which it is stored, and former ones |
/// | `default`, `default = ..` | what a missing field reads as; the type's `Default` is found without it. With neither, a session that lacks the field is not read |
/// | `migrate = path` | a `fn(serde_json::Value) -> Option<T>` for what the field can not read |
/// | `undecodable = default`, `end` | what becomes of a value that can not be read: the field takes its default, if it has one (so unless set), or the session is not read (so unless set for an identifier and a stamp). It stays stored then, for a version that can read it |
///
/// `#[serde(..)]` on a field is of no effect here. The types of the `identifier` and the `stamp` are at least as visible
/// as the struct. The identifier of a struct that is not `required` is an `Option`, and
/// such an `Option` must be written as one, not through an alias. ``[`Self`]`` in the docs of a field is the guard that edits where they are copied to it.
///
/// # Accessors
///
/// Each field `x` has on `UserMut` a getter `x()` and a setter `set_x(..)`, with its visibility and docs. `merge = add`
/// has `add_x(n)`; `entries` has `insert_x(key, value)` and `remove_x(&key)`; `members` has `insert_x(member)` and
/// `remove_x(&member)`; `flash` has `take_x()`. A struct around one map has `entries()`, `get(&key)`, `insert(key, value)`,
/// `remove(&key)` and `set(map)`. What sets or inserts keys, and `update(|data| ..)`, which edits several fields at once,
/// returns a `Result`: a key that can not be stored is an error, and changes nothing.
///
/// `set_x` replaces what is stored, whatever others wrote meanwhile: a field that merges by `add` is counted up with
/// `add_x`. Of a map or set whose keys merge, it changes those that differ from what was loaded; what others insert
/// meanwhile stays. `add_x(n)` takes an `i64`, which may be negative; sums stop at the bounds of the field's type, and at
/// those of `i64`.
///
/// The levels of lints that are set on the struct or on a field hold for what is made of it, too.
#[proc_macro_derive(Session, attributes(session))]
pub fn derive_session(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    derive(input.into()).into()
}

fn derive(input: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let mut tokens = items(input, &mut errors).unwrap_or_default();
    tokens.extend(errors.into_compile_error());
    tokens
}

/// Returns what the derive generates; nothing if the input is not of a session's shape.
fn items(input: TokenStream, errors: &mut Errors) -> Option<TokenStream> {
    let ident = errors.catch(syn::parse2::<DeriveInput>(input.clone()))?.ident;
    let input: DeriveInput = errors.catch(syn::parse2(own_name::spell_out(input, &ident)))?;
    let fields = valid::shape(&input, errors)?;
    let attrs = attr::read(&input.attrs, errors);
    let mut model = Model::new(&input, fields, attrs, errors);
    valid::check(&mut model, errors);
    Some(expand::expand(&model))
}
