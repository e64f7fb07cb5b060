//! The struct comes from a `macro_rules!`, which hands on types and expressions as wholes.

#![deny(warnings)]

use std::collections::{BTreeMap, BTreeSet};

use rocket_typed_session::{Session, SessionIdentifier};

macro_rules! session {
    ($name:ident, $id:ty, $text:ty, $number:ty, $map:ty, $set:ty, $maybe:ty, $least:expr) => {
        #[derive(Clone, Session)]
        #[session(required, guard(Chief, min = $least, vis = pub(crate)), name = "made")]
        pub struct $name {
            #[session(identifier)]
            pub id: $id,
            #[session(role)]
            pub level: $number,
            pub theme: $text,
            #[session(merge = add)]
            pub visits: $number,
            #[session(merge = entries)]
            pub cart: $map,
            #[session(merge = members)]
            pub tags: $set,
            #[session(flash)]
            pub notice: $maybe,
        }
    };
}

#[derive(Clone, Copy)]
pub enum Level {
    Chief = 7,
}

session!(
    User,
    Option<i64>,
    String,
    u8,
    BTreeMap<u32, u32>,
    BTreeSet<String>,
    Option<String>,
    Level::Chief as u8
);

pub fn edit(user: &mut UserMut<'_>) -> Result<u8, rocket_typed_session::SessionError> {
    user.set_theme("dark");
    user.set_id(Some(7));
    user.insert_cart(1, 2)?;
    user.remove_cart(&1);
    user.insert_tags("new".to_owned())?;
    user.remove_tags("new");
    user.take_notice();
    Ok(user.visits() + 1)
}

pub fn id(user: &User) -> Option<i64> {
    user.identifier()
}

fn main() {}
