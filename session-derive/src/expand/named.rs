//! The guards that the struct names.

use proc_macro2::TokenStream;
use quote::quote;

use super::{docs, guard, policy};
use crate::model::{Guard, Model};

/// The type of a guard.
pub(super) fn items(model: &Model, guard: &Guard) -> TokenStream {
    let (ident, name, vis) = (&model.ident, &guard.ident, &guard.vis);
    let doc = docs::line(&format!("The data of a session, [`{ident}`], that meets the conditions of this guard."));
    quote! {
        #doc
        #[derive(::core::clone::Clone, ::core::marker::Copy)]
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
    quote! {
        #guard
        #[automatically_derived]
        impl ::core::ops::Deref for #name<'_> {
            type Target = #ident;
            fn deref(&self) -> &#ident {
                self.0
            }
        }
        #debug
    }
}
