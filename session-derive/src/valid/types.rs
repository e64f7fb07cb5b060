//! Field types that can be known from how they are written. What is behind an alias is left to trait bounds.

use syn::Type;

use crate::attr::Merge;
use crate::errors::Errors;
use crate::model::Field;
use crate::written::{Written, bare, written};

/// Reports a type that does not fit what the attributes say of it; the field is then as if they did not say it.
pub(super) fn check(field: &mut Field, errors: &mut Errors) {
    if matches!(bare(&field.ty), Type::Reference(_)) {
        errors.push(&field.ty, "a session owns its fields; write the owned type, as `String` for `&str`");
        field.storable = false;
    }
    let Some(written) = written(&field.ty) else {
        return;
    };
    if field.attrs.flash.is_some() && written != Written::Option {
        let message = "a `flash` is `None` once it is taken; write this type as an `Option` of it";
        errors.push(&field.ty, message);
        field.attrs.flash = None;
    }
    if field.is_whole() && written != Written::Map {
        let message = "a tuple struct wraps one `BTreeMap` or `HashMap`; write one, or name the field";
        errors.push(&field.ty, message);
        field.storable = false;
    }
    check_merge(field, written, errors);
}

fn check_merge(field: &mut Field, written: Written, errors: &mut Errors) {
    let message = match (&field.attrs.merge, written) {
        (Some((_, Merge::Add)), Written::Float) => {
            "`merge = add` does not add floats, whose sum depends on the order; store an integer, as cents for a price"
        }
        (Some((_, Merge::Add)), other) if other != Written::Integer => {
            "`merge = add` needs an integer of at most 64 bits, as `u64`; write one, or remove `merge`"
        }
        (Some((_, Merge::Entries)), Written::Set) => "`merge = entries` needs a map; write `merge = members` for a set",
        (Some((_, Merge::Entries)), other) if other != Written::Map => {
            "`merge = entries` needs a `BTreeMap` or a `HashMap`; write one, or remove `merge`"
        }
        (Some((_, Merge::Members)), Written::Map) => "`merge = members` needs a set; write `merge = entries` for a map",
        (Some((_, Merge::Members)), other) if other != Written::Set => {
            "`merge = members` needs a `BTreeSet` or a `HashSet`; write one, or remove `merge`"
        }
        _ => return,
    };
    errors.push(&field.ty, message);
    field.attrs.merge = None;
}
