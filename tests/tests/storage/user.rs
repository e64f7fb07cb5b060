//! A struct with a field of each merge kind, and random values and edits of it.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use proptest::collection::{btree_map, btree_set, hash_map, hash_set, vec};
use proptest::option;
use proptest::prelude::*;
use rocket_typed_session::record::Meta;
use rocket_typed_session::{Handle, Identity, Session, Timestamp};

#[derive(Clone, Debug, Default, PartialEq, Session)]
pub(crate) struct User {
    #[session(identifier)]
    pub id: Option<u8>,
    pub theme: String,
    #[session(merge = add)]
    pub visits: i8,
    #[session(merge = add)]
    pub points: u64,
    #[session(merge = entries)]
    pub cart: BTreeMap<String, u8>,
    #[session(merge = members)]
    pub seen: BTreeSet<u8>,
    #[session(merge = entries)]
    pub stock: HashMap<String, u8>,
    #[session(merge = members)]
    pub marks: HashSet<u8>,
    #[session(flash)]
    pub notice: Option<u8>,
    #[session(merge = reject)]
    pub seat: u8,
}

impl User {
    pub(crate) const FIELDS: [&str; 10] =
        ["id", "theme", "visits", "points", "cart", "seen", "stock", "marks", "notice", "seat"];
}

/// An edit of one field.
#[derive(Debug, Clone)]
pub(crate) enum Edit {
    Id(Option<u8>),
    Theme(String),
    Visits(i8),
    Points(u64),
    Cart(BTreeMap<String, u8>),
    Seen(BTreeSet<u8>),
    Stock(HashMap<String, u8>),
    Marks(HashSet<u8>),
    Notice(Option<u8>),
    Seat(u8),
}

impl Edit {
    pub(crate) fn apply(&self, user: &mut User) {
        match self.clone() {
            Self::Id(id) => user.id = id,
            Self::Theme(theme) => user.theme = theme,
            Self::Visits(visits) => user.visits = visits,
            Self::Points(points) => user.points = points,
            Self::Cart(cart) => user.cart = cart,
            Self::Seen(seen) => user.seen = seen,
            Self::Stock(stock) => user.stock = stock,
            Self::Marks(marks) => user.marks = marks,
            Self::Notice(notice) => user.notice = notice,
            Self::Seat(seat) => user.seat = seat,
        }
    }
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![Just(String::new()), "[a-c]", "\\PC{0,4}", Just("\0\"\\\u{2028}\u{1f600}".to_owned())]
}

fn stock() -> impl Strategy<Value = HashMap<String, u8>> {
    hash_map(text(), 0..3_u8, 0..4)
}

fn cart() -> impl Strategy<Value = BTreeMap<String, u8>> {
    btree_map(text(), 0..3_u8, 0..4)
}

pub(crate) fn user() -> impl Strategy<Value = User> {
    let first = (option::of(0..2_u8), text(), any::<i8>(), points());
    let keyed = (cart(), btree_set(0..4_u8, 0..4), stock(), hash_set(0..4_u8, 0..4));
    (first, keyed, option::of(0..2_u8), 0..2_u8).prop_map(
        |((id, theme, visits, points), (cart, seen, stock, marks), notice, seat)| User {
            id,
            theme,
            visits,
            points,
            cart,
            seen,
            stock,
            marks,
            notice,
            seat,
        },
    )
}

/// Integers up to the greatest that a field which merges by addition keeps.
fn points() -> impl Strategy<Value = u64> {
    prop_oneof![0..5_u64, (i64::MAX as u64 - 2)..=i64::MAX as u64, any::<u32>().prop_map(u64::from)]
}

fn edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        option::of(0..2_u8).prop_map(Edit::Id),
        text().prop_map(Edit::Theme),
        any::<i8>().prop_map(Edit::Visits),
        points().prop_map(Edit::Points),
        cart().prop_map(Edit::Cart),
        btree_set(0..4_u8, 0..4).prop_map(Edit::Seen),
        stock().prop_map(Edit::Stock),
        hash_set(0..4_u8, 0..4).prop_map(Edit::Marks),
        option::of(0..2_u8).prop_map(Edit::Notice),
        (0..2_u8).prop_map(Edit::Seat),
    ]
}

pub(crate) fn edits() -> impl Strategy<Value = Vec<Edit>> {
    vec(edit(), 0..4)
}

pub(crate) fn identity(number: u8) -> Identity {
    Identity::new("user", &number.to_string())
}

pub(crate) fn meta(handle: Handle, identified: bool, now: Timestamp, expires_at: Timestamp) -> Meta {
    Meta { identified, newborn: !identified, authenticated_at: now, ..Meta::new(handle, now, expires_at) }
}
