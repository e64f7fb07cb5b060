//! Where the compiler's errors about generated code point.

use proc_macro2::{Group, Span, TokenStream, TokenTree};
use quote::ToTokens;

/// Moves tokens onto the user's: an error about the expression they are underlines all of `onto`.
pub(super) fn over(onto: impl ToTokens, tokens: TokenStream) -> TokenStream {
    let mut spans = onto.into_token_stream().into_iter().map(|token| token.span());
    let first = spans.next().unwrap_or_else(Span::call_site);
    let last = spans.last().unwrap_or(first);
    let moved = tokens.into_iter().enumerate().map(|(index, token)| at(token, if index == 0 { first } else { last }));
    moved.collect()
}

fn at(token: TokenTree, span: Span) -> TokenTree {
    match token {
        TokenTree::Group(group) => {
            let inner = group.stream().into_iter().map(|token| at(token, span)).collect();
            let mut group = Group::new(group.delimiter(), inner);
            group.set_span(span);
            group.into()
        }
        mut other => {
            other.set_span(span);
            other
        }
    }
}
