//! The shapes that a session may have.

use syn::{Data, DeriveInput, Fields};

use crate::errors::Errors;

/// Returns the fields of a session, or reports why the input can be none.
pub(crate) fn shape<'i>(input: &'i DeriveInput, errors: &mut Errors) -> Option<&'i Fields> {
    if !input.generics.params.is_empty() {
        errors.push(&input.generics, "`Session` does not support generic structs; write the types out");
        return None;
    }
    let fields = match &input.data {
        Data::Struct(data) => &data.fields,
        Data::Enum(data) => {
            errors.push(data.enum_token, "a session is a struct; put the enum into a field of one");
            return None;
        }
        Data::Union(data) => {
            errors.push(data.union_token, "a session is a struct, not a union");
            return None;
        }
    };
    match fields {
        Fields::Named(_) => Some(fields),
        Fields::Unnamed(list) if list.unnamed.len() == 1 => Some(fields),
        Fields::Unnamed(list) => {
            errors.push(list, "the fields of a session are stored by name; name them, or wrap one map");
            None
        }
        Fields::Unit => {
            errors.push(&input.ident, format!("a session has fields; write `struct {} {{ .. }}`", input.ident));
            None
        }
    }
}
