//! Connections that go on in another protocol, as `WebSocket`s do.

use std::io;
use std::pin::Pin;

use rocket::data::{IoHandler, IoStream};
use rocket::response::{self, Responder};
use rocket::tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use rocket::tokio::net::TcpStream;
use rocket::{Request, Response, async_trait, get, post, routes};
use rocket_typed_session::{Session, Sessions};
use rocket_typed_session_tests::{Role, User, figment, place, serve};

/// Stays open until the session ends.
struct Chat(Pin<Box<dyn Future<Output = ()> + Send>>);

#[async_trait]
impl IoHandler for Chat {
    async fn io(self: Pin<Box<Self>>, mut stream: IoStream) -> io::Result<()> {
        stream.write_all(b"open\n").await?;
        Pin::into_inner(self).0.await;
        stream.write_all(b"over\n").await
    }
}

impl<'r> Responder<'r, 'r> for Chat {
    fn respond_to(self, _: &'r Request<'_>) -> response::Result<'r> {
        Response::build().upgrade("chat", self).ok()
    }
}

#[get("/chat")]
fn chat(_user: &User, session: Session<'_, User>) -> Chat {
    Chat(Box::pin(session.ended()))
}

#[post("/login")]
fn login(session: Session<'_, User>) {
    session.start(User::new(7, Role::Member));
}

#[post("/logout")]
fn logout(session: Session<'_, User>) {
    session.end();
}

/// Sends a request, and returns what is answered after its headers, and these.
async fn ask(port: u16, line: &str, headers: &str) -> (String, BufReader<TcpStream>) {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let request = format!("{line} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n{headers}\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let (mut stream, mut head) = (BufReader::new(stream), String::new());
    while !head.ends_with("\r\n\r\n") {
        assert_ne!(stream.read_line(&mut head).await.unwrap(), 0, "{head}");
    }
    (head, stream)
}

async fn signed_in(port: u16) -> String {
    let (head, _) = ask(port, "POST /login", "").await;
    let cookie = head.lines().find_map(|line| line.strip_prefix("set-cookie: ")?.split(';').next());
    format!("Cookie: {}\r\n", cookie.unwrap())
}

async fn upgraded(port: u16, cookie: &str) -> BufReader<TcpStream> {
    let (head, mut stream) = ask(port, "GET /chat", &format!("Connection: Upgrade\r\nUpgrade: chat\r\n{cookie}")).await;
    assert!(head.starts_with("HTTP/1.1 101"), "{head}");
    let mut line = String::new();
    stream.read_line(&mut line).await.unwrap();
    assert_eq!(line, "open\n");
    stream
}

async fn rest(mut stream: BufReader<TcpStream>) -> String {
    let mut rest = String::new();
    stream.read_to_string(&mut rest).await.unwrap();
    rest
}

#[rocket::async_test]
async fn s_04_an_upgraded_connection_closes_when_its_session_ends() {
    let sessions = Sessions::<User>::builder().storage(place::storage());
    let (port, shutdown) =
        serve(rocket::custom(figment()).attach(sessions).mount("/", routes![chat, login, logout])).await;
    let (leaving, staying) = (signed_in(port).await, signed_in(port).await);
    let (left, mut stayed) = (upgraded(port, &leaving).await, upgraded(port, &staying).await);
    let (head, _) = ask(port, "POST /logout", &leaving).await;
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    rocket::tokio::select! {
        told = stayed.fill_buf() => panic!("its session lives: {told:?}"),
        told = rest(left) => assert_eq!(told, "over\n"),
    }
    ask(port, "POST /logout", &staying).await;
    assert_eq!(rest(stayed).await, "over\n");
    shutdown.notify();
}
