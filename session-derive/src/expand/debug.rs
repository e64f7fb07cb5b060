//! The implementations of `Debug`.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;

use super::spans::over;
use crate::model::{Field, Model};

/// `Debug` of a struct that has secrets, without them.
pub(super) fn secret(model: &Model) -> TokenStream {
    let Some(key) = model.secret() else {
        return TokenStream::new();
    };
    let (ident, name) = (&model.ident, model.ident.unraw().to_string());
    let fields = model.fields.iter().map(field);
    // Beside a derived `Debug` the compiler says that there are two; it then points at the key that asked for this.
    let (debug, user) = (key.span(), ident.clone());
    let trait_path = quote_spanned!(debug=> ::core::fmt::Debug);
    let user = Ident::new(&user.to_string(), Span::call_site());
    quote! {
        impl #trait_path for #user {
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
    let value = over(&field.ty, quote!(&self.#member));
    quote!(.field(#name, #value))
}

/// `Debug` of a guard, without its data.
pub(super) fn dataless(guard: &Ident) -> TokenStream {
    let name = format!("{}(..)", guard.unraw());
    quote! {
        impl ::core::fmt::Debug for #guard<'_> {
            fn fmt(&self, __formatter: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                __formatter.write_str(#name)
            }
        }
    }
}
