//! Freeing what expired.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::time::Duration;

use rocket::futures::FutureExt;
use rocket::tokio::task::yield_now;
use rocket::tokio::{select, time};
use rocket::{Shutdown, config};

use super::Sessions;
use crate::core::Whose;
use crate::data::SessionData;
use crate::error::{SessionError, StorageError};
use crate::event::{Event, EventKind};
use crate::record::Record;

impl<T: SessionData> Sessions<T> {
    /// Frees the sessions that expired five minutes ago or more, as is done from time to time anyway, and tells of each
    /// by an event. Returns how many; zero where they leave the storage by themselves. Each batch may take as long as a
    /// request's [`timeout`](crate::Config::timeout).
    ///
    /// # Errors
    ///
    /// Fails if the storage does. What was freed before is freed.
    pub async fn delete_expired(&self) -> Result<u64, SessionError> {
        self.free_expired(|| true).await.map_err(SessionError::from)
    }

    /// Frees expired sessions from time to time until the application shuts down. A failure is no reason to stop.
    pub(super) async fn sweep(self, shutdown: Shutdown) {
        let mut shutdown = pin!(shutdown);
        loop {
            select! {
                biased;
                () = &mut shutdown => return,
                () = time::sleep(self.core.settings.sweep) => {
                    // A failure was logged, and the next turn tries again.
                    let _ = self.free_expired(|| shutdown.as_mut().now_or_never().is_none()).await;
                }
            }
        }
    }

    /// Lets go of the storage once the requests that are under way at a shutdown have had their time.
    pub(super) async fn close(self, config: config::Shutdown) {
        let time = u64::from(config.grace) + u64::from(config.mercy);
        time::sleep(Duration::from_secs(time)).await;
        self.core.storage.shutdown().await;
    }

    /// Frees one batch after another, as long as it may go on.
    async fn free_expired(&self, mut goes_on: impl FnMut() -> bool) -> Result<u64, StorageError> {
        let Some(sweep) = self.core.storage.sweep() else { return Ok(0) };
        let (now, mut freed) = (self.core.now(), 0);
        loop {
            let swept = self.within(sweep.sweep(now), Whose::default()).await?;
            freed += swept.expired.len() as u64;
            for record in &swept.expired {
                self.tell_expired(record);
            }
            if !swept.more || !goes_on() {
                return Ok(freed);
            }
            yield_now().await;
        }
    }

    fn tell_expired(&self, record: &Record) {
        if !self.core.listener.hears() {
            return;
        }
        // What reads the data may be the application's, and must not end the task when it panics.
        let identifier = catch_unwind(AssertUnwindSafe(|| {
            record.view::<T>(self.core.settings.readable()).ok().and_then(|view| view.value.identity())
        }));
        self.core.listener.tell(&Event {
            kind: EventKind::Expired,
            session: self.core.name,
            handle: Some(record.meta.handle),
            identifier: identifier.unwrap_or_default(),
            at: record.meta.expires_at.into(),
            ip: None,
        });
    }
}
