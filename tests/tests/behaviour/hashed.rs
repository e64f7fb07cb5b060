//! Maps and sets by hash, which merge as those by order do.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use rocket::{get, post, routes};
use rocket_typed_session::storage::SessionStorage;
use rocket_typed_session::testing::{Operation, ParkStorage, SpyStorage, TextStorage, When};
use rocket_typed_session::{Session, SessionError};
use rocket_typed_session_tests::{App, overtake, place};

#[derive(Clone, Default, Session)]
#[session(name = "shop")]
struct Shop {
    #[session(merge = entries)]
    cart: HashMap<String, u32>,
    #[session(merge = members)]
    marks: HashSet<String>,
}

/// Whose keys are no texts, and some of them not even numbers.
#[derive(Clone, Default, Session)]
#[session(name = "odd")]
struct Odd {
    #[session(merge = entries)]
    names: HashMap<Option<u8>, u32>,
    #[session(merge = members)]
    marks: HashSet<Option<u8>>,
}

/// What has no fields with names.
#[derive(Clone, Default, Session)]
#[session(name = "bag")]
struct Bag(HashMap<String, String>);

/// The same by order.
#[derive(Clone, Default, Session)]
#[session(name = "shelf")]
struct Shelf(BTreeMap<String, String>);

#[get("/")]
fn shown(shop: &Shop) -> String {
    format!("{:?} {:?}", BTreeMap::from_iter(&shop.cart), BTreeSet::from_iter(&shop.marks))
}

#[post("/cart/<product>/<quantity>")]
fn put(mut shop: ShopMut<'_>, product: String, quantity: u32) -> Result<(), SessionError> {
    shop.insert_cart(product, quantity)
}

#[post("/cart/<product>")]
fn take_out(mut shop: ShopMut<'_>, product: &str) {
    shop.remove_cart(product);
}

#[post("/mark/<mark>")]
fn mark(mut shop: ShopMut<'_>, mark: String) -> Result<(), SessionError> {
    shop.insert_marks(mark)
}

#[post("/unmark/<mark>")]
fn unmark(mut shop: ShopMut<'_>, mark: &str) {
    shop.remove_marks(mark);
}

#[post("/both/<key>")]
fn put_into_both(mut bag: BagMut<'_>, mut shelf: ShelfMut<'_>, key: &str) -> Result<(), SessionError> {
    bag.insert(key.into(), "bagged".into())?;
    shelf.insert(key.into(), "shelved".into())
}

#[get("/both/<key>")]
fn found_in_both(bag: BagMut<'_>, shelf: ShelfMut<'_>, key: &str) -> String {
    format!("{:?} {:?}", bag.get(key), shelf.get(key))
}

type Storage = Arc<SpyStorage<Arc<ParkStorage<Arc<dyn SessionStorage>>>>>;

async fn apps() -> Vec<(App, Storage)> {
    let mut apps = Vec::new();
    for storage in [place::storage(), Arc::new(TextStorage::new())] {
        let storage = Arc::new(SpyStorage::new(Arc::new(ParkStorage::new(storage))));
        let app = App::builder().sessions::<Shop>(storage.clone());
        let app = app.mount(routes![shown, put, take_out, mark, unmark]);
        apps.push((app.open().await, storage));
    }
    apps
}

#[rocket::async_test]
async fn changes_of_different_keys_all_survive() {
    for (app, storage) in apps().await {
        let browser = app.browser();
        for page in ["/cart/apple/1", "/cart/pear/1", "/mark/new", "/mark/old"] {
            assert_eq!(browser.post(page).await.code(), 200, "{page}");
        }
        for (first, second) in [("/cart/apple/2", "/cart/pear"), ("/mark/red", "/unmark/old")] {
            let (first, second) = (browser.post(first), browser.post(second));
            let held = (Operation::Commit, When::Before);
            let (first, second) = overtake(storage.inner(), held, first, second).await;
            assert_eq!((first.code(), second.code()), (200, 200));
        }
        assert_eq!(browser.get("/").await.body, r#"{"apple": 2} {"new", "red"}"#);
    }
}

#[rocket::async_test]
async fn what_changes_nothing_is_not_written() {
    for (app, storage) in apps().await {
        let browser = app.browser();
        for page in ["/cart/pear", "/unmark/old"] {
            assert!(browser.post(page).await.cookies.is_empty(), "{page} begins no session");
        }
        for page in ["/cart/apple/1", "/mark/new"] {
            browser.post(page).await;
        }
        storage.clear();
        for page in ["/cart/apple/1", "/cart/pear", "/mark/new", "/unmark/old"] {
            assert_eq!(browser.post(page).await.code(), 200, "{page}");
            assert_eq!(storage.count(Operation::Commit), 0, "{page}");
        }
        assert_eq!(browser.get("/").await.body, r#"{"apple": 1} {"new"}"#);
    }
}

#[post("/odd/<what>")]
fn odd(mut odd: OddMut<'_>, what: &str) -> String {
    let done = match what {
        "insert" => odd.insert_names(None, 1),
        "mark" => odd.insert_marks(None),
        "set" => odd.set_names([(None, 1)].into()),
        "set-marks" => odd.set_marks([None].into()),
        _ => odd.update(|odd| odd.names = [(None, 1)].into()),
    };
    format!("{} {} {}", matches!(done, Err(SessionError::Encode(_))), odd.names.len(), odd.marks.len())
}

#[rocket::async_test]
async fn keys_that_can_not_be_stored_are_refused_where_they_are_set() {
    let app = App::builder().sessions::<Odd>(place::storage()).mount(routes![odd]).open().await;
    for what in ["insert", "mark", "set", "set-marks", "update"] {
        let answer = app.browser().post(&format!("/odd/{what}")).await;
        assert_eq!((answer.body.as_str(), answer.cookies.len()), ("true 0 0", 0), "{what}");
    }
}

#[rocket::async_test]
async fn a_map_without_a_name_is_asked_for_a_key() {
    let app = App::builder().sessions::<Bag>(place::storage()).sessions::<Shelf>(place::storage());
    let app = app.mount(routes![put_into_both, found_in_both]).open().await;
    let browser = app.browser();
    assert_eq!(browser.post("/both/apple").await.code(), 200);
    assert_eq!(browser.get("/both/apple").await.body, r#"Some("bagged") Some("shelved")"#);
    assert_eq!(browser.get("/both/pear").await.body, "None None");
}
