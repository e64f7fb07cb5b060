//! Sessions of one type: the fairing, and the handle for everything outside a request.

mod announce;
mod builder;
mod expiry;
mod limits;
mod names;

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

pub use self::builder::Builder;

use crate::core::{Core, Whose};
use crate::data::{SessionData, SessionIdentifier};
use crate::error::{SessionError, StorageError};
use crate::event::{EndedBy, EventKind};
use crate::record::{Change, Patch, Record};
use crate::session::Entry;
use crate::storage::Commit;
use crate::token::{Handle, Identity, Key};

/// How often a session is looked for that is given a new token again and again meanwhile.
const ATTEMPTS: usize = 3;

/// All sessions of type `T`.
///
/// [`fairing`](Self::fairing) attaches them to an application. From then on a `Sessions<T>` is in its managed state,
/// for what is done outside of a session's own requests: `&State<Sessions<T>>` as a guard, or
/// `rocket.state::<Sessions<T>>()`.
///
/// # Examples
///
/// ```
/// use rocket::{State, post};
/// use rocket_typed_session::{Session, SessionError, Sessions};
///
/// #[derive(Clone, Session)]
/// #[session(required)]
/// struct User {
///     #[session(identifier)]
///     id: i64,
/// }
///
/// #[post("/users/<id>/disable")]
/// async fn disable(id: i64, sessions: &State<Sessions<User>>) -> Result<String, SessionError> {
///     let ended = sessions.end_all(&id).await?;
///     Ok(format!("{ended} sessions ended"))
/// }
///
/// let rocket = rocket::build().attach(Sessions::<User>::fairing()).mount("/", rocket::routes![disable]);
/// ```
pub struct Sessions<T> {
    core: Arc<Core>,
    data: PhantomData<fn() -> T>,
}

impl<T: SessionData> Sessions<T> {
    /// Returns the fairing, configured by `Rocket.toml`.
    pub fn fairing() -> Builder<T> {
        Self::builder()
    }

    /// Returns the fairing, to be configured in code.
    pub fn builder() -> Builder<T> {
        Builder::default()
    }

    fn new(core: Core) -> Self {
        Self { core: Arc::new(core), data: PhantomData }
    }

    pub(crate) fn core(&self) -> &Arc<Core> {
        &self.core
    }

    /// Returns a living session.
    ///
    /// # Errors
    ///
    /// Fails if the storage does, or keeps no index.
    pub async fn get(&self, handle: &Handle) -> Result<Option<Entry<T>>, SessionError> {
        let found = self.find(handle).await?;
        Ok(found.and_then(|(_, record)| self.core.entry(&record, None, None)))
    }

    /// Edits the data of a living session, as [`Session::update`](crate::Session::update) does. Returns what `edit`
    /// returned, or [`None`] if there is no such session.
    ///
    /// If a field is changed that rotates the token, such as a role, the session's next request rotates it, and a token
    /// that was renewed before is good no more.
    ///
    /// # Errors
    ///
    /// Fails if the storage does, or keeps no index; with [`SessionError::Conflict`] if a field that merges by
    /// `reject` was changed meanwhile, [`SessionError::Moved`] if the session gets new tokens all the time, and
    /// [`SessionError::Encode`] or [`StorageError::TooLarge`] if it can not be stored; and with
    /// [`StorageError::Unsupported`] if the edit changes the identifier.
    pub async fn update<R>(&self, handle: &Handle, edit: impl FnOnce(&mut T) -> R) -> Result<Option<R>, SessionError> {
        let Some((mut key, record)) = self.find(handle).await? else { return Ok(None) };
        let Some((result, patch)) = self.edited(&record, edit)? else { return Ok(None) };
        let Some(patch) = patch else { return Ok(Some(result)) };
        for _ in 0..ATTEMPTS {
            match self
                .within(self.core.storage.commit(&key, patch.clone(), self.core.now()), Whose::one(handle))
                .await?
            {
                Commit::Committed { .. } => return Ok(Some(result)),
                Commit::Gone => return Ok(None),
                Commit::Conflict(field) => return Err(SessionError::Conflict(field)),
                Commit::Moved => match self.find(handle).await? {
                    Some((moved, _)) => key = moved,
                    None => return Ok(None),
                },
            }
        }
        Err(SessionError::Moved)
    }

    async fn find(&self, handle: &Handle) -> Result<Option<(Key, Arc<Record>)>, SessionError> {
        Ok(self.within(self.core.index()?.find(handle, self.core.now()), Whose::one(handle)).await?)
    }

