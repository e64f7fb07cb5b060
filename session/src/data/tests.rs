//! How a derived struct is read from what is stored, and which conditions it meets.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde::{Deserialize, Deserializer, Serializer};
use serde_json::Value;

use super::{Decoder, SessionData, SessionIdentifier};
use crate::Session;
use crate::record::{FieldText, Fields, Texts};

#[derive(Debug, Clone, PartialEq, Session)]
#[session(crate = crate, required)]
struct User {
    #[session(identifier)]
    id: u64,
    #[session(rename = "colour", alias = "color", alias = "theme")]
    theme: String,
    #[session(default = 7)]
    visits: u64,
    #[session(default)]
    admin: bool,
    #[session(migrate = from_text)]
    age: u8,
    #[session(undecodable = end, default = 1)]
    plan: u8,
    #[session(with = hex)]
    key: Bytes,
    #[session(merge = entries)]
    cart: BTreeMap<String, u32>,
    #[session(merge = members)]
    tags: BTreeSet<String>,
    #[session(flash)]
    notice: Option<String>,
}

/// A type that knows nothing of serde, and has no default.
#[derive(Debug, Clone, PartialEq)]
struct Bytes(Vec<u8>);

mod hex {
    use super::{Bytes, Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(bytes: &Bytes, to: S) -> Result<S::Ok, S::Error> {
        let digits = bytes.0.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        to.collect_str(&digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect::<String>())
    }

    pub(super) fn deserialize<'d, D: Deserializer<'d>>(from: D) -> Result<Bytes, D::Error> {
        let text = String::deserialize(from)?;
        let pairs = text.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap_or_default());
        let bytes: Result<_, _> = pairs.map(|pair| u8::from_str_radix(pair, 16)).collect();
        bytes.map(Bytes).map_err(serde::de::Error::custom)
    }
}

fn from_text(stored: Value) -> Option<u8> {
    stored.as_str()?.parse().ok()
}

const STORED: [(&str, &str); 10] = [
    ("id", "1"),
    ("colour", "\"dark\""),
    ("visits", "2"),
    ("admin", "true"),
    ("age", "40"),
    ("plan", "3"),
    ("key", "\"0aff\""),
    ("cart", "{\"7\":2}"),
    ("tags", "{\"new\":true}"),
    ("notice", "\"hello\""),
];

fn user() -> User {
    User {
        id: 1,
        theme: "dark".into(),
        visits: 2,
        admin: true,
        age: 40,
        plan: 3,
        key: Bytes(vec![10, 255]),
        cart: BTreeMap::from([("7".into(), 2)]),
        tags: BTreeSet::from(["new".into()]),
        notice: Some("hello".into()),
    }
}

/// The fields that [`user`] is stored as, without one of them, and with others.
fn stored(without: &str, with: &[(&str, &str)]) -> Fields {
    let kept = STORED.into_iter().filter(|(name, _)| *name != without);
    kept.chain(with.iter().copied()).map(|(name, text)| (name.into(), FieldText::Json(text.into()))).collect()
}

/// What is read of the fields, with the bits of those that are stored otherwise, and the names of the unreadable.
fn read<T: SessionData>(fields: &Fields) -> (Option<T>, u128, Vec<&'static str>) {
    let mut decoder = Decoder::new(Texts::Fields(fields));
    let data = T::decode(&mut decoder);
    let foreign = decoder.foreign();
    (data, foreign.missing | foreign.misfit, decoder.take_unread().into_iter().map(|unread| unread.field).collect())
}

fn encoded<T: SessionData>(data: &T) -> BTreeMap<&'static str, String> {
    T::FIELDS
        .iter()
        .map(|field| (field.name(), field.encode(data).map(|text| text.json().into_owned()).unwrap_or_default()))
        .collect()
}

#[test]
fn what_is_encoded_is_decoded() {
    assert_eq!(encoded(&user()), BTreeMap::from(STORED.map(|(name, text)| (name, text.to_owned()))));
    assert_eq!(read(&stored("", &[])), (Some(user()), 0, vec![]));
}

#[test]
fn a_missing_field_takes_its_default() {
    let (read, foreign, unread) = read::<User>(&stored("visits", &[]));
    assert_eq!(read, Some(User { visits: 7, ..user() }));
    assert_eq!((foreign, unread), (1 << 2, vec![]));
}

