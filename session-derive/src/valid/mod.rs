//! Checks what the attributes say. What is wrong is reported and taken out of the model, so that it can be written.

mod conditions;
mod field;
mod identifier;
mod names;
mod shape;
mod stamp;
mod types;

pub(crate) use self::shape::shape;

use crate::errors::Errors;
use crate::model::Model;

/// The bits of a change.
const MOST_FIELDS: usize = 128;

/// Reports every mistake and takes it out of the model.
pub(crate) fn check(model: &mut Model, errors: &mut Errors) {
    if let Some(field) = model.fields.get(MOST_FIELDS) {
        errors.push(
            &field.ident,
            format!("a session has at most {MOST_FIELDS} fields; put some of them into one struct"),
        );
    }
    for field in &mut model.fields {
        field::check(field, errors);
        types::check(field, errors);
    }
    field::check_single(&mut model.fields, errors);
    identifier::check(model, errors);
    stamp::check(model, errors);
    conditions::check(model, errors);
    names::check(model, errors);
}
