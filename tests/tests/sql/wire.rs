//! A wire to a server, which counts round trips, and can be cut and mended.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use rocket::tokio::io::{AsyncReadExt, AsyncWriteExt};
use rocket::tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use rocket::tokio::net::{TcpListener, TcpStream};
use rocket::tokio::sync::watch;
use rocket::tokio::time::sleep;
use rocket::tokio::{select, spawn};

/// A wire to a server.
#[derive(Clone)]
pub struct Wire {
    port: u16,
    shared: Arc<Shared>,
    cut: watch::Sender<bool>,
}

struct Shared {
    server: String,
    trips: AtomicU64,
    /// Whether the server's answers get lost.
    deaf: AtomicBool,
    /// How long each connection takes.
    delay: Mutex<Duration>,
}

/// Which side spoke last on a connection.
type Asked = Arc<AtomicBool>;

impl Wire {
    /// Returns a wire to the server of an address, and the address of its other end.
    pub async fn to(url: &str) -> (Self, String) {
        let (scheme, rest) = url.split_once("://").unwrap();
        let (login, rest) = rest.split_once('@').unwrap();
        let (server, database) = rest.split_once('/').unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Shared {
            server: server.into(),
            trips: AtomicU64::new(0),
            deaf: AtomicBool::new(false),
            delay: Mutex::default(),
        };
        let wire = Self { port, shared: Arc::new(shared), cut: watch::Sender::new(false) };
        wire.carry(listener);
        (wire, format!("{scheme}://{login}@127.0.0.1:{port}/{database}"))
    }

    /// Returns how many questions were asked since this was called before.
    pub fn trips(&self) -> u64 {
        self.shared.trips.swap(0, Ordering::SeqCst)
    }

    /// Breaks all connections; new ones are refused.
    pub async fn cut(&self) {
        self.cut.send_replace(true);
        sleep(Duration::from_millis(50)).await;
    }

    /// Lets new connections through again.
    pub async fn mend(&self) {
        let address: SocketAddr = ([127, 0, 0, 1], self.port).into();
        self.cut.send_replace(false);
        loop {
            match TcpListener::bind(address).await {
                Ok(listener) => return self.carry(listener),
                Err(_) => sleep(Duration::from_millis(10)).await,
            }
        }
    }

    /// Lets the server's answers get lost, or not any more.
    pub fn deafen(&self, deaf: bool) {
        self.shared.deaf.store(deaf, Ordering::SeqCst);
    }

    /// Lets each connection from now on take so long.
    #[cfg(feature = "postgres")]
    pub fn delay(&self, time: Duration) {
        *self.shared.delay.lock() = time;
    }

    fn carry(&self, listener: TcpListener) {
        let (shared, mut cut) = (self.shared.clone(), self.cut.subscribe());
        let closes = self.cut.clone();
        spawn(async move {
            loop {
                select! {
                    _ = cut.wait_for(|cut| *cut) => return,
                    Ok((client, _)) = listener.accept() => {
                        spawn(connect(client, shared.clone(), closes.subscribe()));
                    }
                }
            }
        });
    }
}

async fn connect(client: TcpStream, shared: Arc<Shared>, mut cut: watch::Receiver<bool>) {
    let delay = *shared.delay.lock();
    sleep(delay).await;
    let Ok(server) = TcpStream::connect(&shared.server).await else { return };
    client.set_nodelay(true).unwrap();
    server.set_nodelay(true).unwrap();
    let asked = Asked::default();
    let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
    select! {
        _ = cut.wait_for(|cut| *cut) => {}
        _ = questions(from_client, to_server, &shared, asked.clone()) => {}
        _ = answers(from_server, to_client, &shared, asked.clone()) => {}
    }
}

async fn questions(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, shared: &Shared, asked: Asked) -> io::Result<()> {
    let mut buffer = vec![0; 64 << 10];
    loop {
        let length = from.read(&mut buffer).await?;
        if length == 0 {
            return Ok(());
        }
        if !asked.swap(true, Ordering::SeqCst) {
            shared.trips.fetch_add(1, Ordering::SeqCst);
        }
        to.write_all(&buffer[..length]).await?;
    }
}

async fn answers(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, shared: &Shared, asked: Asked) -> io::Result<()> {
    let mut buffer = vec![0; 64 << 10];
    loop {
        let length = from.read(&mut buffer).await?;
        if length == 0 {
            return Ok(());
        }
        asked.store(false, Ordering::SeqCst);
        if !shared.deaf.load(Ordering::SeqCst) {
            to.write_all(&buffer[..length]).await?;
        }
    }
}