    fn edited<R>(
        &self,
        record: &Record,
        edit: impl FnOnce(&mut T) -> R,
    ) -> Result<Option<(R, Option<Patch>)>, SessionError> {
        let Some(view) = self.core.read::<T>(record, || None) else { return Ok(None) };
        let mut now = T::clone(&view.value);
        let result = edit(&mut now);
        if now.identity() != view.value.identity() {
            return Err(
                StorageError::Unsupported("the identifier of a session changes in its own requests only").into()
            );
        }
        let change = Change::between(view.value, Arc::new(now), view.foreign)?;
        if let Some(change) = &change {
            self.core.settings.writable(view.size.saturating_add_signed(change.growth), view.size)?;
        }
        let patch = change.map(|change| {
            let rotates = change.rotates();
            let mut patch = Patch::of(change);
            patch.meta.rotation_due = rotates.then_some(true);
            patch
        });
        Ok(Some((result, patch)))
    }

    /// Ends a session. Returns whether it lived.
    ///
    /// # Errors
    ///
    /// Fails if the storage does, or keeps no index; whether the session was ended is unknown then.
    pub async fn end_one(&self, handle: &Handle) -> Result<bool, SessionError> {
        let ended = self.within(self.core.index()?.delete(handle, self.core.now()), Whose::one(handle)).await?;
        if ended {
            self.core.streams.stir(handle.tag());
            self.core.tell(EventKind::Ended(EndedBy::Application), Some(*handle), None, None);
        }
        Ok(ended)
    }

    /// Ends every session that began before.
    ///
    /// # Errors
    ///
    /// Fails if the storage does, or can not do it; whether sessions were ended is unknown then.
    pub async fn end_everyone(&self) -> Result<(), SessionError> {
        self.within(self.core.storage.delete_everyone(self.core.now()), Whose::default()).await?;
        self.core.streams.stir_all();
        self.core.tell(EventKind::EndedEveryone, None, None, None);
        Ok(())
    }

    async fn within<R>(
        &self,
        call: impl Future<Output = Result<R, StorageError>>,
        whose: Whose,
    ) -> Result<R, StorageError> {
        self.core.within(&self.core.budget(), call, whose).await
    }
}

impl<T: SessionIdentifier> Sessions<T> {
    /// Returns the living sessions of an identifier, the one used last first.
    ///
    /// # Errors
    ///
    /// Fails if the storage does.
    pub async fn list(&self, id: &T::Id) -> Result<Vec<Entry<T>>, SessionError> {
        let records = self.within(self.core.index()?.list(&identity::<T>(id), self.core.now()), Whose::all(id)).await?;
        Ok(records.iter().filter_map(|record| self.core.entry(record, None, None)).collect())
    }

    /// Returns how many sessions of an identifier live.
    ///
    /// # Errors
    ///
    /// Fails if the storage does.
    pub async fn count(&self, id: &T::Id) -> Result<u64, SessionError> {
        Ok(self.within(self.core.index()?.count(&identity::<T>(id), self.core.now()), Whose::all(id)).await?)
    }

    /// Ends all sessions of an identifier. Returns how many. A sign-in that is under way and takes effect afterwards lives:
    /// disable the account first.
    ///
    /// # Errors
    ///
    /// Fails if the storage does; which sessions were ended is unknown then.
    pub async fn end_all(&self, id: &T::Id) -> Result<u64, SessionError> {
        self.end_many(id, None).await
    }

    /// Ends all sessions of an identifier but one. Returns how many.
    ///
    /// # Errors
    ///
    /// Fails if the storage does; which sessions were ended is unknown then.
    pub async fn end_all_except(&self, id: &T::Id, handle: &Handle) -> Result<u64, SessionError> {
        self.end_many(id, Some(handle)).await
    }

    async fn end_many(&self, id: &T::Id, except: Option<&Handle>) -> Result<u64, SessionError> {
        let index = self.core.index()?;
        let identity = identity::<T>(id);
        let ended = self.within(index.delete_all(&identity, except, self.core.now()), Whose::all(id)).await?;
        if ended > 0 {
            self.core.streams.stir(identity.tag());
            self.core.tell(EventKind::EndedMany(ended, EndedBy::Application), None, Some(id.to_string()), None);
        }
        Ok(ended)
    }
}

fn identity<T: SessionIdentifier>(id: &T::Id) -> Identity {
    Identity::new(T::NAME, &id.to_string())
}

impl<T> Clone for Sessions<T> {
    fn clone(&self) -> Self {
        Self { core: self.core.clone(), data: PhantomData }
    }
}

impl<T> fmt::Debug for Sessions<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Sessions").field("name", &self.core.name).finish_non_exhaustive()
    }
}
