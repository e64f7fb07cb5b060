//! The user's own names hide those of the standard library, and of the runtime.

#![allow(dead_code, non_camel_case_types, non_upper_case_globals)]

use std::collections::BTreeMap;

mod core {}
mod rocket {}
mod serde_json {}
mod rocket_typed_session {}

struct Option;
struct Some;
struct None;
struct Result;
struct Ok;
struct Err;
struct Box;
struct Pin;
struct Vec;
struct Clone;
struct Copy;
struct Default;
struct Debug;
struct Deref;
struct Sized;
struct FnOnce;
struct Into;
struct FromRequest;
struct Sentinel;
struct SessionData;
struct Field;
struct Kind;
struct Json;
struct Policy;
struct Editor;

const id: u8 = 0;
const theme: u8 = 0;
const data: u8 = 0;
const request: u8 = 0;

#[derive(::core::clone::Clone, ::rocket_typed_session::Session)]
#[session(required, guard(Admin, check = User::is_first, vis = pub(crate)))]
struct User {
    #[session(identifier)]
    id: i64,
    theme: String,
    #[session(merge = add)]
    visits: u64,
    #[session(merge = entries, secret)]
    cart: BTreeMap<u32, u32>,
    #[session(flash)]
    notice: ::core::option::Option<String>,
}

impl User {
    fn is_first(&self) -> bool {
        self.id == 1
    }
}

fn main() {}
