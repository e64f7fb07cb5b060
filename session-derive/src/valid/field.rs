//! What the attributes of a field may say together.

use proc_macro2::Ident;
use syn::LitStr;

use crate::attr::{FieldAttrs, Merge};
use crate::errors::Errors;
use crate::model::Field;

/// Reports contradictions on one field.
pub(super) fn check(field: &mut Field, errors: &mut Errors) {
    if field.is_whole() {
        check_whole(&mut field.attrs, errors);
    }
    check_merge(&mut field.attrs, errors);
    check_rotate(&mut field.attrs, errors);
    let attrs = &mut field.attrs;
    attrs.rename = attrs.rename.take().filter(|name| is_storable(name, "rename", errors));
    attrs.aliases.retain(|name| is_storable(name, "alias", errors));
}

/// Reports the second field where one is the most.
pub(super) fn check_single(fields: &mut [Field], errors: &mut Errors) {
    single(fields, errors, "identifier", |attrs| &mut attrs.identifier);
    single(fields, errors, "role", |attrs| &mut attrs.role);
    single(fields, errors, "stamp", |attrs| &mut attrs.stamp);
}

fn single(fields: &mut [Field], errors: &mut Errors, key: &str, of: fn(&mut FieldAttrs) -> &mut Option<Ident>) {
    let mut first: Option<String> = None;
    for field in fields {
        let name = field.name();
        match (of(&mut field.attrs).as_ref(), &first) {
            (Some(ident), Some(first)) => {
                errors
                    .push(ident, format!("a session has one `{key}`, and `{first}` is it already; remove one of them"));
                *of(&mut field.attrs) = None;
            }
            (Some(_), None) => first = Some(name),
            (None, _) => {}
        }
    }
}

fn check_whole(attrs: &mut FieldAttrs, errors: &mut Errors) {
    let FieldAttrs { identifier, role, flash, rotate, stamp, .. } = attrs;
    let keys = [identifier, role, flash, rotate, stamp].map(Option::take);
    let merge = attrs.merge.take().map(|(word, _)| word);
    let message = "a tuple struct is merged entry by entry, and nothing else; name the field to say more of it";
    for key in keys.into_iter().flatten().chain(merge) {
        errors.push(key, message);
    }
    if let Some(with) = attrs.with.take() {
        errors.push(with, message);
    }
}

fn check_merge(attrs: &mut FieldAttrs, errors: &mut Errors) {
    let Some((word, merge)) = &attrs.merge else {
        return check_flash(attrs, errors);
    };
    let by_parts = matches!(merge, Merge::Add | Merge::Entries | Merge::Members);
    if let Some(flash) = attrs.flash.take() {
        errors.push(flash, "a `flash` is merged in its own way; remove `flash` or `merge`");
    } else if let (true, Some(key)) = (by_parts, single_value(attrs)) {
        errors.push(word, format!("{key} is one value; `merge = {word}` can not merge it"));
        attrs.merge = None;
    } else if let (true, Some(with)) = (by_parts, attrs.with.take_if(|_| by_parts)) {
        errors.push(with, format!("`merge = {word}` needs the type's own format; remove `with` or `merge`"));
    }
}

fn single_value(attrs: &FieldAttrs) -> Option<&'static str> {
    let keys = [("an `identifier`", &attrs.identifier), ("a `stamp`", &attrs.stamp)];
    keys.into_iter().find(|(_, ident)| ident.is_some()).map(|(key, _)| key)
}

fn check_flash(attrs: &mut FieldAttrs, errors: &mut Errors) {
    let Some(flash) = &attrs.flash else {
        return;
    };
    let kept = [("identifier", &attrs.identifier), ("role", &attrs.role), ("stamp", &attrs.stamp)];
    if let Some((key, _)) = kept.into_iter().find(|(_, ident)| ident.is_some()) {
        errors.push(flash, format!("a `flash` is read once, the `{key}` with every request; remove one of them"));
        attrs.flash = None;
    }
}

fn check_rotate(attrs: &mut FieldAttrs, errors: &mut Errors) {
    let rotating = [("identifier", &attrs.identifier), ("role", &attrs.role), ("stamp", &attrs.stamp)];
    let Some((key, _)) = rotating.into_iter().find(|(_, ident)| ident.is_some()) else {
        return;
    };
    if let Some(rotate) = attrs.rotate.take() {
        errors.push(rotate, format!("setting the `{key}` rotates the token anyway; remove `rotate`"));
    }
}

fn is_storable(name: &LitStr, key: &str, errors: &mut Errors) -> bool {
    let text = name.value();
    let message = match text.as_str() {
        "" => format!("`{key}` is empty; write the name under which the field is stored"),
        _ if text.contains('/') => {
            format!("`{key}` has a `/`, which separates a field from its entries; leave it away")
        }
        _ if text.starts_with('@') => {
            format!("`{key}` begins with `@`, which marks what is stored beside fields; leave it away")
        }
        _ => return true,
    };
    errors.push(name, message);
    false
}
