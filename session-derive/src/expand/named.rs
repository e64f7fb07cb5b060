//! The guards that the struct names.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::Token;

use super::spans::{begun, type_item};
use super::{allow, docs, guard, policy};
use crate::model::{Guard, Model};

/// The type of a guard.
pub(super) fn items(model: &Model, guard: &Guard) -> TokenStream {
    let (ident, name, vis, allow) = (&model.ident, &guard.ident, &guard.vis, allow(model));
    let doc = docs::line(&format!("The data of a session, [`{ident}`], that meets the conditions of this guard."));
    // Beside another of that name the compiler says that there are two, and points at the name in the attribute.
    let at = name.span().resolved_at(Span::call_site());
    let (vis, word, end) = (begun(vis, at), Token![struct](at), Token![;](at));
    quote! {
        #doc
        #allow
        #vis #word #name<'r>(&'r #ident) #end
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
