//! The lint levels that the user has set, which hold for what is made of his tokens, too.

use syn::{Attribute, Meta, parse_quote};

/// Returns the lint levels among attributes. What is expected of the user's item is only allowed of the generated ones,
/// and what is forbidden there would forbid the exceptions that these need.
pub(crate) fn levels(attrs: &[Attribute]) -> Vec<Attribute> {
    let levels = ["allow", "expect", "warn", "deny"];
    let is_level = |attr: &&Attribute| levels.iter().any(|level| attr.path().is_ident(level));
    attrs.iter().filter(is_level).cloned().map(relaxed).collect()
}

fn relaxed(mut attr: Attribute) -> Attribute {
    match &mut attr.meta {
        Meta::List(list) if list.path.is_ident("expect") => list.path = parse_quote!(allow),
        _ => {}
    }
    attr
}
