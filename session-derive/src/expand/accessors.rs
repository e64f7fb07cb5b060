//! The accessors of a field.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

use super::docs;
use super::fields::{at, index, place};
use super::keyed;
use crate::attr::Merge;
use crate::model::{Field, Model};
use crate::written::{Written, written};

/// Returns the getter, the setter, and what the field's merge kind adds.
pub(super) fn accessors(model: &Model, field: &Field) -> TokenStream {
    let more = match field.merge() {
        _ if field.attrs.flash.is_some() => take(field),
        Merge::Add => add(field),
        Merge::Entries | Merge::Members => keyed::accessors(model, field),
        Merge::Replace | Merge::Reject => TokenStream::new(),
    };
    let setter = if field.is_keyed() { keyed::setter(model, field) } else { setter(field) };
    [getter(field), setter, more].into_iter().collect()
}

fn getter(field: &Field) -> TokenStream {
    let Field { vis, ident, member, ty, deprecated, .. } = field;
    let docs = docs::getter(field);
    let reference = (!is_copied(field)).then(|| quote!(&));
    quote! {
        #docs
        #deprecated
        #[must_use]
        #vis fn #ident(&self) -> #reference #ty {
            #reference self.0.data().#member
        }
    }
}

fn is_copied(field: &Field) -> bool {
    matches!(written(&field.ty), Some(Written::Integer | Written::Float | Written::Scalar))
}

fn setter(field: &Field) -> TokenStream {
    let Field { vis, ty, deprecated, .. } = field;
    let (name, place, docs) = (field.accessor("set"), place(field), docs::setter(field));
    let is_text = written(ty) == Some(Written::Text);
    let (ty, value) = if is_text {
        (quote!(impl ::core::convert::Into<#ty>), quote!(::core::convert::Into::into(value)))
    } else {
        (ty.to_token_stream(), quote!(value))
    };
    quote! {
        #docs
        #deprecated
        #vis fn #name(&mut self, value: #ty) {
            self.0.set(#place, #value);
        }
    }
}

fn add(field: &Field) -> TokenStream {
    let Field { vis, deprecated, .. } = field;
    let (name, index) = (field.accessor("add"), index(field));
    let docs = docs::method(field, "Adds to", "; concurrent additions all count");
    quote! {
        #docs
        #deprecated
        #vis fn #name(&mut self, n: i64) {
            self.0.add(#index, n);
        }
    }
}

fn take(field: &Field) -> TokenStream {
    let Field { vis, ty, deprecated, .. } = field;
    let (name, at) = (field.accessor("take"), at(field));
    let docs = docs::method(field, "Takes", ", which is gone once the response is on its way");
    quote! {
        #docs
        #deprecated
        #vis fn #name(&mut self) -> #ty {
            self.0.take(#at)
        }
    }
}
