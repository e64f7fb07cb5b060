//! Names that are keywords.

#![allow(non_camel_case_types)]

use rocket_typed_session::Session;

#[derive(Clone, Default, Session)]
#[session(guard(r#for, fresh = "1d"), mut = r#dyn)]
struct r#struct {
    r#type: String,
    #[session(merge = add)]
    r#loop: u8,
    #[session(flash, rename = "true")]
    r#match: Option<u8>,
}

fn edit(mut edit: r#dyn<'_>) -> Option<u8> {
    edit.set_type("a");
    edit.add_loop(1);
    let _ = (edit.r#type().len(), edit.r#loop());
    edit.take_match()
}

fn read(guard: r#for<'_>) -> u8 {
    guard.r#loop
}

fn main() {
    let _ = (edit, read);
}
