//! The struct's own name in place of `Self`, which means another type where the derive repeats it.

use proc_macro2::{Group, Ident, TokenStream, TokenTree};

/// Returns tokens with a name where they say `Self`.
pub(crate) fn spell_out(tokens: TokenStream, name: &Ident) -> TokenStream {
    tokens.into_iter().map(|token| spelt_out(token, name)).collect()
}

fn spelt_out(token: TokenTree, name: &Ident) -> TokenTree {
    match token {
        TokenTree::Ident(word) if word == "Self" => {
            let mut name = name.clone();
            name.set_span(word.span());
            name.into()
        }
        TokenTree::Group(group) => {
            let mut inner = Group::new(group.delimiter(), spell_out(group.stream(), name));
            inner.set_span(group.span());
            inner.into()
        }
        token => token,
    }
}
