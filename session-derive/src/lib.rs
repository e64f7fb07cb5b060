//! The derive of `rocket_typed_session`.

use proc_macro::TokenStream;

/// Makes a struct a session.
#[proc_macro_derive(Session, attributes(session))]
pub fn derive_session(_input: TokenStream) -> TokenStream {
    TokenStream::new()
}
