//! What an administrator sees and does.

use askama::Template;
use rocket::form::{Form, FromForm};
use rocket::response::Redirect;
use rocket::{State, get, post, uri};
use rocket_typed_session::{SessionError, Sessions};

use super::{Page, Shell};
use crate::portal::accounts::ACCOUNTS;
use crate::portal::session::{Admin, User, UserMut};

#[derive(Template)]
#[template(path = "admin.html")]
struct Administration<'r> {
    shell: Shell<'r>,
    people: Vec<Person>,
}

struct Person {
    id: i64,
    name: &'static str,
    sessions: u64,
    is_me: bool,
}

#[derive(FromForm)]
pub(super) struct Whose {
    id: i64,
}

#[get("/admin")]
pub(super) async fn admin(
    admin: Admin<'_>,
    mut user: UserMut<'_>,
    sessions: &State<Sessions<User>>,
) -> Result<Page, SessionError> {
    let mut people = Vec::with_capacity(ACCOUNTS.len());
    for account in &ACCOUNTS {
        let count = sessions.count(&account.id).await?;
        people.push(Person { id: account.id, name: account.name, sessions: count, is_me: account.id == admin.id });
    }
    let notice = user.take_notice();
    Ok(Page::render(&Administration { shell: Shell::new(&user, notice, "/admin"), people }))
}

#[post("/admin/end-all", data = "<whose>")]
pub(super) async fn end_all(
    _admin: Admin<'_>,
    mut user: UserMut<'_>,
    whose: Form<Whose>,
    sessions: &State<Sessions<User>>,
) -> Result<Redirect, SessionError> {
    let ended = sessions.end_all(&whose.id).await?;
    user.set_notice(Some(format!("Sessions ended: {ended}.")));
    Ok(Redirect::to(uri!(admin)))
}
