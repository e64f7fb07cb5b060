//! The name of a session, as applications show it and take it back.

use rocket::form::Form;
use rocket::http::{ContentType, Status};
use rocket::local::asynchronous::Client;
use rocket::serde::json::{Json, from_str, to_string};
use rocket::{get, post, routes, uri};
use rocket_typed_session::Handle;

const TEXT: &str = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc";

/// Too short, too long, not of the alphabet, with bits that no byte has.
const WRONG: [&str; 4] = [
    "BwcH",
    "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcA",
    "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBw+",
    "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwd",
];

fn handle() -> Handle {
    Handle::from_bytes([7; 32])
}

#[get("/devices/<handle>")]
fn by_path(handle: Handle) -> String {
    handle.to_string()
}

#[get("/devices?<handle>")]
fn by_query(handle: Handle) -> String {
    handle.to_string()
}

#[post("/form", data = "<handle>")]
fn by_form(handle: Form<Handle>) -> String {
    handle.to_string()
}

#[post("/json", data = "<handles>")]
fn by_json(handles: Json<Vec<Handle>>) -> Json<Vec<Handle>> {
    handles
}

async fn client() -> Client {
    let rocket = rocket::custom(rocket_typed_session_tests::figment());
    Client::untracked(rocket.mount("/", routes![by_path, by_query, by_form, by_json])).await.unwrap()
}

#[rocket::async_test]
async fn a_link_to_a_handle_leads_to_the_route_that_takes_it() {
    let client = client().await;
    let links = [
        uri!(by_path(handle())).to_string(),
        uri!(by_path(&handle())).to_string(),
        uri!(by_query(handle())).to_string(),
        uri!(by_query(handle = &handle())).to_string(),
    ];
    let (path, query) = (format!("/devices/{TEXT}"), format!("/devices?handle={TEXT}"));
    assert_eq!(links, [path.clone(), path, query.clone(), query]);
    for link in links {
        assert_eq!(client.get(link).dispatch().await.into_string().await.unwrap(), TEXT);
    }
}

#[test]
fn a_handle_is_its_text_with_serde() {
    let json = to_string(&[handle()]).unwrap();
    assert_eq!(json, format!("[\"{TEXT}\"]"));
    assert_eq!(from_str::<[Handle; 1]>(&json).unwrap(), [handle()]);
}

#[rocket::async_test]
async fn json_of_handles_is_answered_and_taken() {
    let json = format!("[\"{TEXT}\"]");
    let client = client().await;
    let answer = client.post("/json").header(ContentType::JSON).body(&json).dispatch().await;
    assert_eq!(answer.into_string().await.unwrap(), json);
}

#[rocket::async_test]
async fn a_text_that_is_no_handle_is_refused_everywhere() {
    let client = client().await;
    for wrong in WRONG {
        assert!(wrong.parse::<Handle>().is_err(), "{wrong}");
        let error = from_str::<Handle>(&format!("\"{wrong}\"")).unwrap_err().to_string();
        assert!(error.contains("a handle is 43 characters"), "{error}");
        let form = client.post("/form").header(ContentType::Form).body(wrong);
        let json = client.post("/json").header(ContentType::JSON).body(format!("[\"{wrong}\"]"));
        let (path, query) = (format!("/devices/{wrong}"), format!("/devices?handle={wrong}"));
        for request in [client.get(path), client.get(query), form, json] {
            assert_eq!(request.dispatch().await.status(), Status::UnprocessableEntity, "{wrong}");
        }
    }
    assert!(from_str::<Handle>("7").is_err());
}
