//! Names that must differ.

use std::collections::HashMap;

use syn::LitStr;
use syn::ext::IdentExt;

use crate::errors::Errors;
use crate::model::{Field, Model};

/// Reports names that can not be used, or not twice.
pub(super) fn check(model: &mut Model, errors: &mut Errors) {
    model.name = model.name.take().filter(|name| is_session_name(name, errors));
    check_types(model, errors);
    check_stored(&mut model.fields, errors);
    check_accessors(model, errors);
}

fn is_session_name(name: &LitStr, errors: &mut Errors) -> bool {
    let text = name.value();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let message = if text.is_empty() || !text.bytes().all(plain) {
        "`name` is part of a cookie's name and of `Rocket.toml`; write letters, digits, `_` and `-` only"
    } else if ["__Host-", "__Secure-"].iter().any(|prefix| text.starts_with(prefix)) {
        "the cookie's name gets its prefix from how the cookie is configured; leave it away"
    } else {
        return true;
    };
    errors.push(name, message);
    false
}

/// Reports type names that are taken; a guard of such a name is not made.
fn check_types(model: &mut Model, errors: &mut Errors) {
    if model.edit.unraw() == model.ident.unraw() {
        errors.push(&model.edit, format!("`{}` is the name of the struct; write another after `mut`", model.edit));
        model.edit = quote::format_ident!("{}Mut", model.ident, span = model.ident.span());
    }
    let mut taken = HashMap::from([
        (model.edit.unraw(), "the guard that edits; write another, or rename that one with `mut = Name`"),
        (model.ident.unraw(), "the struct; write another"),
    ]);
    model.guards.retain(|guard| {
        let earlier = taken.insert(guard.ident.unraw(), "another guard; write another");
        if let Some(owner) = earlier {
            errors.push(&guard.ident, format!("`{}` is the name of {owner}", guard.ident));
        }
        earlier.is_none()
    });
}

/// Reports stored names that are used twice; the second is taken out.
fn check_stored(fields: &mut [Field], errors: &mut Errors) {
    let mut taken: HashMap<String, String> =
        fields.iter().filter(|field| field.attrs.rename.is_none()).map(|field| (field.name(), field.name())).collect();
    for field in fields {
        let name = field.name();
        let mut free = |text: &LitStr, errors: &mut Errors| is_free(&mut taken, text, &name, errors);
        let rename = field.attrs.rename.take();
        let own = rename.as_ref().map_or_else(|| name.clone(), LitStr::value);
        field.attrs.rename = rename.filter(|rename| free(rename, errors));
        let mut known = vec![own];
        field.attrs.aliases.retain(|alias| {
            let text = alias.value();
            if known.contains(&text) {
                errors.push(alias, format!("`{text}` is a name of this field already; remove the `alias`"));
                return false;
            }
            known.push(text);
            free(alias, errors)
        });
    }
}

fn is_free(taken: &mut HashMap<String, String>, text: &LitStr, field: &str, errors: &mut Errors) -> bool {
    match taken.get(&text.value()) {
        Some(owner) if owner == field => true,
        Some(owner) => {
            errors
                .push(text, format!("the field `{owner}` is stored as {:?} already; write another name", text.value()));
            false
        }
        None => {
            taken.insert(text.value(), field.to_owned());
            true
        }
    }
}

/// Reports accessors of one name; the second field gets none.
fn check_accessors(model: &mut Model, errors: &mut Errors) {
    let edit = &model.edit;
    let mut taken = HashMap::from([
        ("session".to_owned(), format!("`{edit}::session` is the session's life")),
        ("update".to_owned(), format!("`{edit}::update` edits several fields at once")),
    ]);
    for field in &mut model.fields {
        let names: Vec<String> = field.accessor_names().iter().map(|name| name.unraw().to_string()).collect();
        let collision = names.iter().find_map(|name| Some((name, taken.get(name)?)));
        if let Some((name, owner)) = collision {
            errors.push(&field.ident, collision_message(field, name, owner));
            field.accessors = false;
            continue;
        }
        let owner = |name: &String| format!("`{edit}::{name}` is an accessor of the field `{}`", field.name());
        taken.extend(names.iter().map(|name| (name.clone(), owner(name))));
    }
}

fn collision_message(field: &Field, name: &str, owner: &str) -> String {
    let own = field.name();
    let stored = match field.attrs.rename {
        Some(_) => String::new(),
        None => format!(", and keep the stored name with `#[session(rename = \"{own}\")]`"),
    };
    if own == name {
        format!("{owner}; give this field another name{stored}")
    } else {
        format!("{owner}, and `{name}` is made for this field too; give it another name{stored}")
    }
}
