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
    let Field { vis, ty, .. } = field;
    let (private, at, place) = (private(model), at(field), place(field));
    let (key, value) = keyed::entry(model, field);
    let result = quote!(::core::result::Result<(), #private::SessionError>);
    quote! {
        /// The entries of this session.
        #[must_use]
        #vis fn entries(&self) -> &#ty {
            &self.0.data().0
        }
        /// Returns the value of a key.
        #[must_use]
        #vis fn get<Q: ?::core::marker::Sized>(&self, key: &Q) -> ::core::option::Option<&#value>
        where
            #ty: #private::Find<Q>,
        {
            #private::Find::find(&self.0.data().0, key)
        }
        /// Sets the value of a key; concurrent changes of other keys survive.
        ///
        /// # Errors
        ///
        /// Fails, and changes nothing, if the key can not be stored.
        #vis fn insert(&mut self, key: #key, value: #value) -> #result {
            self.0.insert_entry(#at, key, value)
        }
        /// Removes a key.
        #vis fn remove<Q: ?::core::marker::Sized>(&mut self, key: &Q)
        where
            #ty: #private::Lookup<Q>,
        {
            self.0.remove(#at, key);
        }
        /// Sets all entries.
        ///
        /// # Errors
        ///
        /// Fails, and changes nothing, if a key can not be stored.
        #vis fn set(&mut self, entries: #ty) -> #result {
            self.0.set_keyed(#place, entries)
        }
    }
}
