//! The state that all guards of one request and one session type share.

mod changes;
mod client;
mod edits;
mod end;
mod issue;
mod plan;
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
use rocket::futures::lock::Mutex as AsyncMutex;
use rocket::tokio::sync::OnceCell;

use self::edits::Other;
pub(crate) use self::edits::{Edits, How};
pub(crate) use self::snapshots::Snapshot;
pub(crate) use self::write::{Delivery, Scope};

use crate::bearer;
use crate::clock::Now;
use crate::cookie::{Opens, Presented, presented};
use crate::core::{Budget, Carrier, Core};
use crate::cross_site;
use crate::data::SessionData;
use crate::error::StorageError;
use crate::event::{EventKind, RefusedCookie};
use crate::record::{Client, Record};
use crate::sessions::Sessions;
use crate::storage::cookie::Carried;
use crate::storage::{Loaded, SessionStorage, Via};
use crate::token::{Handle, Key};

/// The place in a request for the state that its guards share; nothing in it where the fairing is missing.
enum Slot<T: SessionData> {
    /// A guard made it.
    Used(Option<Box<State<T>>>),
    /// A fairing made it. A guard may come later, in a catcher for one.
    Kept { state: OnceLock<Option<Box<State<T>>>>, head: bool },
}

impl<T: SessionData> Slot<T> {
    /// Returns a slot for guards to come; `head` says that nobody reads the answer to the request.
    fn keep(head: bool) -> Self {
        Self::Kept { state: OnceLock::new(), head }
    }
}

/// The session of one request.
pub(crate) struct State<T: SessionData> {
    pub(crate) core: Arc<Core>,
    /// The session that the request's cookie carries, where sessions live in their cookies.
    carried: Option<Arc<Carried>>,
    key: Option<Key>,
    /// Where the request comes from, if that was asked: to find out costs more than a mere look at the session.
    client: OnceLock<Option<Arc<Client>>>,
    /// The data as it was loaded, or why it could not be.
    loaded: OnceCell<Result<Snapshot<T>, StorageError>>,
    edits: Mutex<Edits<T>>,
    /// Raised by every edit, so that handles know when to look again.
    version: AtomicU32,
    /// Held by who writes.
    writing: AsyncMutex<()>,
    pub(crate) budget: Budget,
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
    /// Returns the state of a request, or nothing where the fairing of `T` is missing.
    pub(crate) fn of<'r>(request: &'r Request<'_>) -> Option<&'r Self> {
        match request.local_cache(|| Slot::Used(Self::begin(request, false))) {
            Slot::Used(state) => state.as_deref(),
            Slot::Kept { state, head } => state.get_or_init(|| Self::begin(request, *head)).as_deref(),
        }
    }

    /// Takes note of a request whose answer nobody reads.
    pub(crate) fn note_head(request: &Request<'_>) {
        request.local_cache(|| Slot::<T>::keep(true));
    }

    /// Returns the state of a request, if a guard asked for it.
    pub(crate) fn existing<'r>(request: &'r Request<'_>) -> Option<&'r Self> {
        match request.local_cache(|| Slot::keep(false)) {
            Slot::Used(state) => state.as_deref(),
            Slot::Kept { state, .. } => state.get()?.as_deref(),
        }
    }

    #[inline]
    fn begin(request: &Request<'_>, untaking: bool) -> Option<Box<Self>> {
        let core = request.rocket().state::<Sessions<T>>()?.core().clone();
        core.enter();
        let budget = core.budget();
        let bearer = core.bearer().and_then(|seal| bearer::presented(request, seal));
        let by_bearer = bearer.is_some();
        let (key, carried) = match (&core.carrier, bearer) {
            (_, Some(presented)) => (core.take(request, presented), None),
            (Carrier::Token { cookie, .. }, None) => (core.accept(request, cookie), None),
            (Carrier::Record(cookies), None) => {
                let carried = cookies.carry(core.accept(request, &**cookies));
                (carried.key(), Some(Arc::new(carried)))
            }
        };
        // Without a cookie there is nothing to load.
        let absent = key.is_none();
        // With one a foreign request was refused before it was routed.
        let foreign = absent && !by_bearer && cross_site::is_foreign(&core, request);
        let data = if absent { T::anonymous().map(Arc::new) } else { None };
        Some(Box::new(Self {
            core,
            carried,
            key,
            client: OnceLock::new(),
            loaded: OnceCell::new_with(absent.then(|| Ok(Snapshot::new(0, data.clone())))),
            edits: Mutex::new(Edits::new(data)),
            version: AtomicU32::new(0),
            writing: AsyncMutex::new(()),
            budget,
            panicked: AtomicBool::new(false),
            foreign,
            untaking,
            responded: AtomicBool::new(false),
            by_bearer: AtomicBool::new(by_bearer),
            handed_over: AtomicBool::new(false),
        }))
    }

    /// Finds out where the request comes from, which is written with the next use of its session.
    pub(crate) fn meet(&self, request: &Request<'_>) {
        self.client.get_or_init(|| Client::of(request).map(Arc::new));
    }

    /// Loads the session, once in a request.
    pub(crate) async fn load(&self, request: &Request<'_>) -> Result<(), StorageError> {
        let loaded = self.loaded.get_or_init(|| async {
            if let Some(key) = self.key {
                self.load_key(key, request).await?;
            }
            Ok(self.snapshot())
        });
        loaded.await.as_ref().map(drop).map_err(StorageError::clone)
    }

