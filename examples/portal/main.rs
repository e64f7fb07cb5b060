//! A small web site that uses every part of `rocket_typed_session`.
//!
//! ```sh
//! cargo run --example portal        # then open http://localhost:8000
//! ```
//!
//! Sign in as `ada` (an administrator), `bob` or `eve`. **The password is the name: this is a demonstration.**
//!
//! Beside the pages there are JSON routes under `/api`:
//!
//! ```sh
//! curl -c jar -d 'name=ada&password=ada' http://localhost:8000/login
//! curl -b jar -c jar -d theme=dark http://localhost:8000/api/theme
//! curl -b jar -c jar http://localhost:8000/api/me
//! ```
//!
//! Sessions live in the file `portal.db`, so that a restart keeps everyone signed in. Where they live is a matter of
//! `Rocket.toml` or of the environment, not of this code:
//!
//! ```sh
//! ROCKET_SESSION=memory cargo run --example portal
//! ```

use rocket::launch;
use rocket_typed_session_examples::portal;

#[launch]
fn rocket() -> _ {
    portal::rocket()
}
