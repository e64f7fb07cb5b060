//! Request guards: the session's data, for those who may see it.

mod editor;
mod error;

use std::future::{Future, ready};
use std::pin::Pin;

use rocket::http::Status;
use rocket::request::Outcome;
use rocket::{Ignite, Request, Rocket};

pub use self::editor::Editor;
pub use self::error::GuardError;

use crate::data::{Otherwise, Policy, SessionData};
use crate::sessions::Sessions;
use crate::state::{Sight, State};

/// A guard on its way.
pub type Guarding<'f, G> = Pin<Box<dyn Future<Output = Outcome<G, GuardError>> + Send + 'f>>;

/// Why a request's state can not be had.
pub(crate) enum Closed {
    /// The fairing is not attached.
    NoFairing,
    /// The storage failed.
    Unknown,
}

/// Returns the state of a request, with the session loaded.
pub(crate) async fn open<'r, T: SessionData>(
    state: Option<&'r State<T>>,
    request: &'r Request<'_>,
) -> Result<&'r State<T>, Closed> {
    let Some(state) = state else {
        log::error!("a guard of `{}` was used without `{0}::fairing()` attached", std::any::type_name::<Sessions<T>>());
        return Err(Closed::NoFairing);
    };
    state.load(request).await;
    if state.load_error().is_some() { Err(Closed::Unknown) } else { Ok(state) }
}

/// Answers with the status of an error.
pub(crate) fn refuse<G>(request: &Request<'_>, error: GuardError) -> Outcome<G, GuardError> {
    error.keep(request);
    Outcome::Error((error.status(), error))
}

fn turn_away<G>(request: &Request<'_>, error: GuardError, otherwise: Option<Otherwise>) -> Outcome<G, GuardError> {
    match otherwise {
        Some(Otherwise::Forward) => {
            error.keep(request);
            Outcome::Forward(error.status())
        }
        Some(Otherwise::Refuse) | None => refuse(request, error),
    }
}

/// Lets a request pass that meets the policy of `T`, and the other if there is one.
fn admit<'r, T: SessionData>(
    opened: Result<&'r State<T>, Closed>,
    request: &'r Request<'_>,
    named: Option<&'static Policy<T>>,
) -> Result<&'r State<T>, Outcome<std::convert::Infallible, GuardError>> {
    let state = match opened {
        Ok(state) => state,
        Err(Closed::NoFairing) => return Err(Outcome::Error((Status::InternalServerError, GuardError::Storage))),
        Err(Closed::Unknown) => return Err(refuse(request, GuardError::Storage)),
    };
    // What a named guard says of refusing holds for the struct's conditions, too: they are its own.
    let otherwise = named.and_then(Policy::declared_otherwise).or(T::POLICY.declared_otherwise()).or(T::REQUIRED);
    for policy in [&T::POLICY].into_iter().chain(named) {
        if let Err(error) = examine(state, policy, named.is_some()) {
            return Err(turn_away(request, error, otherwise));
        }
    }
    Ok(state)
}

fn examine<T: SessionData>(state: &State<T>, policy: &Policy<T>, named: bool) -> Result<(), GuardError> {
    if !named && T::REQUIRED.is_none() && policy.is_empty() {
        return Ok(());
    }
    let authenticated_at = state.authenticated_at();
    let (Some(data), Some(authenticated_at)) = (state.data(), authenticated_at) else {
        let passes = !named && T::REQUIRED.is_none() && policy.freshness().is_none();
        let admitted = passes && state.data().is_some_and(|data| policy.admits(data));
        return if admitted { Ok(()) } else { Err(GuardError::Missing) };
    };
    if !policy.admits(data) {
        return Err(GuardError::Forbidden);
    }
    match policy.freshness() {
        Some(fresh) if state.core.now().since(authenticated_at) > fresh => Err(GuardError::Stale),
        _ => Ok(()),
    }
}

/// The guard `&T`.
pub fn read<'r: 'f, 'l: 'f, 'f, T: SessionData>(request: &'r Request<'l>) -> Guarding<'f, &'r T> {
    look(request, |data| data)
}

/// The guard `T`.
pub fn owned<'r: 'f, 'l: 'f, 'f, T: SessionData>(request: &'r Request<'l>) -> Guarding<'f, T> {
    look(request, T::clone)
}

/// A named guard: the data, if it meets a policy.
pub fn named<'r: 'f, 'l: 'f, 'f, T: SessionData, G: 'f>(
    request: &'r Request<'l>,
    policy: &'static Policy<T>,
    wrap: fn(&'r T) -> G,
) -> Guarding<'f, G> {
    Box::pin(see(State::of(request), request, Some(policy), wrap))
}

fn look<'r: 'f, 'l: 'f, 'f, T: SessionData, G: Send + 'f>(
    request: &'r Request<'l>,
    wrap: fn(&'r T) -> G,
) -> Guarding<'f, G> {
    let state = match State::look_at(request) {
        Some(Sight::Visitor(visitor)) => return Box::pin(ready(Outcome::Success(wrap(visitor.data())))),
        Some(Sight::State(state)) => Some(state),
        None => None,
    };
    Box::pin(see(state, request, None, wrap))
}

async fn see<'r, T: SessionData, G>(
    state: Option<&'r State<T>>,
    request: &'r Request<'_>,
    policy: Option<&'static Policy<T>>,
    wrap: fn(&'r T) -> G,
) -> Outcome<G, GuardError> {
    match admit(open(state, request).await, request, policy) {
        Ok(state) => match state.data() {
            Some(data) => Outcome::Success(wrap(data)),
            None => turn_away(request, GuardError::Missing, T::REQUIRED),
        },
        Err(outcome) => outcome.map(|never| match never {}),
    }
}

/// The guard `TMut<'r>`.
pub fn edit<'r: 'f, 'l: 'f, 'f, T: SessionData>(request: &'r Request<'l>) -> Guarding<'f, T::Mut<'r>> {
    let state = State::of(request);
    Box::pin(async move {
        match admit(open(state, request).await, request, None) {
            Ok(state) => match Editor::new(state, request) {
                Some(editor) => Outcome::Success(T::wrap(editor)),
                None => turn_away(request, GuardError::Missing, T::REQUIRED),
            },
            Err(outcome) => outcome.map(|never| match never {}),
        }
    })
}

/// Returns whether the fairing of `T` is missing, and says so.
pub fn aborts<T: SessionData>(rocket: &Rocket<Ignite>) -> bool {
    if rocket.state::<Sessions<T>>().is_some() {
        return false;
    }
    let name = std::any::type_name::<T>();
    log::error!("a route uses the session `{name}`, but its fairing is not attached");
    log::error!("attach it where the application is built: `.attach(Sessions::<{name}>::fairing())`");
    true
}
