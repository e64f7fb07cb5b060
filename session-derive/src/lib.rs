//! The derive of `rocket_typed_session`.

mod attr;
mod errors;
mod expand;
mod model;
#[cfg(test)]
mod snapshots;
mod valid;
mod written;

use proc_macro2::TokenStream;
use syn::DeriveInput;

use self::errors::Errors;
use self::model::Model;

/// Makes a struct a session.
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
    let input: DeriveInput = errors.catch(syn::parse2(input))?;
    let fields = valid::shape(&input, errors)?;
    let attrs = attr::read(&input.attrs, errors);
    let mut model = Model::new(&input, fields, attrs, errors);
    valid::check(&mut model, errors);
    Some(expand::expand(&model))
}
