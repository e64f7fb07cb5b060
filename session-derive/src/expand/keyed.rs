//! The accessors of maps and sets that are merged key by key.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

use super::fields::{at, place};
use super::{docs, private};
use crate::attr::Merge;
use crate::model::{Field, Model};
use crate::written::{Written, arguments, written};

/// Returns what inserts and removes.
pub(super) fn accessors(model: &Model, field: &Field) -> TokenStream {
    let insert = if field.merge() == Merge::Entries { insert_entry(model, field) } else { insert_member(model, field) };
    [insert, remove(model, field)].into_iter().collect()
}

/// Returns the setter.
pub(super) fn setter(model: &Model, field: &Field) -> TokenStream {
    let Field { vis, ty, lints, deprecated, .. } = field;
    let (name, place, private) = (field.accessor("set"), place(field), private(model));
    let docs = docs::setter(field);
    let errors = docs::errors("if a key can not be stored");
    quote! {
        #docs
        #errors
        #(#lints)*
        #deprecated
        #vis fn #name(&mut self, value: #ty) -> ::core::result::Result<(), #private::SessionError> {
            #private::Editor::set_keyed(&mut self.0, #place, value)
        }
    }
}

fn insert_entry(model: &Model, field: &Field) -> TokenStream {
    let Field { vis, lints, deprecated, .. } = field;
    let (name, place, private) = (field.accessor("insert"), place(field), private(model));
    let (key, value) = entry(model, field);
    let docs = docs::method(field, "Sets an entry of", "; concurrent changes of other keys survive");
    let errors = docs::errors("if the key can not be stored");
    quote! {
        #docs
        #errors
        #(#lints)*
        #deprecated
        #vis fn #name(&mut self, key: #key, value: #value) -> ::core::result::Result<(), #private::SessionError> {
            #private::Editor::insert_entry(&mut self.0, #place, key, value)
        }
    }
}

fn insert_member(model: &Model, field: &Field) -> TokenStream {
    let Field { vis, lints, deprecated, .. } = field;
    let (name, place, private) = (field.accessor("insert"), place(field), private(model));
    let member = member(model, field);
    let docs = docs::method(field, "Adds a member to", "; concurrent changes of other members survive");
    let errors = docs::errors("if the member can not be stored");
    quote! {
        #docs
        #errors
        #(#lints)*
        #deprecated
        #vis fn #name(&mut self, member: #member) -> ::core::result::Result<(), #private::SessionError> {
            #private::Editor::insert_member(&mut self.0, #place, member)
        }
    }
}

fn remove(model: &Model, field: &Field) -> TokenStream {
    let Field { vis, ty, lints, deprecated, .. } = field;
    let (name, at, private) = (field.accessor("remove"), at(field), private(model));
    let docs = docs::method(field, "Removes a key from", "");
    let borrowed = model.parameter("Q");
    quote! {
        #docs
        #(#lints)*
        #deprecated
        #vis fn #name<#borrowed: ?::core::marker::Sized>(&mut self, key: &#borrowed)
        where
            #ty: #private::Lookup<#borrowed>,
        {
            #private::Editor::remove(&mut self.0, #at, key);
        }
    }
}

/// Returns the types of a map's keys and values, as they are written where that can be seen.
pub(super) fn entry(model: &Model, field: &Field) -> (TokenStream, TokenStream) {
    let (ty, private) = (&field.ty, private(model));
    match arguments(ty).as_slice() {
        [key, value, ..] if written(ty) == Some(Written::Map) => (key.to_token_stream(), value.to_token_stream()),
        _ => (quote!(<#ty as #private::EntryMap>::Key), quote!(<#ty as #private::EntryMap>::Value)),
    }
}

fn member(model: &Model, field: &Field) -> TokenStream {
    let (ty, private) = (&field.ty, private(model));
    match arguments(ty).as_slice() {
        [member, ..] if written(ty) == Some(Written::Set) => member.to_token_stream(),
        _ => quote!(<#ty as #private::MemberSet>::Member),
    }
}
