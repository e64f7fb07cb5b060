//! Giving up connections that do not answer.

use std::collections::HashMap;
use std::time::Duration;

use fred::clients::Client;
use fred::error::{Error, ErrorKind};
use fred::interfaces::ClientLike;
use parking_lot::Mutex;
use rocket::tokio::runtime::Handle;
use rocket::tokio::time::Instant;

/// When the connections of a client were last given up.
#[derive(Debug, Default)]
pub(super) struct Reconnections(Mutex<HashMap<String, Instant>>);

impl Reconnections {
    /// Connects a client anew, and asks anew who the primary is, unless that was done a moment ago.
    pub(super) fn begin(&self, client: &Client, moment: Duration) {
        let Ok(runtime) = Handle::try_current() else { return };
        let mut times = self.0.lock();
        if times.get(client.id()).is_some_and(|at| at.elapsed() < moment) {
            return;
        }
        times.insert(client.id().to_owned(), Instant::now());
        let client = client.clone();
        runtime.spawn(async move { client.force_reconnection().await });
    }
}

/// Waits for an answer. If that takes too long, or is no longer waited for because it took long, the connection is
/// given up: the client notices that it is dead only when nothing else is sent on it.
pub(super) struct Patience<'c> {
    reconnections: &'c Reconnections,
    client: &'c Client,
    timeout: Duration,
    since: Instant,
    answered: bool,
}

impl<'c> Patience<'c> {
    pub(super) fn new(reconnections: &'c Reconnections, client: &'c Client, timeout: Duration) -> Self {
        Self { reconnections, client, timeout, since: Instant::now(), answered: false }
    }

    pub(super) async fn wait<R>(mut self, answer: impl Future<Output = Result<R, Error>>) -> Result<R, Error> {
        let answer = answer.await;
        self.answered = !matches!(&answer, Err(error) if *error.kind() == ErrorKind::Timeout);
        answer
    }
}

impl Drop for Patience<'_> {
    fn drop(&mut self) {
        if !self.answered && self.since.elapsed() >= self.timeout / 2 {
            self.reconnections.begin(self.client, self.timeout);
        }
    }
}
