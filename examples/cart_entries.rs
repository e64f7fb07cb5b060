//! What two requests that change the same field at once mean: the five kinds of `merge`.
//!
//! ```sh
//! cargo run --example cart_entries
//! curl -c jar localhost:8000                           # an empty basket, and nothing is stored
//! curl -b jar -c jar -X POST localhost:8000/cart/7/2   # the first change starts the session
//! for i in $(seq 20); do curl -b jar -X POST localhost:8000/visit & done; wait
//! for i in $(seq 20); do curl -b jar -X POST localhost:8000/cart/$i/1 & done; wait
//! curl -b jar localhost:8000                           # 20 visits, 20 products
//! # two addresses at once: one of them is answered with 409, and nothing of it is stored
//! for to in Rome Oslo; do curl -b jar -w '%{http_code}\n' -o /dev/null -X POST localhost:8000/slow/$to & done; wait
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use rocket::tokio::time::sleep;
use rocket::{get, launch, post, routes};
use rocket_typed_session::{Session, SessionError, Sessions};

#[derive(Debug, Clone, Default, Session)]
#[session(name = "basket")]
struct Basket {
    /// The last one wins: what a field does if nothing else is said.
    currency: String,
    /// Every addition counts.
    #[session(merge = add)]
    visits: u64,
    /// Changes to different keys all survive.
    #[session(merge = entries)]
    cart: BTreeMap<u32, u32>,
    /// So do members added and removed.
    #[session(merge = members)]
    wishes: BTreeSet<String>,
    /// The second one is refused with 409.
    #[session(merge = reject)]
    address: String,
}

#[get("/")]
fn basket(basket: &Basket) -> String {
    format!("{basket:#?}\n")
}

#[post("/currency/<currency>")]
fn currency(currency: &str, mut basket: BasketMut<'_>) {
    basket.set_currency(currency);
}

#[post("/visit")]
fn visit(mut basket: BasketMut<'_>) {
    basket.add_visits(1);
}

#[post("/cart/<product>/<quantity>")]
fn cart(product: u32, quantity: u32, mut basket: BasketMut<'_>) -> Result<(), SessionError> {
    match quantity {
        0 => basket.remove_cart(&product),
        _ => basket.insert_cart(product, quantity)?,
    }
    Ok(())
}

#[post("/wish/<wish>")]
fn wish(wish: &str, mut basket: BasketMut<'_>) -> Result<(), SessionError> {
    basket.insert_wishes(wish.to_owned())
}

#[post("/slow/<address>")]
async fn slow(address: &str, mut basket: BasketMut<'_>) {
    sleep(Duration::from_millis(300)).await;
    basket.set_address(address);
}

#[launch]
fn rocket() -> _ {
    let routes = routes![basket, currency, visit, cart, wish, slow];
    rocket::build().attach(Sessions::<Basket>::fairing()).mount("/", routes)
}
