//! The conditions of a guard, or of the struct itself.

use proc_macro2::Ident;
use syn::punctuated::Punctuated;
use syn::{Expr, ExprPath, LitStr, Token};

use super::duration;
use super::item::Item;
use super::key::Key;
use crate::errors::Errors;

/// The conditions of a guard; all must hold.
#[derive(Default)]
pub(crate) struct Conditions {
    pub(crate) rules: Vec<(Ident, Rule)>,
    /// The longest time since the last authentication, in seconds.
    pub(crate) fresh: Option<u64>,
}

/// A condition on the data.
pub(crate) enum Rule {
    Any(Vec<Expr>),
    All(Vec<Expr>),
    Min(Expr),
    Check(ExprPath),
}

impl Rule {
    /// Returns whether the condition is on the role.
    pub(crate) fn needs_role(&self) -> bool {
        !matches!(self, Self::Check(_))
    }
}

impl Conditions {
    /// Reads an item whose key is that of a condition.
    pub(super) fn read(&mut self, key: &Key, item: &Item, errors: &mut Errors) {
        if item.key == "fresh" {
            self.fresh = fresh(key, item, errors);
            return;
        }
        self.rules.extend(rule(key, item, errors).map(|rule| (item.key.clone(), rule)));
    }
}

fn rule(key: &Key, item: &Item, errors: &mut Errors) -> Option<Rule> {
    Some(match item.name().as_str() {
        "role" => Rule::Any(vec![item.parse(key, errors)?]),
        "any" => Rule::Any(list(key, item, errors)?),
        "all" => Rule::All(list(key, item, errors)?),
        "min" => Rule::Min(item.parse(key, errors)?),
        _ => Rule::Check(item.parse(key, errors)?),
    })
}

fn list(key: &Key, item: &Item, errors: &mut Errors) -> Option<Vec<Expr>> {
    let parser = Punctuated::<Expr, Token![,]>::parse_terminated;
    item.parse_with(parser, key, errors).map(|list| list.into_iter().collect())
}

fn fresh(key: &Key, item: &Item, errors: &mut Errors) -> Option<u64> {
    let text: LitStr = item.parse(key, errors)?;
    match duration::seconds(&text.value()) {
        Ok(seconds) => Some(seconds),
        Err(message) => {
            errors.push(text, message);
            None
        }
    }
}
