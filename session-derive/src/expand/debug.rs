//! The implementations of `Debug`.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;

use super::spans::over_field;
use crate::model::{Field, Model};

/// `Debug` of a struct that has secrets, without them.
pub(super) fn secret(model: &Model) -> TokenStream {
    let Some(key) = model.secret() else {
        return TokenStream::new();
    };
    let name = model.ident.unraw().to_string();
    let span = key.span().resolved_at(Span::call_site());
    let ident = &model.ident;
    let fields = model.fields.iter().map(field);
    // Beside a derived `Debug` the compiler says that there are two, and points at the key that asked for this one.
    quote_spanned! {span=>
        #[automatically_derived]
        impl ::core::fmt::Debug for #ident {
            fn fmt(&self, __formatter: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                __formatter.debug_struct(#name) #(#fields)* .finish()
            }
        }
    }
}

fn field(field: &Field) -> TokenStream {
    let (name, member) = (field.name(), &field.member);
    if field.attrs.secret.is_some() {
        return quote!(.field(#name, &::core::format_args!("[secret]")));
    }
    let value = over_field(&field.ty, "self", member);
    quote!(.field(#name, #value))
}

/// `Debug` of a guard, without its data.
pub(super) fn dataless(guard: &Ident) -> TokenStream {
    let name = format!("{}(..)", guard.unraw());
    quote! {
        #[automatically_derived]
        impl ::core::fmt::Debug for #guard<'_> {
            fn fmt(&self, __formatter: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                __formatter.write_str(#name)
            }
        }
    }
}
