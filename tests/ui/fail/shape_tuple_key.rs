use rocket_typed_session::Session;

use std::collections::BTreeMap;

#[derive(Clone, Default, Session)]
struct Bag(#[session(merge = replace)] BTreeMap<String, u32>);

fn main() {}