#[test]
fn a_missing_field_takes_the_default_of_its_type() {
    assert_eq!(read(&stored("admin", &[])).0, Some(User { admin: false, ..user() }));
    assert_eq!(read(&stored("cart", &[])).0, Some(User { cart: BTreeMap::new(), ..user() }));
    assert_eq!(read(&stored("notice", &[])).0, Some(User { notice: None, ..user() }));
}

#[test]
fn a_missing_field_without_a_default_is_no_session() {
    assert_eq!(read::<User>(&stored("key", &[])), (None, 0, vec!["key"]));
}

#[test]
fn a_field_is_found_under_its_aliases_in_order() {
    let both = [("theme", "\"old\""), ("color", "\"new\"")];
    let (found, foreign, unread) = read::<User>(&stored("colour", &both));
    assert_eq!(found, Some(User { theme: "new".into(), ..user() }));
    assert_eq!((foreign, unread), (1 << 1, vec![]));
    assert_eq!(read(&stored("colour", &both[..1])).0, Some(User { theme: "old".into(), ..user() }));
}

#[test]
fn the_own_name_goes_before_an_alias() {
    assert_eq!(read(&stored("", &[("color", "\"old\"")])), (Some(user()), 0, vec![]));
}

#[test]
fn what_can_not_be_read_is_migrated() {
    let (found, foreign, unread) = read::<User>(&stored("age", &[("age", "\"41\"")]));
    assert_eq!(found, Some(User { age: 41, ..user() }));
    assert_eq!((foreign, unread), (1 << 4, vec![]));
}

#[test]
fn what_can_not_be_read_takes_its_default_and_is_told() {
    let (found, foreign, unread) = read::<User>(&stored("age", &[("age", "\"young\"")]));
    assert_eq!(found, Some(User { age: 0, ..user() }));
    assert_eq!((foreign, unread), (1 << 4, vec!["age"]));
}

#[test]
fn what_can_not_be_read_ends_the_session_where_that_is_asked() {
    assert_eq!(read::<User>(&stored("plan", &[("plan", "\"free\"")])), (None, 0, vec!["plan"]));
    assert_eq!(read(&stored("plan", &[])).0, Some(User { plan: 1, ..user() }));
}

#[test]
fn an_unreadable_identifier_ends_the_session() {
    assert_eq!(read::<User>(&stored("id", &[("id", "\"ann\"")])), (None, 0, vec!["id"]));
}

#[test]
fn unknown_fields_are_known_as_such() {
    let fields = stored("colour", &[("color", "\"dark\""), ("basket", "[1]")]);
    let mut decoder = Decoder::<User>::new(Texts::Fields(&fields));
    assert!(User::decode(&mut decoder).is_some());
    assert_eq!(decoder.unknown().into_keys().collect::<Vec<_>>(), ["basket"]);
}

#[test]
fn text_after_a_value_is_not_a_value() {
    assert_eq!(read::<User>(&stored("key", &[("key", "\"0aff\" 1")])), (None, 0, vec!["key"]));
}

#[test]
fn a_set_is_read_from_an_array() {
    assert_eq!(read(&stored("tags", &[("tags", "[\"new\"]")])).0, Some(user()));
}

#[derive(Debug, Clone, PartialEq, Default, Session)]
#[session(crate = crate, name = "bag")]
struct Bag(BTreeMap<String, u32>);

#[test]
fn a_tuple_struct_is_stored_as_entries() {
    let bag = Bag(BTreeMap::from([("a".into(), 1)]));
    assert_eq!(encoded(&bag), BTreeMap::from([("entries", "{\"a\":1}".to_owned())]));
    assert_eq!(Bag::NAME, "bag");
    assert_eq!(Bag::anonymous(), Some(Bag::default()));
    assert_eq!(read(&Fields::new()), (Some(Bag::default()), 1, vec![]));
}

#[derive(Clone, Default, Session)]
#[session(crate = crate, name = "visitor")]
struct Visitor {
    #[session(identifier)]
    id: Option<u64>,
    #[session(rotate)]
    level: u8,
    #[session(secret)]
    phone: String,
}

