//! The state that all guards of one request and one session type share.

mod carry_out;
mod changes;
mod claim;
mod client;
mod due;
mod edits;
mod end;
mod follow;
mod issue;
mod known;
mod load;
mod plan;
mod slot;
mod snapshots;
mod stamp;
mod write;

use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::Duration;

use parking_lot::Mutex;
use rocket::Request;
use rocket::futures::FutureExt;
use rocket::futures::lock::Mutex as AsyncMutex;

use self::claim::Claim;
pub(crate) use self::client::Peer;
pub(crate) use self::edits::{Edits, How};
use self::known::Known;
pub(crate) use self::slot::Sight;
pub(crate) use self::snapshots::Snapshot;
use self::write::Turn;
pub(crate) use self::write::{Delivery, Scope, Written};

use crate::clock::Timestamp;
use crate::core::{Budget, Core};
use crate::cross_site;
use crate::data::SessionData;
use crate::error::StorageError;
use crate::event::EventKind;
use crate::storage::SessionStorage;
use crate::storage::cookie::Carried;
use crate::token::{Handle, Key};

/// The session of one request.
pub(crate) struct State<T: SessionData> {
    pub(crate) core: Arc<Core>,
    /// The session that the request's cookie carries, where sessions live in their cookies.
    carried: Option<Arc<Carried>>,
    key: Option<Key>,
    /// The address of the client, if it was asked for: to find it out costs more than a mere look at the session.
    ip: Mutex<Option<IpAddr>>,
    /// The data as it was loaded, or why it could not be.
    loaded: OnceLock<Result<Snapshot<T>, StorageError>>,
    known: Mutex<Known<T>>,
    /// Raised by every edit, so that handles know when to look again.
    version: AtomicU32,
    /// Held by who loads or writes.
    turn: AsyncMutex<()>,
    budget: Budget,
    panicked: AtomicBool,
    /// Whether nobody may be signed in, because a page of another origin made the request.
    foreign: bool,
    /// Whether what is taken is not removed, because nobody reads the answer.
    untaking: bool,
    responded: AtomicBool,
    /// Whether the client keeps no cookie, and has its token in the `Authorization` header.
    by_bearer: AtomicBool,
    /// Whether the client was given a token for that header.
    handed_over: AtomicBool,
}

impl<T: SessionData> State<T> {
    /// Returns the state of a request that makes this claim; `data` is what it has without a session.
    #[inline]
    fn new(core: Arc<Core>, claim: Claim, data: Option<Arc<T>>, request: &Request<'_>, head: bool) -> Box<Self> {
        core.enter();
        let Claim { key, carried, by_bearer } = claim;
        // Without a session to present there is nothing to load.
        let absent = key.is_none();
        // With a cookie a foreign request was refused before it was routed.
        let foreign = absent && !by_bearer && cross_site::is_foreign(&core, request);
        let loaded = if absent { OnceLock::from(Ok(Snapshot::new(0, data.clone()))) } else { OnceLock::new() };
        Box::new(Self {
            carried,
            key,
            ip: Mutex::new(None),
            loaded,
            known: Mutex::new(Known::new(data)),
            version: AtomicU32::new(0),
            turn: AsyncMutex::new(()),
            budget: core.budget(),
            panicked: AtomicBool::new(false),
            foreign,
            untaking: head,
            responded: AtomicBool::new(false),
            by_bearer: AtomicBool::new(by_bearer),
            handed_over: AtomicBool::new(false),
            core,
        })
    }

    /// Finds out where the request comes from, which events tell.
    pub(crate) fn meet(&self, peer: &dyn Peer) {
        let mut ip = self.ip.lock();
        *ip = ip.or_else(|| peer.ip());
    }

    /// Returns where the session of this request lives.
    fn storage(&self) -> &dyn SessionStorage {
        match &self.carried {
            None => &*self.core.storage,
            Some(carried) => &**carried,
        }
    }

    /// Returns the most that the session's own lifetime may be of one that an application asks for.
    pub(crate) fn bounded(&self, ttl: Duration) -> Duration {
        self.carried.as_ref().and_then(|carried| carried.longest()).map_or(ttl, |longest| ttl.min(longest))
    }

