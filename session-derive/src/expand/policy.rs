//! The conditions of a guard.

use proc_macro2::{Literal, TokenStream};
use quote::quote;
use syn::{Expr, ExprParen, ExprReference, Member, Token, token};

use super::spans::{enclosed, ends, over_call, over_field};
use crate::attr::{Conditions, Otherwise, Rule};
use crate::model::Model;

/// Returns the policy that conditions make.
pub(super) fn policy(model: &Model, conditions: &Conditions, otherwise: Option<Otherwise>) -> TokenStream {
    let checks = conditions.rules.iter().filter_map(|(_, rule)| condition(model, rule));
    let fresh = conditions.fresh.map(Literal::u64_unsuffixed).map(|seconds| quote!(.fresh(#seconds)));
    let otherwise = otherwise.map(|_| quote!(.otherwise(__session::Otherwise::Forward)));
    // A method hides from the closures whose data they look at.
    let chained = fresh.is_some() || otherwise.is_some();
    let of = chained.then(|| {
        let ident = &model.ident;
        quote!(::<#ident>)
    });
    quote!(__session::Policy #of::new(&[#(#checks),*]) #fresh #otherwise)
}

fn condition(model: &Model, rule: &Rule) -> Option<TokenStream> {
    if let Rule::Check(path) = rule {
        return Some(quote!(#path));
    }
    let member = &model.role()?.member;
    let (any, all) = (quote!(||), quote!(&&));
    let has = quote!(__session::has_role);
    let holds = match rule {
        Rule::Any(roles) => joined(&any, roles.iter().map(|expr| call(&has, member, expr))),
        Rule::All(roles) => joined(&all, roles.iter().map(|expr| call(&has, member, expr))),
        Rule::Min(least) => call(&quote!(__session::has_at_least), member, least),
        Rule::Check(_) => return None,
    };
    Some(quote!(|__data| #holds))
}

fn call(function: &TokenStream, role: &Member, expr: &Expr) -> TokenStream {
    // Printing a reference puts parentheses around its operand where it needs them, but not around what came to a
    // `macro_rules!` as an expression.
    let operand = match expr {
        Expr::Group(group) => Expr::Paren(ExprParen {
            attrs: Vec::new(),
            paren_token: token::Paren(ends(expr).0),
            expr: group.expr.clone(),
        }),
        _ => expr.clone(),
    };
    let reference = ExprReference {
        attrs: Vec::new(),
        and_token: Token![&](ends(expr).0),
        mutability: None,
        expr: Box::new(operand),
    };
    // The compiler underlines what is behind the `&`; the parentheses are on the user's tokens, the local is not.
    let mut role = over_field(expr, "__data", role).into_iter();
    let reference_to = role.next();
    let role = enclosed(expr, role.collect());
    over_call(expr, function, quote!(#reference, #reference_to #role))
}

fn joined(operator: &TokenStream, calls: impl Iterator<Item = TokenStream>) -> TokenStream {
    let mut joined = TokenStream::new();
    for call in calls {
        if !joined.is_empty() {
            joined.extend(operator.clone());
        }
        joined.extend(call);
    }
    joined
}
