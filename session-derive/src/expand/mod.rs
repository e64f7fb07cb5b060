//! Writes what the derive generates.

mod accessors;
mod debug;
mod docs;
mod edit;
mod fields;
mod guard;
mod keyed;
mod named;
mod policy;
mod session;
mod spans;
mod whole;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

use crate::model::Model;

/// Returns everything that is generated.
///
/// Types that users name stand beside their struct, implementations in a block in which the runtime has a short name.
pub(crate) fn expand(model: &Model) -> TokenStream {
    let private = private(model);
    let allow = allow(model);
    let edit = edit::items(model);
    let named = model.guards.iter().map(|guard| named::items(model, guard));
    let parts = [
        fields::consts(model),
        session::data(model),
        session::identifier(model),
        session::stamp(model),
        debug::secret(model),
        edit::impls(model),
        guard::impls(model),
        model.guards.iter().map(|guard| named::impls(model, guard)).collect(),
    ];
    quote! {
        #edit
        #(#named)*
        #allow
        #[allow(non_upper_case_globals)]
        const _: () = {
            use #private as __session;
            use __session::NoFallback as _;
            #(#parts)*
        };
    }
}

/// Returns the attributes of what users name: the levels of lints that they have set, and that it may use what they
/// deprecate.
fn allow(model: &Model) -> TokenStream {
    let (lints, deprecated) = (&model.lints, model.deprecated.then(|| quote!(#[allow(deprecated)])));
    quote!(#(#lints)* #deprecated)
}

/// Returns the path of what the runtime keeps for the derive.
fn private(model: &Model) -> TokenStream {
    let krate = model.krate.to_token_stream();
    quote!(#krate::__private)
}
