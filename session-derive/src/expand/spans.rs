//! Where the compiler's errors about generated code point.

use proc_macro2::{Delimiter, Group, Punct, Spacing, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};

/// Moves tokens onto the user's: an error about the expression they are underlines all of `onto`.
pub(super) fn over(onto: impl ToTokens, tokens: TokenStream) -> TokenStream {
    let (first, last) = ends(onto);
    let moved = tokens.into_iter().enumerate();
    moved.map(|(index, token)| at(token, if index == 0 { first } else { last })).collect()
}

/// Returns a reference to a local of the derive's, or to a field of it, moved onto the user's tokens.
///
/// Its name stays the derive's: where the user's tokens come from a `macro_rules!`, a local among them is not found.
pub(super) fn over_local(onto: impl ToTokens, local: TokenStream) -> TokenStream {
    let (first, last) = ends(onto);
    let mut place = Group::new(Delimiter::None, local);
    place.set_span(last);
    let reference = at(Punct::new('&', Spacing::Alone).into(), first);
    quote!(#reference #place)
}

/// Returns a call whose errors underline all of `onto`; what its arguments bring from the user keeps its place.
pub(super) fn over_call(onto: impl ToTokens, function: &TokenStream, arguments: TokenStream) -> TokenStream {
    let onto = onto.into_token_stream();
    let mut list = Group::new(Delimiter::Parenthesis, arguments);
    list.set_span(ends(&onto).1);
    let mut call = over(onto, function.clone());
    call.extend([TokenTree::from(list)]);
    call
}

/// Returns the places of the user's first and last token.
pub(super) fn ends(onto: impl ToTokens) -> (Span, Span) {
    let mut spans = onto.into_token_stream().into_iter().map(|token| token.span());
    let first = spans.next().unwrap_or_else(Span::call_site);
    (first, spans.last().unwrap_or(first))
}

fn at(mut token: TokenTree, span: Span) -> TokenTree {
    if let TokenTree::Group(group) = &token {
        let inner = group.stream().into_iter().map(|token| at(token, span)).collect();
        token = Group::new(group.delimiter(), inner).into();
    }
    token.set_span(span);
    token
}
