//! What is compared with the account of a session's owner.

use crate::errors::Errors;
use crate::model::Model;

/// Reports a stamp of nobody's account, and one that tells whose session it is.
pub(super) fn check(model: &mut Model, errors: &mut Errors) {
    let has_identifier = model.identifier().is_some();
    for attrs in model.fields.iter_mut().map(|field| &mut field.attrs) {
        let message = match &attrs.identifier {
            Some(_) => "a `stamp` changes with the password, an `identifier` does not; mark another field",
            None if has_identifier => continue,
            None => {
                "a `stamp` is looked up by whose session it is; mark the field that names the owner with \
                 `#[session(identifier)]`"
            }
        };
        // A field that is not understood may be the one that names the owner.
        let stamp = attrs.stamp.take().filter(|_| attrs.identifier.is_some() || model.fields_understood);
        if let Some(stamp) = stamp {
            errors.push(stamp, message);
        }
    }
}
