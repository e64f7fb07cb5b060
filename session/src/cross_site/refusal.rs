//! How a request is refused before it is routed.

use std::sync::OnceLock;

use rocket::http::{Method, Status};
use rocket::route::{Handler, Outcome, Route};
use rocket::{Build, Data, Request, Rocket, async_trait};

use crate::guard::GuardError;

/// The name of the route that refuses.
const NAME: &str = "requests of other origins";

/// The mark of a refused request.
#[derive(Default)]
struct Refused(OnceLock<()>);

/// Leads a request to the route that refuses, and returns whether it was not refused before.
///
/// A request fairing can not answer, but change what is routed. The path stays, since catchers are found by it.
pub(super) fn refuse(request: &mut Request<'_>) -> bool {
    let first = request.local_cache(Refused::default).0.set(()).is_ok();
    request.set_method(Method::Connect);
    first
}

/// Adds the route that refuses, unless another session type has.
pub(crate) fn mount(rocket: Rocket<Build>) -> Rocket<Build> {
    if rocket.routes().any(|route| route.name.as_deref() == Some(NAME)) {
        return rocket;
    }
    let mut route = Route::ranked(isize::MIN, Method::Connect, "/<_..>", Refusal);
    route.name = Some(NAME.into());
    rocket.mount("/", [route])
}

/// Answers refused requests with 403, through the application's catchers.
#[derive(Debug, Clone)]
struct Refusal;

#[async_trait]
impl Handler for Refusal {
    async fn handle<'r>(&self, request: &'r Request<'_>, data: Data<'r>) -> Outcome<'r> {
        if request.local_cache(Refused::default).0.get().is_none() {
            return Outcome::Forward((data, Status::NotFound));
        }
        GuardError::CrossSite.keep(request);
        Outcome::Error(GuardError::CrossSite.status())
    }
}
