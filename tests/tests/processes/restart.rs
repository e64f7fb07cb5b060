//! The portal as a newcomer starts it.

use rocket_typed_session_tests::servers::unused;
use tempfile::TempDir;

use crate::portal::Portal;
use crate::visitor::Visitor;

#[rocket::async_test]
async fn a_restart_with_nothing_configured_keeps_everyone_signed_in() {
    let directory = TempDir::with_prefix(unused()).unwrap();
    let portal = Portal::start_in(directory.path());
    let ada = Visitor::signed_in("ada", &portal).await;
    assert_eq!(ada.post(&portal, "/api/theme", "theme=dark").await.unwrap().status, 204);
    portal.kill();
    assert!(directory.path().join("portal.db").is_file());
    let again = Portal::start_in(directory.path());
    assert_eq!(ada.me(&again).await["theme"], "dark");
}