    /// Returns why the session could not be loaded, if it could not.
    pub(crate) fn load_error(&self) -> Option<&StorageError> {
        self.loaded.get().and_then(|loaded| loaded.as_ref().err())
    }

    async fn load_key(&self, key: Key, request: &Request<'_>) -> Result<(), StorageError> {
        let now = self.core.now();
        let loaded = self.budget.wait(self.storage().load(&key, now)).await.inspect_err(|error| {
            self.meet(request);
            self.storage_failed(error);
        })?;
        self.found(key, loaded, request, now);
        match self.core.stamps::<T>() {
            Some(stamps) => Box::pin(self.compare_stamp(&stamps, request, now)).await,
            None => Ok(()),
        }
    }

    /// Takes note of what the storage has under the key that was presented.
    fn found(&self, key: Key, loaded: Loaded, request: &Request<'_>, now: Now) {
        match loaded {
            Loaded::Live { record, via } => self.read(key, via, &record, now),
            Loaded::Moved => {
                self.look(|edits| edits.found_none(Some(Other::Moved(key))));
                self.meet(request);
                self.tell(EventKind::Refused(RefusedCookie::Moved), None);
            }
            Loaded::Absent => {
                self.look(|edits| edits.found_none(None));
                self.meet(request);
                self.tell(EventKind::Refused(RefusedCookie::NoSession), None);
            }
        }
    }

    fn read(&self, key: Key, via: Via, record: &Record, now: Now) {
        let handle = record.meta.handle;
        match record.view::<T>(self.core.settings.max_size) {
            Ok(view) => {
                self.core.report_unread(handle, &view.unread);
                let due = self.planner(now, true, false).is_due(&record.meta, via);
                self.look(|edits| edits.found(key, via, due, &record.meta, view));
            }
            Err(unreadable) => {
                self.core.report_unreadable(handle, unreadable);
                self.look(|edits| edits.found_none(Some(Other::Unreadable(key))));
            }
        }
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

    /// Looks at the edits.
    pub(crate) fn look<R>(&self, look: impl FnOnce(&mut Edits<T>) -> R) -> R {
        look(&mut self.edits.lock())
    }

    /// Changes the edits, and lets every handle see it.
    pub(crate) fn change<R>(&self, change: impl FnOnce(&mut Edits<T>) -> R) -> R {
        let mut edits = self.edits.lock();
        let result = change(&mut edits);
        self.version.fetch_add(1, Ordering::Release);
        let ignored = edits.take_ignored();
        drop(edits);
        if ignored {
            self.tell(EventKind::EditIgnored, None);
        }
        result
    }

    /// Returns the number of edits so far.
    pub(crate) fn version(&self) -> u32 {
        self.version.load(Ordering::Acquire)
    }

    /// Returns the data as it is now.
    pub(crate) fn snapshot(&self) -> Snapshot<T> {
        let edits = self.edits.lock();
        Snapshot::new(self.version(), edits.seen_data())
    }

    /// Borrows the data as it is now, for as long as the snapshot lives; `None` where there is none to see.
    pub(crate) fn borrow<'s>(&self, snapshot: &'s Snapshot<T>) -> Option<&'s T> {
        snapshot.borrow(self.version(), || self.snapshot())
    }

    /// Borrows the data as it is now, for as long as the request.
    pub(crate) fn data(&self) -> Option<&T> {
        self.borrow(self.loaded.get()?.as_ref().ok()?)
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

    /// Takes note that a handle was dropped by a panic.
    pub(crate) fn dropped(&self) {
        if thread::panicking() {
            self.panicked.store(true, Ordering::Relaxed);
        }
    }

    pub(crate) fn tell(&self, kind: EventKind, handle: Option<Handle>) {
        let identifier = self.edits.try_lock().and_then(|edits| edits.identifier(handle));
        self.core.tell(kind, handle, identifier, self.ip());
    }

    pub(crate) fn storage_failed(&self, error: &StorageError) {
        let handle = self.edits.try_lock().and_then(|edits| Some(edits.live.as_ref()?.meta.handle));
        if let Some(failure) = self.core.failure(error) {
            self.tell(failure, handle);
        }
    }

    fn client(&self) -> Option<&Arc<Client>> {
        self.client.get()?.as_ref()
    }

    fn ip(&self) -> Option<IpAddr> {
        self.client()?.ip
    }
}

impl<T: SessionData> Drop for State<T> {
    fn drop(&mut self) {
        self.core.leave();
        self.end_after();
        // To compare runs the application's code, and whoever drops this must not suffer from it.
        let dirty = catch_unwind(AssertUnwindSafe(|| self.edits.get_mut().is_dirty()));
        if dirty.unwrap_or(true) {
            self.core.tell(EventKind::EditsLost, None, None, self.ip());
        }
    }
}

impl Core {
    /// Returns what is in the cookie that a request presents, if one is taken.
    fn accept<S: Opens>(&self, request: &Request<'_>, seal: &S) -> Option<S::Opened> {
        self.take(request, presented(request, self.cookie.name(), seal))
    }

    /// Returns what a request presents, if it is taken.
    fn take<O>(&self, request: &Request<'_>, presented: Presented<'_, O>) -> Option<O> {
        let refused = match presented {
            Presented::Session { opened, .. } => return Some(opened),
            Presented::None => return None,
            Presented::Refused(refused) => refused.into(),
            Presented::Ambiguous => RefusedCookie::Ambiguous,
        };
        self.tell(EventKind::Refused(refused), None, None, request.client_ip());
        None
    }
}
