//! A proxy before a server, that counts round trips and swallows answers.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use parking_lot::Mutex;
use rocket::tokio::io::{AsyncReadExt, AsyncWriteExt};
use rocket::tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use rocket::tokio::net::{TcpListener, TcpStream};
use rocket::tokio::spawn;
use rocket::tokio::sync::Semaphore;

/// What a proxy did, and is to do.
#[derive(Default)]
pub(crate) struct Proxy {
    pub(crate) port: u16,
    trips: AtomicU64,
    connections: AtomicU64,
    /// The connections before this one get no answers.
    first: AtomicU64,
    /// Whether those connections are closed when there is an answer.
    cutting: AtomicBool,
    /// The command that is to wait.
    held: Mutex<Option<(&'static str, Arc<Held>)>>,
}

/// A request that waits, or will.
pub(crate) struct Held {
    reached: Semaphore,
    released: Semaphore,
}

impl Held {
    pub(crate) async fn reached(&self) {
        let _ = self.reached.acquire().await.unwrap();
    }

    pub(crate) fn release(&self) {
        self.released.add_permits(1);
    }
}

/// Returns whether something is no part of a request: what is freed in the background, the epoch of a Cluster, which is
/// asked for every five seconds, and what a replica says.
fn is_aside(sent: &[u8]) -> bool {
    let has = |part: &[u8], command: &str| part.windows(command.len()).any(|bytes| bytes == command.as_bytes());
    let aside = ["*2\r\n$3\r\nGET\r\n", "\r\n$6\r\nUNLINK\r\n", "\r\n$8\r\nREPLCONF\r\n"];
    // A request may come with it.
    let requests = ["\r\nEVALSHA\r\n", "\r\nEVAL\r\n"];
    aside.iter().any(|command| has(&sent[..sent.len().min(24)], command))
        && !requests.iter().any(|command| has(sent, command))
}

impl Proxy {
    pub(crate) async fn before(port: u16) -> Arc<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let proxy = Arc::new(Self { port: listener.local_addr().unwrap().port(), ..Self::default() });
        let own = proxy.clone();
        spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let Ok(server) = TcpStream::connect(("127.0.0.1", port)).await else { continue };
                let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
                let asked = Arc::new(AtomicBool::new(false));
                spawn(own.clone().requests(from_client, to_server, asked.clone()));
                let number = own.connections.fetch_add(1, Ordering::SeqCst);
                spawn(own.clone().answers(number, from_server, to_client, asked));
            }
        });
        proxy
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    async fn requests(self: Arc<Self>, mut from: OwnedReadHalf, mut to: OwnedWriteHalf, asked: Arc<AtomicBool>) {
        let mut bytes = vec![0; 1 << 16];
        while let Ok(length @ 1..) = from.read(&mut bytes).await {
            if !is_aside(&bytes[..length]) && !asked.swap(true, Ordering::SeqCst) {
                self.trips.fetch_add(1, Ordering::SeqCst);
            }
            let mut sent = 0;
            if let Some((at, held)) = self.take_held(&bytes[..length]) {
                // What was asked before it is answered.
                if to.write_all(&bytes[..at]).await.is_err() {
                    return;
                }
                sent = at;
                held.reached.add_permits(1);
                let _ = held.released.acquire().await.unwrap();
            }
            if to.write_all(&bytes[sent..length]).await.is_err() {
                return;
            }
        }
    }

    /// Returns where the command is that is to wait, if it is in this request.
    fn take_held(&self, request: &[u8]) -> Option<(usize, Arc<Held>)> {
        let mut held = self.held.lock();
        let (command, _) = held.as_ref()?;
        let at = request.windows(command.len()).position(|window| window == command.as_bytes())?;
        held.take().map(|(_, held)| (at, held))
    }

    async fn answers(
        self: Arc<Self>,
        number: u64,
        mut from: OwnedReadHalf,
        mut to: OwnedWriteHalf,
        asked: Arc<AtomicBool>,
    ) {
        let mut bytes = vec![0; 1 << 16];
        while let Ok(length @ 1..) = from.read(&mut bytes).await {
            asked.store(false, Ordering::SeqCst);
            if number >= self.first.load(Ordering::SeqCst) {
                if to.write_all(&bytes[..length]).await.is_err() {
                    return;
                }
            } else if self.cutting.load(Ordering::SeqCst) {
                // To drop this half ends the connection.
                return;
            }
        }
    }

    /// Makes the next such command wait before the server gets it; what is sent before it is not held up.
    pub(crate) fn hold(&self, command: &'static str) -> Arc<Held> {
        let held = Arc::new(Held { reached: Semaphore::new(0), released: Semaphore::new(0) });
        *self.held.lock() = Some((command, held.clone()));
        held
    }

    /// Returns how often a client waited for an answer since the last time.
    pub(crate) fn trips(&self) -> u64 {
        self.trips.swap(0, Ordering::SeqCst)
    }

    /// Swallows what the server answers on the connections that there are, for good.
    pub(crate) fn swallow(&self) {
        self.cutting.store(false, Ordering::SeqCst);
        self.first.store(self.connections.load(Ordering::SeqCst), Ordering::SeqCst);
    }

    /// Closes each connection that there is when the server answers on it.
    pub(crate) fn cut(&self) {
        self.swallow();
        self.cutting.store(true, Ordering::SeqCst);
    }
}
