//! Conditions that can not be met.

use crate::attr::Conditions;
use crate::errors::Errors;
use crate::model::Model;

/// Reports conditions on a role that no field has.
pub(super) fn check(model: &mut Model, errors: &mut Errors) {
    if model.role().is_some() {
        return;
    }
    let guards = model.guards.iter_mut().map(|guard| &mut guard.conditions);
    for conditions in guards.chain([&mut model.conditions]) {
        check_roleless(conditions, errors);
    }
}

fn check_roleless(conditions: &mut Conditions, errors: &mut Errors) {
    for (key, _) in conditions.rules.iter().filter(|(_, rule)| rule.needs_role()) {
        errors.push(key, format!("`{key}` needs a role to look at; mark a field with `#[session(role)]`"));
    }
    conditions.rules.retain(|(_, rule)| !rule.needs_role());
}
