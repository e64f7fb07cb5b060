//! The documentation of accessors.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Meta;

use crate::model::Field;

/// Returns the docs of a getter: those of the field.
pub(super) fn getter(field: &Field) -> TokenStream {
    let docs = &field.docs;
    let own = (!is_documented(field)).then(|| line(&format!("The `{}` of this session.", field.name())));
    quote!(#own #(#docs)*)
}

/// Returns the docs of a setter.
pub(super) fn setter(field: &Field) -> TokenStream {
    method(field, "Sets", "")
}

/// Returns the docs of another accessor, followed by those of the field.
pub(super) fn method(field: &Field, verb: &str, so: &str) -> TokenStream {
    let name = &field.ident;
    let own = line(&format!("{verb} [`{}`](Self::{name}){so}.", field.name()));
    let docs = &field.docs;
    let empty = is_documented(field).then(|| line(""));
    quote!(#own #empty #(#docs)*)
}

/// Whether one of a field's `doc` attributes is a text; others say how it is shown.
fn is_documented(field: &Field) -> bool {
    field.docs.iter().any(|attr| matches!(attr.meta, Meta::NameValue(_)))
}

/// Returns the section about errors.
pub(super) fn errors(when: &str) -> TokenStream {
    let text = format!("Fails, and changes nothing, {when}.");
    [line(""), line("# Errors"), line(""), line(&text)].into_iter().collect()
}

pub(super) fn line(text: &str) -> TokenStream {
    let text = if text.is_empty() { String::new() } else { format!(" {text}") };
    quote!(#[doc = #text])
}
