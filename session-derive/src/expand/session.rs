//! The implementations of `SessionData`, `SessionIdentifier` and `SessionStamp`.

use proc_macro2::TokenStream;
use quote::quote;

use super::spans::{over, type_item};
use super::{fields, policy};
use crate::attr::Otherwise;
use crate::model::Model;
use crate::written::{Written, arguments, written};

/// What a session is.
pub(super) fn data(model: &Model) -> TokenStream {
    let (ident, edit) = (&model.ident, &model.edit);
    let name = model.name.as_ref().map_or_else(|| quote!("session"), |name| quote!(#name));
    let required = required(model);
    let policy = policy::policy(model, &model.conditions, None);
    let consts: Vec<_> = model.fields.iter().map(fields::ident).collect();
    let members = model.fields.iter().map(|field| &field.member);
    let anonymous = anonymous(model);
    let identity = identity(model);
    let stamped = model.stamp().map(|_| {
        quote!(
            const STAMPED: bool = true;
        )
    });
    quote! {
        #[automatically_derived]
        impl __session::SessionData for #ident {
            type Mut<'r> = #edit<'r>;
            const NAME: &'static str = #name;
            const REQUIRED: ::core::option::Option<__session::Otherwise> = #required;
            const POLICY: __session::Policy<Self> = #policy;
            const FIELDS: &'static [__session::Field<Self>] = &[#(__session::Field::new(&#consts)),*];
            #stamped
            fn decode(__decoder: &mut __session::Decoder<'_, Self>) -> ::core::option::Option<Self> {
                ::core::option::Option::Some(Self { #(#members: __session::Decoder::next(__decoder, &#consts)?),* })
            }
            fn anonymous() -> ::core::option::Option<Self> {
                #anonymous
            }
            fn wrap(__editor: __session::Editor<'_, Self>) -> #edit<'_> {
                #edit(__editor)
            }
            #identity
        }
    }
}

fn required(model: &Model) -> TokenStream {
    match model.required {
        None => quote!(::core::option::Option::None),
        Some(Otherwise::Refuse) => quote!(::core::option::Option::Some(__session::Otherwise::Refuse)),
        Some(Otherwise::Forward) => quote!(::core::option::Option::Some(__session::Otherwise::Forward)),
    }
}

fn anonymous(model: &Model) -> TokenStream {
    if !model.begins {
        return quote!(::core::option::Option::None);
    }
    let ident = &model.ident;
    let start = over(ident, quote!(<#ident as __session::Anonymous>::anonymous));
    quote!(::core::option::Option::Some(#start()))
}

fn identity(model: &Model) -> Option<TokenStream> {
    let name = model.identifier()?.stored_name();
    Some(quote! {
        const IDENTIFIER: ::core::option::Option<&'static str> = ::core::option::Option::Some(#name);
        fn identity(&self) -> ::core::option::Option<__session::String> {
            __session::identity(self)
        }
    })
}

/// Whose a session is.
pub(super) fn identifier(model: &Model) -> TokenStream {
    let Some(field) = model.identifier() else {
        return TokenStream::new();
    };
    let (ident, member) = (&model.ident, &field.member);
    let inner = match written(&field.ty) {
        Some(Written::Option) => arguments(&field.ty).first().copied(),
        _ => None,
    };
    let (ty, id) = match inner {
        Some(inner) => (inner, quote!(::core::clone::Clone::clone(&self.#member))),
        None => (&field.ty, quote!(::core::option::Option::Some(::core::clone::Clone::clone(&self.#member)))),
    };
    let item = type_item(&quote!(Id), ty, &field.ty);
    quote! {
        #[automatically_derived]
        impl __session::SessionIdentifier for #ident {
            #item
            fn identifier(&self) -> ::core::option::Option<#ty> {
                #id
            }
        }
    }
}

/// What a session is compared with its owner's account by.
pub(super) fn stamp(model: &Model) -> TokenStream {
    let Some(field) = model.stamp() else {
        return TokenStream::new();
    };
    let (ident, member, ty) = (&model.ident, &field.member, &field.ty);
    let item = type_item(&quote!(Stamp), ty, ty);
    quote! {
        #[automatically_derived]
        impl __session::SessionStamp for #ident {
            #item
            fn stamp(&self) -> &#ty {
                &self.#member
            }
        }
    }
}
