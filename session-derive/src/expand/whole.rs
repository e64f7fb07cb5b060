//! The accessors of a tuple struct around one map.

use proc_macro2::TokenStream;
use quote::quote;

use super::fields::{at, place};
use super::{keyed, private};
use crate::model::{Field, Model};

/// Returns the accessors, which have no field's name to bear.
pub(super) fn accessors(model: &Model, field: &Field) -> TokenStream {
    if !field.storable {
        return TokenStream::new();
    }
    let Field { vis, ty, lints, .. } = field;
    let borrowed = model.parameter("Q");
    let (private, at, place) = (private(model), at(field), place(field));
    let (key, value) = keyed::entry(model, field);
    let result = quote!(::core::result::Result<(), #private::SessionError>);
    quote! {
        /// The entries of this session.
        #(#lints)*
        #[must_use]
        #vis fn entries(&self) -> &#ty {
            &#private::Editor::data(&self.0).0
        }
        /// Returns the value of a key.
        #(#lints)*
        #[must_use]
        #vis fn get<#borrowed: ?::core::marker::Sized>(&self, key: &#borrowed) -> ::core::option::Option<&#value>
        where
            #ty: #private::Find<#borrowed>,
        {
            #private::Find::find(&#private::Editor::data(&self.0).0, key)
        }
        /// Sets the value of a key; concurrent changes of other keys survive.
        ///
        /// # Errors
        ///
        /// Fails, and changes nothing, if the key can not be stored.
        #(#lints)*
        #vis fn insert(&mut self, key: #key, value: #value) -> #result {
            #private::Editor::insert_entry(&mut self.0, #place, key, value)
        }
        /// Removes a key.
        #(#lints)*
        #vis fn remove<#borrowed: ?::core::marker::Sized>(&mut self, key: &#borrowed)
        where
            #ty: #private::Lookup<#borrowed>,
        {
            #private::Editor::remove(&mut self.0, #at, key);
        }
        /// Sets all entries: those that were loaded and are not among these are removed; what others insert meanwhile stays.
        ///
        /// # Errors
        ///
        /// Fails, and changes nothing, if a key can not be stored.
        #(#lints)*
        #vis fn set(&mut self, entries: #ty) -> #result {
            #private::Editor::set_keyed(&mut self.0, #place, entries)
        }
    }
}
