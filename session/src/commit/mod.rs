//! The commit: what a request did to its session is written before the first byte of the response is sent.

mod headers;
mod replace;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use rocket::fairing::{Fairing, Info, Kind};
use rocket::futures::FutureExt;
use rocket::futures::future::BoxFuture;
use rocket::http::{Method, Status};
use rocket::{Data, Request, Response, async_trait};

use crate::bearer;
use crate::config::Unavailable;
use crate::cookie::{Presented, presented};
use crate::core::{Carrier, Core};
use crate::cross_site;
use crate::data::SessionData;
use crate::error::SessionError;
use crate::guard::GuardError;
use crate::seal::Seal;
use crate::sessions::Sessions;
use crate::soon::Soon;
use crate::state::{Delivery, Scope, Sight, State, Written};

/// The fairing that commits. It is attached last, so that it sees what other fairings made of the response.
pub(crate) struct Committer<T: SessionData>(Sessions<T>);

impl<T: SessionData> Committer<T> {
    pub(crate) fn new(sessions: Sessions<T>) -> Self {
        Self(sessions)
    }
}

/// Without `async`, since every request pays for the size of the futures.
#[async_trait]
impl<T: SessionData> Fairing for Committer<T> {
    fn info(&self) -> Info {
        Info { name: std::any::type_name::<Self>(), kind: Kind::Request | Kind::Response }
    }

    /// Refuses requests of other origins, and remembers a HEAD request, which Rocket hands to handlers as GET.
    fn on_request<'a, 'b, 'c, 'd, 'e, 'f>(
        &'a self,
        request: &'b mut Request<'c>,
        _data: &'d mut Data<'e>,
    ) -> BoxFuture<'f, ()>
    where
        'a: 'f,
        'b: 'f,
        'c: 'f,
        'd: 'f,
        'e: 'f,
        Self: 'f,
    {
        if request.method() == Method::Head {
            State::<T>::note_head(request);
        }
        cross_site::check(self.0.core(), request);
        Box::pin(Done)
    }

    /// Commits.
    fn on_response<'r, 'a, 'b, 'c, 'f>(
        &'a self,
        request: &'r Request<'b>,
        response: &'c mut Response<'r>,
    ) -> BoxFuture<'f, ()>
    where
        'r: 'f,
        'a: 'f,
        'b: 'f,
        'c: 'f,
        Self: 'f,
    {
        // The look for the state costs more than all else on a route without sessions.
        if self.0.core().is_idle() {
            return Box::pin(Done);
        }
        match State::<T>::seen(request) {
            Some(Sight::Visitor(visitor)) => {
                visitor.respond();
                headers::vary(response);
            }
            Some(Sight::State(state)) if state.is_settled() => {
                mark(state, request, response);
                if let Some(value) = resealed(state, request, response) {
                    return Box::pin(send_again(state, request, response, value));
                }
            }
            Some(Sight::State(state)) if state.is_loaded() => return respond(state, request, response),
            Some(Sight::State(state)) => state.respond(),
            None => {}
        }
        Box::pin(Done)
    }
}

/// Nothing left to do, which takes no memory.
struct Done;

impl Future for Done {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        Poll::Ready(())
    }
}

/// Commits, and answers at once if nothing is left to be waited for.
fn respond<'f, 'r: 'f, T: SessionData>(
    state: &'f State<T>,
    request: &'r Request<'_>,
    response: &'f mut Response<'r>,
) -> BoxFuture<'f, ()> {
    match catch_unwind(AssertUnwindSafe(|| commit(state, request, response.status()))) {
        Ok(Soon::Now(Ok(()))) if !state.core.has_previous_keys() => {
            let delivery = state.deliver();
            complete(state, request, response, delivery);
            Box::pin(Done)
        }
        Ok(written) => Box::pin(respond_later(state, request, response, written.later())),
        Err(_) => Box::pin(rescue(state, request, response)),
    }
}

/// Answers once it is known what came of the commit, or that it panicked.
async fn respond_later<'r, T: SessionData>(
    state: &State<T>,
    request: &'r Request<'_>,
    response: &mut Response<'r>,
    written: BoxFuture<'_, Written>,
) {
    if AssertUnwindSafe(finish(state, request, response, written)).catch_unwind().await.is_err() {
        // Apart, because it is large and hardly ever needed.
        Box::pin(rescue(state, request, response)).await;
    }
}

async fn finish<'r, T: SessionData>(
    state: &State<T>,
    request: &'r Request<'_>,
    response: &mut Response<'r>,
    written: BoxFuture<'_, Written>,
) {
    let written = written.await;
    let delivery = state.deliver();
    // Apart, because few requests need either.
    match written {
        Ok(()) if delivery == Delivery::Nothing => {
            if let Some(value) = resealed(state, request, response) {
                Box::pin(send_again(state, request, response, value)).await;
            }
        }
        Ok(()) => {}
        Err(error) => Box::pin(refuse(state, request, response, &error)).await,
    }
    complete(state, request, response, delivery);
}

