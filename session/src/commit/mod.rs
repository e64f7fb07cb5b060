//! The commit: what a request did to its session is written before the first byte of the response is sent.

mod headers;
mod replace;

use std::panic::AssertUnwindSafe;

use rocket::fairing::{Fairing, Info, Kind};
use rocket::futures::FutureExt;
use rocket::http::{Method, Status};
use rocket::{Data, Request, Response, async_trait};

use crate::config::Unavailable;
use crate::cookie::{Presented, presented};
use crate::core::Core;
use crate::data::SessionData;
use crate::error::SessionError;
use crate::guard::GuardError;
use crate::sessions::Sessions;
use crate::state::{Delivery, Scope, State};

/// The fairing that commits. It is attached last, so that it sees what other fairings made of the response.
pub(crate) struct Committer<T: SessionData>(Sessions<T>);

impl<T: SessionData> Committer<T> {
    pub(crate) fn new(sessions: Sessions<T>) -> Self {
        Self(sessions)
    }
}

#[async_trait]
impl<T: SessionData> Fairing for Committer<T> {
    fn info(&self) -> Info {
        Info { name: std::any::type_name::<Self>(), kind: Kind::Request | Kind::Response }
    }

    /// Remembers a HEAD request, which Rocket hands to handlers as GET.
    async fn on_request(&self, request: &mut Request<'_>, _data: &mut Data<'_>) {
        if request.method() == Method::Head
            && let Some(state) = State::<T>::of(request)
        {
            state.takes_nothing();
        }
    }

    async fn on_response<'r>(&self, request: &'r Request<'_>, response: &mut Response<'r>) {
        // The look for the state costs more than all else on a route without sessions.
        if self.0.core().is_idle() {
            return;
        }
        if let Some(state) = State::<T>::existing(request).filter(|state| state.is_loaded()) {
            // Apart, because every response pays for the size of this future.
            let finishing = Box::pin(finish(state, request, response));
            if AssertUnwindSafe(finishing).catch_unwind().await.is_err() {
                log::error!("the commit of the session `{}` panicked", T::NAME);
                Box::pin(replace::replace(request, response, Status::InternalServerError)).await;
            }
        }
    }
}

async fn finish<'r, T: SessionData>(state: &State<T>, request: &'r Request<'_>, response: &mut Response<'r>) {
    let written = commit(state, response.status()).await;
    let delivery = state.deliver().await;
    if let Err(error) = written {
        let own = T::REQUIRED.is_some() || state.look(|edits| edits.is_somebodys());
        let reason = GuardError::of_error(&error, own);
        if let Some(reason) = &reason {
            reason.keep(request);
        }
        let status = reason.map_or(Status::InternalServerError, |reason| reason.status());
        replace::replace(request, response, status).await;
    }
    headers::vary(response);
    deliver(&state.core, request, response, delivery);
}

async fn commit<T: SessionData>(state: &State<T>, status: Status) -> Result<(), SessionError> {
    if let Some(error) = state.load_error() {
        return match state.core.settings.unavailable {
            Unavailable::Refuse => Err(error.clone().into()),
            Unavailable::Pass => Ok(()),
        };
    }
    state.write(scope(state, status)).await
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

fn deliver(core: &Core, request: &Request<'_>, response: &mut Response<'_>, delivery: Delivery) {
    let cookie = match delivery {
        Delivery::Nothing => return,
        Delivery::Token { value, max_age } => core.cookie.set(&value, max_age),
        Delivery::Slide { max_age } => match presented(request, core.cookie.name(), &core.seal) {
            Presented::Session { value, .. } => core.cookie.set(value, Some(max_age)),
            _ => return,
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
