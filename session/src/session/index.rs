//! The other sessions of the same identifier.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::SystemTime;

use super::Session;
use crate::clock::Now;
use crate::core::Core;
use crate::data::{SessionData, SessionIdentifier};
use crate::error::{SessionError, StorageError};
use crate::event::{EndedBy, EventKind};
use crate::record::{Meta, Record};
use crate::storage::SessionIndex;
use crate::token::{Handle, Identity};

/// One of the sessions of an identifier, as a list shows it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Entry<T> {
    /// The public name of the session.
    pub handle: Handle,
    /// Whether it is the session of this request.
    pub current: bool,
    /// When it began.
    pub created_at: SystemTime,
    /// When it was last used, as far as that is written down.
    pub seen_at: SystemTime,
    /// When it ends unless it is used again.
    pub expires_at: SystemTime,
    /// The address that it was last used from, as far as that is written down. Unless a proxy sets Rocket's `ip_header` any
    /// client can choose it: see [`Event::ip`](crate::Event::ip).
    pub ip: Option<IpAddr>,
    /// The user agent that it was last used with, at most 256 bytes of it.
    pub agent: Option<String>,
    /// Its data.
    pub data: Arc<T>,
}

impl<T: SessionData> Entry<T> {
    fn new(meta: &Meta, data: Arc<T>, current: bool) -> Self {
        let client = meta.client.as_deref();
        Self {
            handle: meta.handle,
            current,
            created_at: meta.created_at.into(),
            seen_at: meta.seen_at.into(),
            expires_at: meta.expires_at.into(),
            ip: client.and_then(|client| client.ip),
            agent: client.and_then(|client| client.agent.clone()),
            data,
        }
    }
}

impl Core {
    pub(crate) fn index(&self) -> Result<&dyn SessionIndex, StorageError> {
        self.storage.index().ok_or(StorageError::Unsupported("this storage keeps no index of sessions"))
    }

    /// Returns the entry of a record, which somebody at the address `ip` asks for; one that can not be read as a `T` is
    /// left out.
    pub(crate) fn entry<T: SessionData>(
        &self,
        record: &Record,
        current: Option<Handle>,
        ip: Option<IpAddr>,
    ) -> Option<Entry<T>> {
        let view = self.read::<T>(record, || ip)?;
        Some(Entry::new(&record.meta, view.value, current == Some(record.meta.handle)))
    }
}

/// Who asks for the sessions of an identifier.
struct Owner {
    identity: Identity,
    handle: Handle,
}

impl<T: SessionIdentifier> Session<'_, T> {
    /// Returns the living sessions of this session's identifier, the one used last first; [`None`] without a session
    /// or while it has no identifier. A session that began in this request is listed once it is saved.
    ///
    /// # Errors
    ///
    /// Fails if the storage does.
    pub async fn list(&self) -> Result<Option<Vec<Entry<T>>>, SessionError> {
        let Some(owner) = self.owner() else { return Ok(None) };
        let core = &self.state.core;
        let index = core.index()?;
        let records = self.met().within(index.list(&owner.identity, core.now())).await?;
        let ip = self.met().ip();
        Ok(Some(records.iter().filter_map(|record| core.entry(record, Some(owner.handle), ip)).collect()))
    }

    /// Ends one of the sessions of this session's identifier. Returns whether there was one; a session of somebody
    /// else and none at all look alike. [`None`] without a session or identifier.
    ///
    /// # Errors
    ///
    /// Fails if the storage does; whether the session was ended is unknown then.
    pub async fn end_one(&self, handle: &Handle) -> Result<Option<bool>, SessionError> {
        let Some(owner) = self.owner() else { return Ok(None) };
        if handle.tag() != owner.identity.tag() {
            return Ok(Some(false));
        }
        let ended = self.met().within(self.state.core.index()?.delete(handle, self.now())).await?;
        if ended {
            self.state.core.streams.stir(handle.tag());
            self.met().tell(EventKind::Ended(EndedBy::Owner), Some(*handle));
        }
        if *handle == owner.handle {
            self.change(|edits| edits.ended_as(handle, ended));
        }
        Ok(Some(ended))
    }

    /// Ends all sessions of this session's identifier but this one. Returns how many; [`None`] without a session or
    /// identifier.
    ///
    /// # Errors
    ///
    /// Fails if the storage does; which sessions were ended is unknown then.
    pub async fn end_others(&self) -> Result<Option<u64>, SessionError> {
        let Some(owner) = self.owner() else { return Ok(None) };
        self.end_many(&owner.identity, Some(&owner.handle)).await.map(Some)
    }

    /// Ends all sessions of this session's identifier, and this one. Returns how many; [`None`] without a session or
    /// identifier.
    ///
    /// # Errors
    ///
    /// Fails if the storage does; which sessions were ended is unknown then.
    pub async fn end_all(&self) -> Result<Option<u64>, SessionError> {
        let Some(owner) = self.owner() else { return Ok(None) };
        let ended = self.end_many(&owner.identity, None).await?;
        self.change(|edits| edits.ended_with(&owner.identity, ended > 0));
        Ok(Some(ended))
    }

    async fn end_many(&self, identity: &Identity, except: Option<&Handle>) -> Result<u64, SessionError> {
        let index = self.state.core.index()?;
        let ended = self.met().within(index.delete_all(identity, except, self.now())).await?;
        if ended > 0 {
            self.state.core.streams.stir(identity.tag());
            self.met().tell(EventKind::EndedMany(ended, EndedBy::Owner), except.copied());
        }
        Ok(ended)
    }

    fn owner(&self) -> Option<Owner> {
        self.state.look(|edits| Some(Owner { identity: edits.identity()?, handle: edits.handle().ok()?? }))
    }

    fn now(&self) -> Now {
        self.state.core.now()
    }
}
