//! The guards that the struct names.

use proc_macro2::TokenStream;
use quote::quote;

use super::spans::type_item;
use super::{allow, docs, guard, policy};
use crate::model::{Guard, Model};

/// The type of a guard.
pub(super) fn items(model: &Model, guard: &Guard) -> TokenStream {
    let (ident, name, vis, allow) = (&model.ident, &guard.ident, &guard.vis, allow(model));
    let doc = docs::line(&format!("The data of a session, [`{ident}`], that meets the conditions of this guard."));
    quote! {
        #doc
        #allow
        #vis struct #name<'r>(&'r #ident);
    }
}

/// What a guard does.
pub(super) fn impls(model: &Model, named: &Guard) -> TokenStream {
    let (ident, name) = (&model.ident, &named.ident);
    let policy = policy::policy(model, &named.conditions, named.otherwise);
    let call = quote!(__session::named::<#ident, Self>(__request, const { &#policy }, #name));
    let guard = guard::guard(model, |lifetime| quote!(#name<#lifetime>), &call);
    let debug = super::debug::dataless(name);
    let vis = &named.vis;
    let target = type_item(&quote!(Target), ident, quote!(#vis #name));
    quote! {
        #guard
        #[automatically_derived]
        impl ::core::clone::Clone for #name<'_> {
            fn clone(&self) -> Self {
                *self
            }
        }
        #[automatically_derived]
        impl ::core::marker::Copy for #name<'_> {}
        #[automatically_derived]
        impl ::core::ops::Deref for #name<'_> {
            #target
            fn deref(&self) -> &#ident {
                self.0
            }
        }
        #debug
    }
}
