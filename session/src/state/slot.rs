//! The place in a request for what its guards share.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use rocket::Request;
use rocket::http::Method;

use super::State;
use super::claim::Claim;
use crate::core::Core;
use crate::data::SessionData;
use crate::sessions::Sessions;

/// What a request has in its cache; nothing is shared where the fairing is missing.
enum Slot<T: SessionData> {
    /// A guard made it.
    Used(Option<Shared<T>>),
    /// A fairing made it. A guard may come later, in a catcher for one; what it makes lies apart, since all would make
    /// room for it.
    Kept { shared: OnceLock<Option<Box<Shared<T>>>>, head: bool },
}

/// What the guards of one request share.
enum Shared<T: SessionData> {
    State(Box<State<T>>),
    Visitor(Visitor<T>),
}

/// Who presents no session, and was only looked at: most visitors are, and it takes no more than this.
pub(crate) struct Visitor<T: SessionData> {
    core: Arc<Core>,
    data: T,
    head: bool,
    responded: AtomicBool,
    state: OnceLock<Box<State<T>>>,
}

/// What is seen of a request's session.
pub(crate) enum Sight<'r, T: SessionData> {
    /// There is none, and nobody has asked for one.
    Visitor(&'r Visitor<T>),
    State(&'r State<T>),
}

impl<T: SessionData> Slot<T> {
    fn keep(head: bool) -> Self {
        Self::Kept { shared: OnceLock::new(), head }
    }

    fn shared<'r>(
        request: &'r Request<'_>,
        begin: fn(&Request<'_>, bool) -> Option<Shared<T>>,
    ) -> Option<&'r Shared<T>> {
        // In a fairing before ours a HEAD request is one still, and nothing was noted.
        match request.local_cache(|| Self::Used(begin(request, request.method() == Method::Head))) {
            Self::Used(shared) => shared.as_ref(),
            Self::Kept { shared, head } => shared.get_or_init(|| begin(request, *head).map(Box::new)).as_deref(),
        }
    }
}

impl<T: SessionData> State<T> {
    /// Returns the state of a request, or nothing where the fairing of `T` is missing.
    pub(crate) fn of<'r>(request: &'r Request<'_>) -> Option<&'r Self> {
        Slot::shared(request, Shared::begin).map(|shared| shared.state(request))
    }

    /// Returns what is to be seen of a request's session, or nothing where the fairing of `T` is missing.
    pub(crate) fn look_at<'r>(request: &'r Request<'_>) -> Option<Sight<'r, T>> {
        Slot::shared(request, Shared::visit).map(|shared| shared.seen())
    }

    /// Returns what was seen of a request's session, if a guard looked at it.
    pub(crate) fn seen<'r>(request: &'r Request<'_>) -> Option<Sight<'r, T>> {
        match request.local_cache(|| Slot::keep(false)) {
            Slot::Used(shared) => shared.as_ref(),
            Slot::Kept { shared, .. } => shared.get()?.as_deref(),
        }
        .map(Shared::seen)
    }

    /// Takes note of a request whose answer nobody reads.
    pub(crate) fn note_head(request: &Request<'_>) {
        request.local_cache(|| Slot::<T>::keep(true));
    }
}

impl<T: SessionData> Shared<T> {
    fn begin(request: &Request<'_>, head: bool) -> Option<Self> {
        Self::new(request, head, false)
    }

    fn visit(request: &Request<'_>, head: bool) -> Option<Self> {
        Self::new(request, head, true)
    }

    #[inline]
    fn new(request: &Request<'_>, head: bool, merely_looks: bool) -> Option<Self> {
        let core = request.rocket().state::<Sessions<T>>()?.core();
        let claim = Claim::of(core, request);
        let data = if claim.key.is_none() { T::anonymous() } else { None };
        let visits = merely_looks && T::POLICY.is_empty() && claim.is_nothing() && core.bearer().is_none();
        Some(match data {
            Some(data) if visits => Self::Visitor(Visitor::new(core.clone(), data, head)),
            data => Self::State(State::new(core.clone(), claim, data.map(Arc::new), request, head)),
        })
    }

    fn seen(&self) -> Sight<'_, T> {
        match self {
            Self::State(state) => Sight::State(state),
            Self::Visitor(visitor) => visitor.state.get().map_or(Sight::Visitor(visitor), |state| Sight::State(state)),
        }
    }

    fn state(&self, request: &Request<'_>) -> &State<T> {
        match self {
            Self::State(state) => state,
            Self::Visitor(visitor) => visitor.state.get_or_init(|| visitor.begin(request)),
        }
    }
}

impl<T: SessionData> Visitor<T> {
    fn new(core: Arc<Core>, data: T, head: bool) -> Self {
        core.enter();
        Self { core, data, head, responded: AtomicBool::new(false), state: OnceLock::new() }
    }

    /// Returns the data that a session would begin with.
    pub(crate) fn data(&self) -> &T {
        &self.data
    }

    /// Takes note that the response starts.
    pub(crate) fn respond(&self) {
        self.responded.store(true, Ordering::Relaxed);
    }

    #[cold]
    fn begin(&self, request: &Request<'_>) -> Box<State<T>> {
        let data = Arc::new(self.data.clone());
        let state = State::new(self.core.clone(), Claim::nothing(), Some(data), request, self.head);
        if self.responded.load(Ordering::Relaxed) {
            state.respond();
        }
        state
    }
}

impl<T: SessionData> Drop for Visitor<T> {
    fn drop(&mut self) {
        self.core.leave();
    }
}
