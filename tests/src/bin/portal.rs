//! The portal as a process of its own, of which a test starts several.

use rocket::launch;
use rocket_typed_session_examples::portal;

#[launch]
fn rocket() -> _ {
    portal::rocket()
}
