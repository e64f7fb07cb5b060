//! Conditions that can not be met.

use syn::{Expr, ExprLit, Lit};

use crate::attr::{Conditions, Rule};
use crate::errors::Errors;
use crate::model::Model;

/// Reports conditions on a role that no field has, or that has no order.
pub(super) fn check(model: &mut Model, errors: &mut Errors) {
    let (has_role, reports) = (model.role().is_some(), model.fields_understood);
    let guards = model.guards.iter_mut().map(|guard| &mut guard.conditions);
    for conditions in guards.chain([&mut model.conditions]) {
        if has_role {
            check_order(conditions, errors);
        } else {
            check_roleless(conditions, reports, errors);
        }
    }
}

fn check_order(conditions: &mut Conditions, errors: &mut Errors) {
    conditions.rules.retain(|(_, rule)| match rule {
        Rule::Min(least) if is_text(least) => {
            errors.push(
                least,
                "`min` needs ordered roles, and texts have no order; make the role an enum that derives `PartialOrd`, \
                 lowest role first",
            );
            false
        }
        _ => true,
    });
}

fn is_text(role: &Expr) -> bool {
    match role {
        Expr::Lit(ExprLit { lit, .. }) => matches!(lit, Lit::Str(_)),
        Expr::Group(group) => is_text(&group.expr),
        Expr::Paren(paren) => is_text(&paren.expr),
        Expr::Reference(reference) => is_text(&reference.expr),
        _ => false,
    }
}

/// Takes out what looks at a role that is not there. A field that is not understood may be the one that has it.
fn check_roleless(conditions: &mut Conditions, reports: bool, errors: &mut Errors) {
    conditions.rules.retain(|(key, rule)| {
        if rule.needs_role() && reports {
            errors.push(key, format!("`{key}` needs a role to look at; mark a field with `#[session(role)]`"));
        }
        !rule.needs_role()
    });
}
