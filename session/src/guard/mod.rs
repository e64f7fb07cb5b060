//! Request guards: the session's data, for those who may see it.

mod editor;
mod error;

use std::future::{Future, ready};
use std::pin::Pin;

use rocket::futures::FutureExt;
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

/// Answers once the session of a request is loaded.
pub(crate) fn open<'r: 'f, 'l: 'f, 'f, T: SessionData, G: Send + 'f>(
    state: Option<&'r State<T>>,
    request: &'r Request<'l>,
    answer: impl FnOnce(&'r State<T>) -> Outcome<G, GuardError> + Send + 'f,
) -> Guarding<'f, G> {
    let Some(state) = state else {
        log::error!("a guard of `{}` was used without `{0}::fairing()` attached", std::any::type_name::<Sessions<T>>());
        return Box::pin(ready(Outcome::Error((Status::InternalServerError, GuardError::Storage))));
    };
    Box::pin(state.load(request).map(move |()| match state.load_error() {
        None => answer(state),
        Some(_) => refuse(request, GuardError::Storage),
    }))
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
fn admit<T: SessionData>(
    state: &State<T>,
    request: &Request<'_>,
    named: Option<&'static Policy<T>>,
) -> Result<(), Outcome<std::convert::Infallible, GuardError>> {
    // What a named guard says of refusing holds for the struct's conditions, too: they are its own.
    let otherwise = named.and_then(Policy::declared_otherwise).or(T::POLICY.declared_otherwise()).or(T::REQUIRED);
    for policy in [&T::POLICY].into_iter().chain(named) {
        if let Err(error) = examine(state, policy, named.is_some()) {
            return Err(turn_away(request, error, otherwise));
        }
    }
    Ok(())
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
pub fn named<'r: 'f, 'l: 'f, 'f, T: SessionData, G: Send + 'f>(
    request: &'r Request<'l>,
    policy: &'static Policy<T>,
    wrap: fn(&'r T) -> G,
) -> Guarding<'f, G> {
    open(State::of(request), request, move |state| see(state, request, Some(policy), wrap))
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
    open(state, request, move |state| see(state, request, None, wrap))
}

fn see<'r, T: SessionData, G>(
    state: &'r State<T>,
    request: &Request<'_>,
    policy: Option<&'static Policy<T>>,
    wrap: fn(&'r T) -> G,
) -> Outcome<G, GuardError> {
    match (admit(state, request, policy), state.data()) {
        (Ok(()), Some(data)) => Outcome::Success(wrap(data)),
        (Ok(()), None) => turn_away(request, GuardError::Missing, T::REQUIRED),
        (Err(outcome), _) => outcome.map(|never| match never {}),
    }
}

/// The guard `TMut<'r>`.
pub fn edit<'r: 'f, 'l: 'f, 'f, T: SessionData>(request: &'r Request<'l>) -> Guarding<'f, T::Mut<'r>> {
    open(State::of(request), request, move |state: &'r State<T>| match admit(state, request, None) {
        Ok(()) => match Editor::new(state, request) {
            Some(editor) => Outcome::Success(T::wrap(editor)),
            None => turn_away(request, GuardError::Missing, T::REQUIRED),
        },
        Err(outcome) => outcome.map(|never| match never {}),
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
