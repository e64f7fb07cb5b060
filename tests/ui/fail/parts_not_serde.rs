use std::collections::{BTreeMap, BTreeSet};

use rocket_typed_session::Session;

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Plain;

#[derive(Clone, Session)]
#[session(required)]
struct Keys {
    #[session(merge = entries)]
    keys: BTreeMap<Plain, u32>,
}

#[derive(Clone, Session)]
#[session(required)]
struct Values {
    #[session(merge = entries)]
    values: BTreeMap<u32, Plain>,
}

#[derive(Clone, Session)]
#[session(required)]
struct Marks {
    #[session(merge = members)]
    members: BTreeSet<Plain>,
}

#[derive(Clone, Session)]
#[session(required)]
struct Bag(BTreeMap<String, Plain>);

fn main() {}
