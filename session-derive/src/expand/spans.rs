//! Where the compiler's errors about generated code point.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{Member, Token};

/// Moves tokens onto the user's: an error about the expression they are underlines all of `onto`.
pub(super) fn over(onto: impl ToTokens, tokens: TokenStream) -> TokenStream {
    let (first, last) = ends(onto);
    let moved = tokens.into_iter().enumerate();
    moved.map(|(index, token)| at(token, if index == 0 { first } else { last })).collect()
}

/// Moves the first of the user's tokens, by which the compiler knows where an item begins.
pub(super) fn begun(tokens: impl ToTokens, place: Span) -> TokenStream {
    let mut tokens = tokens.into_token_stream().into_iter();
    let first = tokens.next().map(|mut token| {
        token.set_span(place.resolved_at(token.span()));
        token
    });
    first.into_iter().chain(tokens).collect()
}

/// Returns a reference to a field of a local of the derive's, moved onto the user's tokens.
pub(super) fn over_field(onto: impl ToTokens, local: &str, member: &Member) -> TokenStream {
    let (first, last) = ends(&onto);
    let reference = Token![&](first);
    let local = local_at(last, local);
    let dot = Token![.](last);
    let member = member.to_token_stream().into_iter().map(|token| at(token, last)).collect::<TokenStream>();
    quote!(#reference #local #dot #member)
}

/// Returns tokens in parentheses that are the user's: what is inside them is underlined as they are.
pub(super) fn enclosed(onto: impl ToTokens, tokens: TokenStream) -> TokenStream {
    let mut group = Group::new(Delimiter::Parenthesis, tokens);
    group.set_span(ends(onto).1);
    TokenTree::from(group).into()
}

/// Returns the name of a local of the derive's. The name stays the derive's: where the user's tokens come from a
/// `macro_rules!`, a local of theirs would be another.
pub(super) fn local_at(span: Span, name: &str) -> Ident {
    Ident::new(name, span.resolved_at(Span::call_site()))
}

/// Returns a call whose errors underline all of `onto`; what its arguments bring from the user keeps its place.
pub(super) fn over_call(onto: impl ToTokens, function: &TokenStream, arguments: TokenStream) -> TokenStream {
    let list = enclosed(&onto, arguments);
    let function = over(onto, function.clone());
    quote!(#function #list)
}

/// Returns an associated type: where it is private and may not be, all of `onto` is underlined.
pub(super) fn type_item(name: &TokenStream, ty: impl ToTokens, onto: impl ToTokens) -> TokenStream {
    let (first, last) = ends(onto);
    let name = name.clone().into_iter().map(|token| at(token, first)).collect::<TokenStream>();
    let (word, end) = (Token![type](first), Token![;](last));
    quote!(#word #name = #ty #end)
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
