//! Whose a session is.

use crate::errors::Errors;
use crate::model::Model;
use crate::written::{Written, written};

/// Reports an identifier that a session of nobody would have, and one that may not be told.
pub(super) fn check(model: &mut Model, errors: &mut Errors) {
    let Some(field) = model.identifier() else {
        return;
    };
    if let Some(secret) = &field.attrs.secret {
        errors.push(secret, "events tell the `identifier`, and never a `secret`; remove one of them");
    }
    if model.begins && written(&field.ty) != Some(Written::Option) {
        let message = "a session that is not `required` begins as nobody's; write this type as an `Option` of it, or \
                       `#[session(required)]` on the struct";
        errors.push(&field.ty, message);
        model.begins = false;
    }
}
