//! Talking to the servers.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use fred::bytes::Bytes;
use fred::clients::{Client, WithOptions};
use fred::error::Error;
use fred::interfaces::{ClientLike, ClusterInterface, HashesInterface, KeysInterface};
use fred::prelude::Pool;
use fred::types::config::Options;
use fred::types::{ClusterHash, CustomCommand, InfoKind, Value};
use rocket::tokio::time::{Instant, sleep};

use super::error::{Verdict, failed};
use super::pack::{Pack, texts};
use super::patience::{Patience, Reconnections};
use super::script::{Effect, Script};
use crate::error::StorageError;

thread_local! {
    /// The number of this thread among those that sent something.
    static THREAD: usize = {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        NEXT.fetch_add(1, Ordering::Relaxed)
    };
}

/// How long a client that was connected anew is not connected anew again, however many writes a replica refuses.
const MOMENT: Duration = Duration::from_millis(500);

/// How many replicas must have a write before it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wait {
    pub(super) replicas: u32,
    pub(super) timeout: Duration,
}

/// The connections.
#[derive(Debug)]
pub(super) struct Connections {
    pub(super) pool: Pool,
    pub(super) clustered: bool,
    pub(super) wait: Option<Wait>,
    pub(super) timeout: Duration,
    pub(super) reconnections: Reconnections,
}

/// A read, or what may be repeated like one.
pub(super) enum Command {
    Get(Arc<str>),
    Hget(Vec<u8>, String),
    Unlink(Vec<Vec<u8>>),
    Info(InfoKind),
    Config(&'static str),
}

impl Command {
    async fn send(&self, client: &WithOptions<Client>) -> Result<Value, Error> {
        match self {
            Self::Get(key) => client.get(&**key).await,
            Self::Hget(key, field) => client.hget(&**key, field).await,
            Self::Unlink(keys) => client.unlink(keys.iter().map(|key| &**key).collect::<Vec<_>>()).await,
            Self::Info(section) => client.info(Some(section.clone())).await,
            Self::Config(setting) => {
                let command = CustomCommand::new_static("CONFIG", ClusterHash::Random, false);
                client.custom(command, vec!["GET", setting]).await
            }
        }
    }
}

impl Connections {
    /// Returns a connected client; without one, nothing is sent.
    ///
    /// `WAIT` holds up what is sent after it on its connection, so reads do not use those that wait. A thread keeps to
    /// one client, so that what its requests send at a time leaves together.
    fn client(&self, waits: bool) -> Result<&Client, StorageError> {
        let clients = self.pool.clients();
        let clients = match (self.wait, clients.split_at(clients.len() / 2)) {
            (Some(_), (first, rest)) if !first.is_empty() => {
                if waits {
                    first
                } else {
                    rest
                }
            }
            _ => clients,
        };
        let (before, after) = clients.split_at(THREAD.with(|number| number % clients.len().max(1)));
        let connected = after.iter().chain(before).find(|client| client.is_connected());
        connected.ok_or_else(|| StorageError::unavailable("not connected to Redis"))
    }

    fn patience<'c>(&'c self, client: &'c Client) -> Patience<'c> {
        Patience::new(&self.reconnections, client, self.timeout)
    }

    /// Returns the options of what is sent once, and never by itself again.
    ///
    /// The client must follow no redirection: after an ASK it sends ASKING on a connection that others wait on, takes
    /// the first answer for that of ASKING, and gives each of them the answer of the next.
    fn once(&self) -> Options {
        Options {
            max_attempts: Some(1),
            max_redirections: Some(0),
            timeout: Some(self.timeout),
            fail_fast: true,
            ..Options::default()
        }
    }

    /// Returns the options of what may be sent again.
    fn repeatedly(&self) -> Options {
        Options { max_attempts: Some(3), ..self.once() }
    }

    /// Sends a read, to the primary of the slot of its key. It may be sent again.
    pub(super) async fn read(&self, command: &Command) -> Result<Value, StorageError> {
        let options = self.repeatedly();
        let started = Instant::now();
        let mut pause = Pause::default();
        loop {
            let client = self.client(false)?;
            match self.patience(client).wait(command.send(&client.with_options(&options))).await {
                Ok(value) => return Ok(value),
                Err(error) if Verdict::of(&error) == Verdict::Again => {
                    pause.within(started, self.timeout, error).await?;
                }
                Err(error) => return Err(failed(error)),
            }
        }
    }

