//! The accessors of a field.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

use super::fields::{at, index, place};
use super::{docs, keyed, private};
use crate::attr::Merge;
use crate::model::{Field, Model};
use crate::written::{Written, written};

/// Returns the getter, the setter, and what the field's merge kind adds.
pub(super) fn accessors(model: &Model, field: &Field) -> TokenStream {
    let more = match field.merge() {
        _ if field.attrs.flash.is_some() => take(model, field),
        Merge::Add => add(model, field),
        Merge::Entries | Merge::Members => keyed::accessors(model, field),
        Merge::Replace | Merge::Reject => TokenStream::new(),
    };
    let setter = if field.is_keyed() { keyed::setter(model, field) } else { setter(model, field) };
    [getter(model, field), setter, more].into_iter().collect()
}

fn getter(model: &Model, field: &Field) -> TokenStream {
    let Field { vis, ident, member, ty, lints, deprecated, .. } = field;
    let (private, docs) = (private(model), docs::getter(field));
    let reference = (!is_copied(field)).then(|| quote!(&));
    quote! {
        #docs
        #(#lints)*
        #deprecated
        #[must_use]
        #vis fn #ident(&self) -> #reference #ty {
            #reference #private::Editor::data(&self.0).#member
        }
    }
}

fn is_copied(field: &Field) -> bool {
    matches!(written(&field.ty), Some(Written::Integer | Written::Float | Written::Scalar))
}

fn setter(model: &Model, field: &Field) -> TokenStream {
    let Field { vis, ty, lints, deprecated, .. } = field;
    let (name, place) = (field.accessor("set"), place(field));
    let (private, docs) = (private(model), docs::setter(field));
    let is_text = written(ty) == Some(Written::Text);
    let (ty, value) = if is_text {
        (quote!(impl ::core::convert::Into<#ty>), quote!(::core::convert::Into::into(value)))
    } else {
        (ty.to_token_stream(), quote!(value))
    };
    quote! {
        #docs
        #(#lints)*
        #deprecated
        #vis fn #name(&mut self, value: #ty) {
            #private::Editor::set(&mut self.0, #place, #value);
        }
    }
}

fn add(model: &Model, field: &Field) -> TokenStream {
    let Field { vis, lints, deprecated, .. } = field;
    let (name, index, private) = (field.accessor("add"), index(field), private(model));
    let docs = docs::method(field, "Adds to", "; concurrent additions all count");
    quote! {
        #docs
        #(#lints)*
        #deprecated
        #vis fn #name(&mut self, n: i64) {
            #private::Editor::add(&mut self.0, #index, n);
        }
    }
}

fn take(model: &Model, field: &Field) -> TokenStream {
    let Field { vis, ty, lints, deprecated, .. } = field;
    let (name, at, private) = (field.accessor("take"), at(field), private(model));
    let docs = docs::method(field, "Takes", ", which is gone once the response is on its way");
    quote! {
        #docs
        #(#lints)*
        #deprecated
        #vis fn #name(&mut self) -> #ty {
            #private::Editor::take(&mut self.0, #at)
        }
    }
}