#[test]
fn an_identifier_may_be_absent() {
    assert_eq!((Visitor::default().identifier(), Visitor::default().identity()), (None, None));
    let visitor = Visitor { id: Some(4), ..Visitor::default() };
    assert_eq!((visitor.identifier(), visitor.identity()), (Some(4), Some("4".to_owned())));
    assert_eq!((user().identifier(), user().identity()), (Some(1), Some("1".to_owned())));
    assert_eq!(Bag::default().identity(), None);
}

#[test]
fn identifiers_roles_and_marked_fields_rotate() {
    let rotating = |name: &str| Visitor::FIELDS.iter().any(|field| field.name() == name && field.rotates());
    assert!(rotating("id") && rotating("level") && !rotating("phone"));
}

#[test]
fn secrets_are_not_printed() {
    let visitor = Visitor { phone: "0123".into(), level: 2, id: None };
    assert_eq!(format!("{visitor:?}"), r"Visitor { id: None, level: 2, phone: [secret] }");
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, Deserialize)]
enum Role {
    Reader,
    Editor,
    Admin,
}

macro_rules! admitted {
    ($role:ty, [$($key:tt)*], [$($value:expr => $admitted:expr),* $(,)?] $(,)?) => {{
        #[derive(Clone, Session)]
        #[session(crate = crate, required, $($key)*)]
        #[allow(dead_code, reason = "only its policy is of interest")]
        struct Data {
            #[session(role)]
            role: $role,
        }
        $(assert_eq!(Data::POLICY.admits(&Data { role: $value }), $admitted, "{}", stringify!($value));)*
    }};
}

#[test]
fn a_role_is_compared() {
    admitted!(Role, [role = Role::Admin], [Role::Admin => true, Role::Editor => false]);
    admitted!(Role, [any(Role::Admin, Role::Editor)], [Role::Editor => true, Role::Reader => false]);
    admitted!(Role, [min = Role::Editor], [Role::Reader => false, Role::Editor => true, Role::Admin => true]);
}

#[test]
fn an_absent_role_satisfies_nothing() {
    admitted!(Option<Role>, [role = Role::Admin], [Some(Role::Admin) => true, None => false]);
    admitted!(Option<Role>, [min = Role::Reader], [Some(Role::Reader) => true, None => false]);
    admitted!(Vec<Role>, [any(Role::Reader, Role::Admin)], [vec![] => false]);
    admitted!(String, [role = ""], [String::new() => false]);
}

#[test]
fn of_several_roles_one_is_enough_unless_all_are_asked_for() {
    admitted!(Vec<Role>, [role = Role::Admin], [vec![Role::Reader, Role::Admin] => true, vec![Role::Reader] => false]);
    admitted!(
        BTreeSet<Role>,
        [all(Role::Reader, Role::Admin)],
        [BTreeSet::from([Role::Reader, Role::Admin]) => true, BTreeSet::from([Role::Admin]) => false],
    );
    admitted!(HashSet<Role>, [min = Role::Editor], [HashSet::from([Role::Reader, Role::Admin]) => true]);
}

#[test]
fn text_is_compared_with_a_literal() {
    admitted!(String, [role = "admin"], ["admin".to_owned() => true, "Admin".to_owned() => false]);
    admitted!(Option<String>, [role = "admin"], [Some("admin".to_owned()) => true, None => false]);
    admitted!(Vec<String>, [all("a", "b")], [vec!["b".to_owned(), "a".to_owned()] => true]);
}

#[test]
fn all_conditions_must_hold() {
    admitted!(
        Vec<Role>,
        [role = Role::Reader, min = Role::Admin],
        [vec![Role::Reader, Role::Admin] => true, vec![Role::Admin] => false, vec![Role::Reader] => false],
    );
}

#[test]
fn a_check_sees_the_data_and_freshness_is_counted_in_seconds() {
    #[derive(Clone, Session)]
    #[session(crate = crate, required = forward, check = Adult::is_adult, fresh = "1h 30m")]
    struct Adult {
        age: u8,
    }

    impl Adult {
        fn is_adult(&self) -> bool {
            self.age >= 18
        }
    }

    assert!(Adult::POLICY.admits(&Adult { age: 18 }) && !Adult::POLICY.admits(&Adult { age: 17 }));
    assert_eq!(Adult::POLICY.freshness().map(|fresh| fresh.as_secs()), Some(5_400));
    assert_eq!(Adult::REQUIRED, Some(super::Otherwise::Forward));
}