    /// Runs a script once: again only after an answer that proves that nothing ran, or if it writes nothing.
    pub(super) async fn run(
        &self,
        script: &'static Script,
        slot: u16,
        keys: Pack,
        arg: Option<Bytes>,
    ) -> Result<Value, StorageError> {
        let (count, keys) = (keys.len(), keys.into_bytes());
        let called_with = |known_by| {
            let mut args = Vec::with_capacity(count as usize + 3);
            args.extend([Value::from_static_str(known_by), count.to_string().into()]);
            args.extend(texts(&keys).chain(arg.clone()).map(Value::Bytes));
            args
        };
        let started = Instant::now();
        let mut pause = Pause::default();
        let mut whole = false;
        loop {
            let client = self.client(script.effect == Effect::Written)?;
            let (name, known_by) = if whole { ("EVAL", &script.text) } else { ("EVALSHA", &script.hash) };
            let command = CustomCommand::new_static(name, ClusterHash::Custom(slot), false);
            let error = match self.send(client, script.effect, command, called_with(known_by), slot).await {
                Ok(answer) => return Ok(answer),
                Err(Sent::Failed(error)) => error,
                Err(Sent::Unconfirmed(error)) => return Err(error),
            };
            match Verdict::of(&error) {
                Verdict::NoScript => whole = true,
                Verdict::Again => pause.within(started, self.timeout, error).await?,
                Verdict::Replica => {
                    self.reconnections.begin(client, MOMENT);
                    return Err(failed(error));
                }
                Verdict::Unknown => return Err(failed(error)),
            }
        }
    }

    async fn send(
        &self,
        client: &Client,
        effect: Effect,
        command: CustomCommand,
        args: Vec<Value>,
        slot: u16,
    ) -> Result<Value, Sent> {
        if let (Effect::Written, Some(wait)) = (effect, self.wait) {
            return Box::pin(self.send_and_wait(client, command, args, slot, wait)).await;
        }
        let options = if effect == Effect::None { self.repeatedly() } else { self.once() };
        // Apart, because it is large, and what waits for it is moved about.
        Ok(self.patience(client).wait(Box::pin(client.with_options(&options).custom(command, args))).await?)
    }

    /// Sends a command, and waits on the same connection for the replicas to have what it wrote.
    async fn send_and_wait(
        &self,
        client: &Client,
        command: CustomCommand,
        args: Vec<Value>,
        slot: u16,
        wait: Wait,
    ) -> Result<Value, Sent> {
        let mut options = self.once();
        if self.clustered {
            let routing = client.cached_cluster_state();
            options.cluster_node = routing.and_then(|routing| routing.get_server(slot).cloned());
        }
        let pipeline = client.pipeline().with_options(&options);
        let _: Value = pipeline.custom(command, args).await?;
        let millis = i64::try_from(wait.timeout.as_millis()).unwrap_or(i64::MAX);
        let waiting = CustomCommand::new_static("WAIT", ClusterHash::Custom(slot), false);
        let _: Value = pipeline.custom(waiting, vec![Value::from(i64::from(wait.replicas)), millis.into()]).await?;
        let results = async { Ok(pipeline.try_all::<Value>().await) };
        let mut results = self.patience(client).wait(results).await?.into_iter();
        let answer = results.next().unwrap_or_else(|| Ok(Value::Null))?;
        let confirmed =
            results.next().unwrap_or_else(|| Ok(Value::Null)).map_err(|error| Sent::Unconfirmed(failed(error)))?;
        if confirmed.as_i64().is_some_and(|confirmed| confirmed >= i64::from(wait.replicas)) {
            return Ok(answer);
        }
        let few = format!("{} of {} replicas have what was written", confirmed.as_i64().unwrap_or(0), wait.replicas);
        Err(Sent::Unconfirmed(StorageError::unavailable(few)))
    }
}

/// Why a command has no answer.
enum Sent {
    Failed(Error),
    Unconfirmed(StorageError),
}

impl From<Error> for Sent {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// The pauses between attempts, which grow.
#[derive(Default)]
struct Pause(u32);

impl Pause {
    async fn within(&mut self, started: Instant, timeout: Duration, error: Error) -> Result<(), StorageError> {
        let pause = Duration::from_millis(5 << self.0.min(4));
        self.0 += 1;
        if started.elapsed() + pause >= timeout {
            return Err(failed(error));
        }
        sleep(pause).await;
        Ok(())
    }
}
