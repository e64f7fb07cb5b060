//! The struct of the README, and what it gives.

use std::collections::BTreeMap;

use rocket_typed_session::Session;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
enum Role {
    Reader,
    Admin,
}

#[derive(Clone, Session)]
#[session(required)]
#[session(guard(Admin, role = Role::Admin))]
#[session(guard(Vault, role = Role::Admin, fresh = "15m"))]
struct User {
    #[session(identifier)]
    id: i64,
    #[session(role)]
    role: Role,
    theme: String,
    #[session(merge = add)]
    visits: u64,
    #[session(merge = entries)]
    cart: BTreeMap<u32, u32>,
    #[session(flash)]
    notice: Option<String>,
    #[session(secret)]
    phone: String,
}

#[rocket::get("/me")]
fn me(user: &User) -> String {
    format!("{} likes {}", user.id, user.theme)
}

#[rocket::get("/own")]
fn own(user: User) -> String {
    user.theme
}

#[rocket::post("/theme/<theme>")]
fn theme(theme: &str, mut user: UserMut<'_>) -> Option<String> {
    user.set_theme(theme);
    user.set_theme(String::new());
    user.set_visits(user.visits + 1);
    user.set_visits(5);
    user.add_visits(-1);
    user.set_notice(None);
    user.insert_cart(1, 2).ok()?;
    user.remove_cart(&1);
    user.set_cart(BTreeMap::new()).ok()?;
    user.update(|user| user.role = Role::Reader).ok()?;
    let _ = (user.id(), user.role(), user.theme().len(), user.cart().len(), user.phone(), user.session());
    print(&user);
    user.take_notice()
}

#[rocket::get("/admin")]
fn admin(admin: Admin<'_>, vault: Option<Vault<'_>>) -> String {
    let copy = admin;
    format!("{} {copy:?} {vault:?}", admin.id)
}

fn print(user: &User) {
    println!("{user:?}");
}

fn main() {
    let _ = rocket::build().mount("/", rocket::routes![me, own, theme, admin]);
}
