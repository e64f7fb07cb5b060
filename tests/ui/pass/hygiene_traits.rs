//! Traits that every type has bring methods of the names that the expansion uses; types are named as its parameters.

use std::collections::BTreeMap;

use rocket_typed_session::Session;
use serde::{Deserialize, Serialize};

trait Anything {
    fn value(&self) -> u8 {
        0
    }
    fn data(self) -> u8
    where
        Self: Sized,
    {
        0
    }
    fn session(&self) {}
    fn update(&self) {}
    fn set(&self, _: u8) {}
    fn set_keyed(&self) {}
    fn insert_entry(&self) {}
    fn add(&self) {}
    fn remove(&self) {}
    fn take(&self) {}
    fn next(&self) {}
}

impl<T: ?Sized> Anything for T {}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
enum Q {
    One,
}

#[derive(Clone, PartialEq, Serialize, Deserialize)]
struct NoDefault;

#[derive(Clone, Session)]
#[session(required, guard(Fresh, fresh = "1h"))]
struct R {
    id: i64,
    none: NoDefault,
    #[session(merge = add)]
    visits: u64,
    #[session(merge = entries)]
    cart: BTreeMap<Q, u8>,
    #[session(flash)]
    notice: Option<String>,
}

#[derive(Clone, Default, Session)]
#[session(name = "bag")]
struct Bag(BTreeMap<Q, u8>);

fn edit(r: &mut RMut<'_>, bag: &mut BagMut<'_>) {
    let _ = r.update(|data| data.id = 1);
    r.remove_cart(&Q::One);
    bag.remove(&Q::One);
    let _ = bag.get(&Q::One);
}

fn main() {
    let _ = edit;
}
