//! The guard that edits.

use proc_macro2::TokenStream;
use quote::quote;

use super::{accessors, allow, docs, private, whole};
use crate::model::Model;

/// The guard's type, with its accessors.
pub(super) fn items(model: &Model) -> TokenStream {
    let (ident, edit, vis) = (&model.ident, &model.edit, &model.vis);
    let private = private(model);
    let exceptions = exceptions(model);
    let (allow, returned) = (allow(model), model.parameter("R"));
    let doc = docs::line(&format!("The data of this request's session, [`{ident}`], to be read and edited."));
    let accessors = model.fields.iter().filter(|field| field.accessors).map(|field| {
        if field.is_whole() { whole::accessors(model, field) } else { accessors::accessors(model, field) }
    });
    quote! {
        #doc
        #allow
        #vis struct #edit<'r>(#private::Editor<'r, #ident>);
        #allow
        #exceptions
        impl<'r> #edit<'r> {
            /// Returns the session, for its life: end it, rotate its token, list the others.
            #[must_use]
            #vis fn session(&self) -> &#private::Session<'r, #ident> {
                #private::Editor::session(&self.0)
            }
            /// Edits several fields at once; what differs afterwards is what is changed.
            ///
            /// # Errors
            ///
            /// Fails, and changes nothing, if a changed map or set has keys that can not be stored.
            #vis fn update<#returned>(
                &mut self,
                edit: impl ::core::ops::FnOnce(&mut #ident) -> #returned,
            ) -> ::core::result::Result<#returned, #private::SessionError> {
                #private::Editor::update(&mut self.0, edit)
            }
            #(#accessors)*
        }
    }
}

/// Allows what the names of accessors can not help. Not more than that, since it would be an error where it is forbidden.
fn exceptions(model: &Model) -> TokenStream {
    let has = |is: fn(&str) -> bool| model.fields.iter().any(|field| is(&field.name()));
    let reserved = has(|name| name.starts_with('_')).then(|| quote!(#[allow(non_snake_case)]));
    let length = has(|name| name == "len").then(|| quote!(#[allow(clippy::len_without_is_empty)]));
    quote!(#reserved #length)
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
                __session::Editor::data(&self.0)
            }
        }
        #debug
    }
}
