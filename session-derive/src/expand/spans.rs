//! Where the compiler's errors about generated code point.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::ToTokens;

/// Moves tokens onto the user's: an error about the expression they are underlines all of `onto`.
pub(super) fn over(onto: impl ToTokens, tokens: TokenStream) -> TokenStream {
    let mut spans = onto.into_token_stream().into_iter().map(|token| token.span());
    let first = spans.next().unwrap_or_else(Span::call_site);
    let last = spans.last().unwrap_or(first);
    let moved = tokens.into_iter().enumerate().map(|(index, token)| at(token, if index == 0 { first } else { last }));
    moved.collect()
}

/// Returns the place of the user's first token.
pub(super) fn start(onto: impl ToTokens) -> Span {
    onto.into_token_stream().into_iter().next().map_or_else(Span::call_site, |token| token.span())
}

/// Returns a call whose errors underline all of `onto`; what its arguments bring from the user keeps its place.
pub(super) fn over_call(onto: impl ToTokens, function: &TokenStream, arguments: &TokenStream) -> TokenStream {
    let onto = onto.into_token_stream();
    let last = onto.clone().into_iter().last().map_or_else(Span::call_site, |token| token.span());
    let mut list = Group::new(Delimiter::Parenthesis, arguments.clone());
    list.set_span(last);
    let mut call = over(onto, function.clone());
    call.extend([TokenTree::from(list)]);
    call
}

fn at(token: TokenTree, span: Span) -> TokenTree {
    match token {
        TokenTree::Group(group) => {
            let inner = group.stream().into_iter().map(|token| at(token, span)).collect();
            let mut group = Group::new(group.delimiter(), inner);
            group.set_span(span);
            group.into()
        }
        TokenTree::Ident(mut ident) => {
            // The names are the derive's: in a `macro_rules!` they would not be found among the user's.
            ident.set_span(span.resolved_at(Span::call_site()));
            ident.into()
        }
        mut other => {
            other.set_span(span);
            other
        }
    }
}
