//! Redis by TLS, with a user of its own.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rocket_typed_session_tests::servers::address;
use tempfile::TempDir;

use crate::home::Home;
use crate::portal::Portal;
use crate::visitor::Visitor;

/// Makes an authority, and a certificate of `127.0.0.1` by it.
const CERTIFICATES: &str = "
    new='-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes'
    openssl req -x509 $new -keyout ca.key -out ca.crt -days 2 -subj /CN=authority
    openssl req $new -keyout server.key -out server.csr -subj /CN=server
    echo subjectAltName=IP:127.0.0.1 >server.ext
    openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -extfile server.ext -out server.crt
";

/// A server that takes connections by TLS alone, from one user.
struct Server {
    directory: TempDir,
    process: Child,
    port: u16,
}

impl Server {
    /// Starts a server, if tests have any.
    fn start() -> Option<Self> {
        address("SESSION_TEST_REDIS", "scripts/servers/redis")?;
        let directory = TempDir::new().unwrap();
        let made = Command::new("sh").args(["-ec", CERTIFICATES]).current_dir(&directory).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let options = format!(
            "port 0\ntls-port {port}\nbind 127.0.0.1\ntls-cert-file server.crt\ntls-key-file server.key\n\
             tls-ca-cert-file ca.crt\ntls-auth-clients no\nsave \"\"\n\
             user default off\nuser ada on >p@ss ~shop:* +@all\n"
        );
        fs::write(directory.path().join("redis.conf"), options).unwrap();
        let mut server = Command::new("redis-server");
        let process = server.arg("redis.conf").current_dir(&directory).stdout(Stdio::null()).spawn().unwrap();
        let server = Self { directory, process, port };
        let started = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(started.elapsed() < Duration::from_secs(10), "the server starts");
            sleep(Duration::from_millis(5));
        }
        Some(server)
    }

    /// Returns the address, as somebody logs in.
    fn home(&self, login: &str) -> Home {
        Home::at(&format!("rediss://{login}@127.0.0.1:{}", self.port), "shop:")
    }

    fn authority(&self) -> String {
        self.directory.path().join("ca.crt").display().to_string()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[rocket::async_test]
async fn sessions_live_behind_tls_and_a_user() {
    let Some(server) = Server::start() else { return };
    let (home, authority) = (server.home("ada:p%40ss"), server.authority());
    let trusted = [("SSL_CERT_FILE", authority.as_str())];
    let one = Portal::launch(&home, &trusted).expect("the authority is trusted");
    let two = Portal::launch(&home, &trusted).expect("the authority is trusted");
    let ada = Visitor::signed_in("ada", &one).await;
    assert_eq!(ada.post(&two, "/api/visit", "").await.unwrap().status, 204);
    assert_eq!(ada.me(&one).await["visits"], 1);
}

#[rocket::async_test]
async fn a_server_that_nobody_vouches_for_stops_the_launch() {
    let Some(server) = Server::start() else { return };
    assert!(Portal::launch(&server.home("ada:p%40ss"), &[]).is_none());
}
