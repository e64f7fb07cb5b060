//! The guard that edits.

use proc_macro2::TokenStream;
use quote::quote;

use super::{accessors, docs, private, whole};
use crate::model::Model;

/// The guard's type, with its accessors.
pub(super) fn items(model: &Model) -> TokenStream {
    let (ident, edit, vis) = (&model.ident, &model.edit, &model.vis);
    let private = private(model);
    let allow = model.deprecated.then(|| quote!(#[allow(deprecated)]));
    let doc = docs::line(&format!("The data of this request's session, [`{ident}`], to be read and edited."));
    let accessors = model.fields.iter().filter(|field| field.accessors).map(|field| {
        if field.is_whole() { whole::accessors(model, field) } else { accessors::accessors(model, field) }
    });
    quote! {
        #doc
        #allow
        #vis struct #edit<'r>(#private::Editor<'r, #ident>);
        #allow
        impl<'r> #edit<'r> {
            /// Returns the session, for its life: end it, rotate its token, list the others.
            #[must_use]
            #vis fn session(&self) -> &#private::Session<'r, #ident> {
                self.0.session()
            }
            /// Edits several fields at once; what differs afterwards is what is changed.
            ///
            /// # Errors
            ///
            /// Fails, and changes nothing, if a changed map or set has keys that can not be stored.
            #vis fn update<R>(
                &mut self,
                edit: impl ::core::ops::FnOnce(&mut #ident) -> R,
            ) -> ::core::result::Result<R, #private::SessionError> {
                self.0.update(edit)
            }
            #(#accessors)*
        }
    }
}

/// What the guard does beside its accessors.
pub(super) fn impls(model: &Model) -> TokenStream {
    let (ident, edit) = (&model.ident, &model.edit);
    let debug = super::debug::dataless(edit);
    quote! {
        #[automatically_derived]
        impl ::core::ops::Deref for #edit<'_> {
            type Target = #ident;
            fn deref(&self) -> &#ident {
                self.0.data()
            }
        }
        #debug
    }
}