/// Answers that the request's changes were not stored.
async fn refuse<'r, T: SessionData>(
    state: &State<T>,
    request: &'r Request<'_>,
    response: &mut Response<'r>,
    error: &SessionError,
) {
    let own = T::REQUIRED.is_some() || state.look(|edits| edits.was_somebodys());
    let reason = GuardError::of_error(error, own);
    if let Some(reason) = &reason {
        reason.keep_for_good(request);
    }
    state.retract();
    if state.is_by_bearer() && matches!(error, SessionError::TooLate) {
        let what = format_args!("a session of `{}` needs a new token: call `Session::bearer` to hand it out", T::NAME);
        state.core.log_error(&state.core.unhanded, what);
    }
    let status = reason.map_or(Status::InternalServerError, |reason| reason.status());
    // What a guard has refused was answered already, by a catcher that need not be asked twice.
    if state.load_error().is_none() || response.status() != status {
        replace::replace(request, response, status).await;
    }
}

/// Says of a response what depends on the session.
fn mark<T: SessionData>(state: &State<T>, request: &Request<'_>, response: &mut Response<'_>) {
    headers::vary(response);
    if state.core.bearer().is_none() {
        return;
    }
    headers::vary_by_authorization(response);
    if state.was_handed_over() {
        headers::no_store(response);
    }
    if state.is_by_bearer() || state.presented_nothing() {
        let lives = state.look(|edits| edits.session_data().is_some() && !edits.has_failed());
        bearer::challenge(request, response, state.is_by_bearer(), lives);
    }
}

/// Answers after a panic of the application's own types. Nothing is written then, but what was ended is ended.
async fn rescue<'r, T: SessionData>(state: &State<T>, request: &'r Request<'_>, response: &mut Response<'r>) {
    log::error!("the commit of the session `{}` panicked", T::NAME);
    let ended = AssertUnwindSafe(async { state.write(Scope::Ends, request).later().await }).catch_unwind().await;
    let delivery = state.deliver();
    let unknown = matches!(ended, Ok(Err(_)));
    let status = if unknown { Status::ServiceUnavailable } else { Status::InternalServerError };
    replace::replace(request, response, status).await;
    complete(state, request, response, delivery);
}

fn commit<'f, T: SessionData>(state: &'f State<T>, request: &'f Request<'_>, status: Status) -> Soon<'f, Written> {
    if let Some(error) = state.load_error() {
        return Soon::Now(match state.core.settings.unavailable {
            Unavailable::Refuse => Err(error.clone().into()),
            Unavailable::Pass => Ok(()),
        });
    }
    let scope = scope(state, status);
    let untold = match scope {
        Scope::Ends if !status.class().is_server_error() => state.look(|edits| edits.untold_failure()),
        _ => None,
    };
    match untold {
        None => state.write(scope, request),
        Some(error) => Soon::Later(Box::pin(async move { state.write(scope, request).later().await.and(Err(error)) })),
    }
}

fn scope<T: SessionData>(state: &State<T>, status: Status) -> Scope {
    // What a failed `save` said to the handler is not said again: the handler's answer stands.
    if state.has_panicked() || status.class().is_server_error() || state.look(|edits| edits.has_failed()) {
        Scope::Ends
    } else if state.keeps_taken() {
        Scope::AllButTaken
    } else {
        Scope::All
    }
}

/// Says of a response what depends on the session, and sends what the client is to keep.
fn complete<T: SessionData>(state: &State<T>, request: &Request<'_>, response: &mut Response<'_>, delivery: Delivery) {
    mark(state, request, response);
    if !state.is_by_bearer() {
        deliver(state, request, response, delivery);
    }
}

/// Sends what the client is to keep.
fn deliver<T: SessionData>(state: &State<T>, request: &Request<'_>, response: &mut Response<'_>, delivery: Delivery) {
    let core = &state.core;
    let cookie = match delivery {
        Delivery::Nothing => return,
        Delivery::Token { value, max_age } => core.cookie.set(&value, max_age),
        Delivery::Slide { max_age } => match token(core, request) {
            Some((value, seal)) => core.cookie.set(seal.resealed(value).as_deref().unwrap_or(value), Some(max_age)),
            None => return,
        },
        Delivery::Removal => {
            if core.settings.clear_site_data {
                headers::clear_site_data(response);
            }
            Ok(core.cookie.removal().to_owned())
        }
    };
    match cookie {
        Ok(cookie) => headers::set_cookie(request, response, cookie),
        Err(too_long) => log::error!("a cookie of {} bytes was not sent", too_long.size),
    }
}

/// Returns the token that the request brought, sealed anew, if it is sealed with a previous key, which will be gone one day.
fn resealed<T: SessionData>(state: &State<T>, request: &Request<'_>, response: &Response<'_>) -> Option<String> {
    if state.is_by_bearer() || !state.core.has_previous_keys() || response.status().class().is_server_error() {
        return None;
    }
    let (value, seal) = token(&state.core, request)?;
    seal.resealed(value)
}

/// Sends the token that the request brought again, unless the browser may have another by now.
async fn send_again<'r, T: SessionData>(
    state: &State<T>,
    request: &'r Request<'_>,
    response: &mut Response<'r>,
    value: String,
) {
    // A storage that panics costs no more than that.
    let again = AssertUnwindSafe(state.delivery_again(value)).catch_unwind().await;
    deliver(state, request, response, again.unwrap_or_default());
}

/// Returns the sealed token that a request presents, and what opens it.
fn token<'r, 'c>(core: &'c Core, request: &'r Request<'_>) -> Option<(&'r str, &'c Seal)> {
    let Carrier::Token { cookie, .. } = &core.carrier else { return None };
    match presented(request, core.cookie.name(), cookie) {
        Presented::Session { value, .. } => Some((value, cookie)),
        _ => None,
    }
}
