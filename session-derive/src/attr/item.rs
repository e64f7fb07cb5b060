//! Splits an attribute into its items, so that one bad item does not hide the others.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Attribute, Error, Meta, Token, token};

use super::key::Key;
use crate::errors::Errors;

/// One item of an attribute: `key`, `key = value` or `key(list)`.
pub(super) struct Item {
    pub(super) key: Ident,
    pub(super) value: Value,
}

/// What follows a key.
pub(super) enum Value {
    Nothing,
    Given(TokenStream),
    List(TokenStream),
}

impl Item {
    /// Returns the key as text.
    pub(super) fn name(&self) -> String {
        self.key.unraw().to_string()
    }

    /// Parses the value of a key.
    pub(super) fn parse<T: Parse>(&self, key: &Key, errors: &mut Errors) -> Option<T> {
        self.parse_with(T::parse, key, errors)
    }

    /// Parses the value of a key with a parser.
    pub(super) fn parse_with<P: Parser>(&self, parser: P, key: &Key, errors: &mut Errors) -> Option<P::Output> {
        let (Value::Given(tokens) | Value::List(tokens)) = &self.value else {
            return None;
        };
        let parsed = parser.parse2(tokens.clone()).ok();
        if parsed.is_none() {
            errors.push(self, format!("this is not a value of `{}`; write {}", key.name, key.shown()));
        }
        parsed
    }
}

/// The tokens to point at: the value, or the key if there is none.
impl ToTokens for Item {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match &self.value {
            Value::Given(value) | Value::List(value) if !value.is_empty() => value.to_tokens(tokens),
            _ => self.key.to_tokens(tokens),
        }
    }
}

impl Parse for Item {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let key = Ident::parse_any(input)
            .map_err(|error| Error::new(error.span(), "expected a key, as in `#[session(flash)]`"))?;
        let value = if input.peek(token::Paren) {
            let content;
            syn::parenthesized!(content in input);
            Value::List(content.parse()?)
        } else if input.parse::<Option<Token![=]>>()?.is_some() {
            Value::Given(input.parse()?)
        } else {
            Value::Nothing
        };
        if input.is_empty() {
            Ok(Self { key, value })
        } else {
            Err(input.error("expected a comma, `=` or `(` before this"))
        }
    }
}

/// Returns the items of all `#[session(..)]` attributes.
pub(super) fn items(attrs: &[Attribute], errors: &mut Errors) -> Vec<Item> {
    let mut items = Vec::new();
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("session")) {
        match &attr.meta {
            Meta::List(list) => items.extend(parse_items(split(list.tokens.clone()), errors)),
            other => errors.push(other, "write `#[session(..)]`, with the options in parentheses"),
        }
    }
    items
}

/// Parses each part as an item.
pub(super) fn parse_items(parts: Vec<TokenStream>, errors: &mut Errors) -> Vec<Item> {
    parts.into_iter().filter_map(|part| errors.catch(syn::parse2(part))).collect()
}

/// Splits at the commas that are not between the angle brackets of a path.
pub(super) fn split(tokens: TokenStream) -> Vec<TokenStream> {
    let mut parts = vec![TokenStream::new()];
    let mut depth = 0_usize;
    let mut before = None;
    for token in tokens {
        let punct = punct(&token);
        match (punct, before) {
            // After a value it compares, or shifts.
            (Some('<'), Some(before)) if before != '<' => depth += 1,
            (Some('<'), _) if depth > 0 => depth += 1,
            (Some('>'), Some('-')) => {}
            (Some('>'), _) => depth = depth.saturating_sub(1),
            _ => {}
        }
        before = punct;
        if punct == Some(',') && depth == 0 {
            parts.push(TokenStream::new());
        } else if let Some(part) = parts.last_mut() {
            part.extend([token]);
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}

fn punct(token: &TokenTree) -> Option<char> {
    match token {
        TokenTree::Punct(punct) => Some(punct.as_char()),
        _ => None,
    }
}
