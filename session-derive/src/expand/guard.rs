//! The request guards of the struct: by reference, by value, and to edit.

use proc_macro2::TokenStream;
use quote::quote;

use crate::model::Model;

/// The guards that every session has.
pub(super) fn impls(model: &Model) -> TokenStream {
    let (ident, edit) = (&model.ident, &model.edit);
    let guards = [
        guard(model, |lifetime| quote!(&#lifetime #ident), &quote!(__session::read::<#ident>(__request))),
        guard(model, |_| quote!(#ident), &quote!(__session::owned::<#ident>(__request))),
        guard(model, |lifetime| quote!(#edit<#lifetime>), &quote!(__session::edit::<#ident>(__request))),
    ];
    guards.into_iter().collect()
}

/// Implements `FromRequest` as `#[async_trait]` would write it, and `Sentinel`, which asks for the fairing at launch.
pub(super) fn guard(model: &Model, ty: impl Fn(TokenStream) -> TokenStream, call: &TokenStream) -> TokenStream {
    let ident = &model.ident;
    let (named, elided) = (ty(quote!('r)), ty(quote!('_)));
    quote! {
        #[automatically_derived]
        impl<'r> __session::FromRequest<'r> for #named {
            type Error = __session::GuardError;
            fn from_request<'l: 'f, 'f>(__request: &'r __session::Request<'l>) -> __session::Guarding<'f, Self>
            where
                'r: 'f,
            {
                #call
            }
        }
        #[automatically_derived]
        impl __session::Sentinel for #elided {
            fn abort(__rocket: &__session::Rocket<__session::Ignite>) -> bool {
                __session::aborts::<#ident>(__rocket)
            }
        }
    }
}