    /// Waits until nobody else loads or writes. Who does may be a future that is not polled any more.
    async fn take_turn(&self) -> Result<Turn<'_>, StorageError> {
        match self.turn.try_lock() {
            Some(turn) => Ok(turn),
            // Apart, because every request makes room for it and few need it.
            None => Box::pin(self.budget().wait(self.turn.lock().map(Ok))).await,
        }
    }

    /// Returns the time that calls of the storage may take: together until the response starts, each afterwards.
    fn budget(&self) -> &Budget {
        if self.responded.load(Ordering::Relaxed) {
            self.budget.renew(self.core.settings.timeout);
        }
        &self.budget
    }

    /// Takes note that the response starts.
    pub(crate) fn respond(&self) {
        self.responded.store(true, Ordering::Relaxed);
    }

    /// Looks at the edits.
    pub(crate) fn look<R>(&self, look: impl FnOnce(&mut Edits<T>) -> R) -> R {
        look(self.known.lock().edits())
    }

    /// Changes the edits, and lets every handle see it.
    pub(crate) fn change<R>(&self, peer: &dyn Peer, change: impl FnOnce(&mut Edits<T>) -> R) -> R {
        self.meet(peer);
        let mut known = self.known.lock();
        let edits = known.edits();
        let result = change(edits);
        self.version.fetch_add(1, Ordering::Release);
        let ignored = edits.take_ignored().then(|| edits.live.as_ref().map(|live| live.meta.handle));
        drop(known);
        if let Some(handle) = ignored {
            self.tell(EventKind::EditIgnored, handle);
        }
        result
    }

    /// Shows what is stored to whoever looks from now on, after a failure.
    pub(crate) fn retract(&self) {
        self.look(Edits::retract);
        self.version.fetch_add(1, Ordering::Release);
    }

    /// Returns the number of edits so far.
    pub(crate) fn version(&self) -> u32 {
        self.version.load(Ordering::Acquire)
    }

    /// Returns the data as it is now.
    pub(crate) fn snapshot(&self) -> Snapshot<T> {
        let known = self.known.lock();
        Snapshot::new(self.version(), known.seen_data())
    }

    /// Returns the data as it is now, if it can be edited, and the number of edits so far.
    pub(crate) fn editable_data(&self) -> Option<(Arc<T>, u32)> {
        let known = self.known.lock();
        Some((known.editable_data()?, self.version()))
    }

    /// Returns when the client last proved who it is, if there is a session.
    pub(crate) fn authenticated_at(&self) -> Option<Timestamp> {
        self.known.lock().authenticated_at()
    }

    /// Borrows the data as it is now, for as long as the snapshot lives; `None` where there is none to see.
    pub(crate) fn borrow<'s>(&self, snapshot: &'s Snapshot<T>) -> Option<&'s T> {
        snapshot.borrow(self.version(), || self.snapshot())
    }

    /// Borrows the data as it is now, for as long as the request.
    pub(crate) fn data(&self) -> Option<&T> {
        self.borrow(self.loaded.get()?.as_ref().ok()?)
    }

    /// Returns whether the session was loaded, or that there is none was found.
    pub(super) fn was_loaded(&self) -> bool {
        self.loaded.get().is_some_and(Result::is_ok)
    }

    /// Returns whether a guard asked for the session.
    pub(crate) fn is_loaded(&self) -> bool {
        self.loaded.get().is_some()
    }

    /// Returns whether a handle was dropped by a panic.
    pub(crate) fn has_panicked(&self) -> bool {
        self.panicked.load(Ordering::Relaxed)
    }

    /// Returns whether what is taken in this request is not removed.
    pub(crate) fn keeps_taken(&self) -> bool {
        self.untaking
    }

    /// Returns whether the client keeps no cookie.
    pub(crate) fn is_by_bearer(&self) -> bool {
        self.by_bearer.load(Ordering::Relaxed)
    }

    /// Returns whether the client was given a token that is no cookie.
    pub(crate) fn was_handed_over(&self) -> bool {
        self.handed_over.load(Ordering::Relaxed)
    }

    /// Takes note that the client keeps no cookie, and is given a token.
    pub(crate) fn hand_over(&self) {
        self.by_bearer.store(true, Ordering::Relaxed);
        self.handed_over.store(true, Ordering::Relaxed);
    }

    /// Takes note that it was given none, and whether it kept no cookie before.
    pub(crate) fn hand_over_failed(&self, by_bearer: bool) {
        self.by_bearer.store(by_bearer, Ordering::Relaxed);
        self.handed_over.store(false, Ordering::Relaxed);
    }

    /// Returns whether the client presented nothing, or what is none of ours.
    pub(crate) fn presented_nothing(&self) -> bool {
        self.key.is_none()
    }

    /// Takes note that a handle was dropped, perhaps by a panic.
    pub(crate) fn dropped(&self) {
        if thread::panicking() {
            self.panicked.store(true, Ordering::Relaxed);
        }
    }

    pub(crate) fn tell(&self, kind: EventKind, handle: Option<Handle>) {
        let identifier = self.known.try_lock().and_then(|mut known| known.edits().identifier(handle));
        self.core.tell(kind, handle, identifier, self.ip());
    }

    pub(crate) fn storage_failed(&self, error: &StorageError) {
        let handle = self.known.try_lock().and_then(|mut known| Some(known.edits().live.as_ref()?.meta.handle));
        if let Some(failure) = self.core.failure(error) {
            self.tell(failure, handle);
        }
    }

    /// Returns where the request comes from, if that was found out.
    pub(crate) fn ip(&self) -> Option<IpAddr> {
        *self.ip.lock()
    }
}

impl<T: SessionData> Drop for State<T> {
    fn drop(&mut self) {
        self.core.leave();
        self.end_after();
        // To compare runs the application's code, and whoever drops this must not suffer from it.
        let lost = catch_unwind(AssertUnwindSafe(|| {
            let edits = self.known.get_mut().made_edits()?;
            edits.is_dirty().then(|| edits.name())
        }));
        if let Some(name) = lost.unwrap_or(Some(None)) {
            let (handle, identifier) = name.unzip();
            self.core.tell(EventKind::EditsLost, handle, identifier.flatten(), self.ip());
        }
    }
}
