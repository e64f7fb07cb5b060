//! One constant per field: how it is reached, stored, compared and merged.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{format_ident, quote};
use syn::{ExprPath, Type};

use super::spans::{ends, local_at, over, over_call};
use crate::attr::{FieldDefault, Merge, Undecodable};
use crate::model::{Field, Model};

pub(super) fn consts(model: &Model) -> TokenStream {
    model.fields.iter().map(|field| constant(model, field)).collect()
}

/// Returns the name of a field's constant, which hides no constant of the user's. It is not at the field: the compiler
/// would offer to make a type that it does not find a parameter of the constant, and say so once more.
pub(super) fn ident(field: &Field) -> Ident {
    format_ident!("__session_{}", field.ident, span = Span::call_site())
}

/// Returns what the editor knows a field by.
pub(super) fn index(field: &Field) -> Literal {
    Literal::usize_unsuffixed(field.index)
}

/// Returns what the editor needs to replace a field.
pub(super) fn place(field: &Field) -> TokenStream {
    let (index, member) = (index(field), &field.member);
    quote!(#index, |__data| &mut __data.#member)
}

/// Returns what the editor needs to reach a field.
pub(super) fn at(field: &Field) -> TokenStream {
    let (index, reach) = (index(field), reach(field));
    quote!(#index, #reach)
}

fn reach(field: &Field) -> TokenStream {
    let member = &field.member;
    quote!(|__data| &__data.#member, |__data| &mut __data.#member)
}

fn constant(model: &Model, field: &Field) -> TokenStream {
    let (ident, ty, name) = (ident(field), &field.ty, field.stored_name());
    let data = &model.ident;
    let (kind, reach, default, options) = (kind(field), reach(field), default(field), options(field));
    // A method hides from the closures whose field they reach.
    let of = (!options.is_empty()).then(|| quote!(::<#data, #ty>));
    let lints = &field.lints;
    quote! {
        #(#lints)*
        const #ident: __session::FieldOf<#data, #ty> =
            __session::FieldOf #of::new(#name, #kind, #reach, #default) #options;
    }
}

fn kind(field: &Field) -> TokenStream {
    let codec = codec(field);
    let kind = match field.merge() {
        _ if field.attrs.flash.is_some() => quote!(&__session::Flash(#codec)),
        Merge::Replace => quote!(&__session::Replace(#codec)),
        Merge::Reject => quote!(&__session::Reject(#codec)),
        Merge::Add => quote!(&__session::Add),
        Merge::Entries => quote!(&__session::Entries),
        Merge::Members => quote!(&__session::Members),
    };
    match &field.attrs.with {
        Some(_) => kind,
        None => over(&field.ty, kind),
    }
}

fn codec(field: &Field) -> TokenStream {
    match &field.attrs.with {
        _ if !field.storable => {
            quote!(__session::With(|_, _| ::core::unreachable!(), |_| ::core::unreachable!()))
        }
        Some(with) => with_functions(field, with),
        None => quote!(__session::Json),
    }
}

fn with_functions(field: &Field, with: &ExprPath) -> TokenStream {
    let ty = &field.ty;
    let [value, to, from] = ["__value", "__to", "__from"].map(|name| local_at(ends(with).1, name));
    let serialize = over_call(with, &quote!(#with::serialize), quote!(#value, #to));
    let deserialize = over_call(with, &quote!(#with::deserialize), quote!(#from));
    quote!(__session::With::<#ty>(|__value, __to| #serialize, |__from| #deserialize))
}

fn default(field: &Field) -> TokenStream {
    let ty = &field.ty;
    let value = match &field.attrs.default {
        FieldDefault::Unsaid if field.attrs.undecodable == Some(Undecodable::Default) => of_type(ty),
        FieldDefault::Unsaid => return quote!(|| __session::Fallback::<#ty>::new().__session_default()),
        FieldDefault::OfType => of_type(ty),
        FieldDefault::Value(value) => quote!(#value),
    };
    quote! {
        || {
            let __default: #ty = #value;
            ::core::option::Option::Some(__default)
        }
    }
}

fn of_type(ty: &Type) -> TokenStream {
    over(ty, quote!(::core::default::Default::default()))
}

fn options(field: &Field) -> TokenStream {
    let aliases = &field.attrs.aliases;
    let aliases = (!aliases.is_empty()).then(|| quote!(.aliases(&[#(#aliases),*])));
    let rotating = field.rotates().then(|| quote!(.rotating()));
    let migrating = field.attrs.migrate.as_ref().map(|migrate| quote!(.migrating(#migrate)));
    let undecodable = field.ends_undecodable().then(|| quote!(.undecodable(__session::Undecodable::End)));
    quote!(#aliases #rotating #migrating #undecodable)
}
