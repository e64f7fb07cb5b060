//! Chromium, driven over the `WebDriver` protocol.

use std::env;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio, id};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use fantoccini::cookies::Cookie;
use fantoccini::wd::Capabilities;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use rocket::tokio::time::sleep;
use serde_json::{Value, json};

use crate::site::Site;

/// How Chromium is started, beside its profile.
const FLAGS: [&str; 9] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
];

/// A running `chromedriver`; it stops when this goes.
pub(crate) struct Driver {
    process: Child,
    address: String,
}

impl Driver {
    /// Starts `chromedriver`, or the program that the environment variable `CHROMEDRIVER` names.
    pub(crate) fn start() -> Self {
        let program = env::var("CHROMEDRIVER").unwrap_or_else(|_| "chromedriver".to_owned());
        let mut command = Command::new(&program);
        command.arg("--port=0").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.spawn().unwrap_or_else(|error| {
            panic!("the browser tests need chromium and chromedriver; `{program}` does not start: {error}")
        });
        let output = BufReader::new(process.stdout.take().expect("the output is piped"));
        let port = output.lines().map_while(Result::ok).find_map(|line| {
            line.split_once("started successfully on port ")?.1.trim_end_matches('.').parse::<u16>().ok()
        });
        let address = format!("http://localhost:{}", port.expect("chromedriver says where it listens"));
        Self { process, address }
    }

    /// Starts a browser with a profile of its own.
    pub(crate) async fn browser<'s>(&self, site: &'s Site) -> Browser<'s> {
        let profile = Profile::new();
        let mut flags: Vec<String> = FLAGS.map(str::to_owned).into();
        flags.push(format!("--user-data-dir={}", profile.0.display()));
        let mut capabilities = Capabilities::new();
        capabilities.insert("goog:chromeOptions".to_owned(), json!({ "args": flags }));
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let page = builder.capabilities(capabilities).connect(&self.address).await.expect("chromium starts");
        Browser { page, site, _profile: profile }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A directory for what one browser keeps.
struct Profile(PathBuf);

impl Profile {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("portal-{}-{}", id(), COUNT.fetch_add(1, Ordering::Relaxed));
        Self(env::temp_dir().join(name))
    }
}

impl Drop for Profile {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A browser, and the site that it is used on.
pub(crate) struct Browser<'s> {
    pub(crate) page: Client,
    site: &'s Site,
    _profile: Profile,
}

impl Browser<'_> {
    pub(crate) async fn open(&self, path: &str) {
        self.page.goto(&self.site.address(path)).await.unwrap();
    }

    pub(crate) async fn sign_in(&self, name: &str) {
        self.open("/login").await;
        self.fill("name", name).await;
        self.fill("password", name).await;
        self.press("Sign in").await;
        assert!(self.text().await.contains("Sign out"));
    }

    pub(crate) async fn fill(&self, name: &str, text: &str) {
        let field = self.page.find(Locator::Css(&format!("input[name={name}]"))).await.unwrap();
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    /// Presses a button, and waits for the page that it leads to.
    pub(crate) async fn press(&self, label: &str) {
        let path = format!("//button[normalize-space()='{label}']");
        self.follow(Locator::XPath(&path)).await;
    }

    /// Presses a button, and waits for the page that it leads to: one that does not bear the mark of the page before.
    pub(crate) async fn follow(&self, button: Locator<'_>) {
        let button = self.page.find(button).await.unwrap();
        self.page.execute("window.isLeft = true", vec![]).await.unwrap();
        button.click().await.unwrap();
        let arrived = "return !window.isLeft && document.readyState === 'complete'";
        for _ in 0..200 {
            if self.page.execute(arrived, vec![]).await.is_ok_and(|arrived| arrived == true) {
                return;
            }
            sleep(Duration::from_millis(50)).await;
        }
        panic!("the button leads nowhere");
    }

    /// Waits until the page was told of these events, and no others.
    pub(crate) async fn told(&self, events: &str) {
        for _ in 0..200 {
            if self.page.execute("return told.join()", vec![]).await.unwrap() == events {
                return;
            }
            sleep(Duration::from_millis(50)).await;
        }
        panic!("the page was not told of {events}");
    }

    pub(crate) async fn text(&self) -> String {
        self.page.find(Locator::Css("body")).await.unwrap().text().await.unwrap()
    }

    /// Returns the session's cookie, as the browser keeps it.
    pub(crate) async fn cookie(&self) -> Option<Cookie<'static>> {
        let cookies = self.page.get_all_cookies().await.unwrap();
        cookies.into_iter().find(|cookie| cookie.name() == "__Host-session")
    }

    pub(crate) async fn background(&self) -> String {
        let script = "return getComputedStyle(document.documentElement).backgroundColor";
        self.page.execute(script, vec![]).await.unwrap().as_str().unwrap().to_owned()
    }

    /// Makes the page as wide as a phone.
    pub(crate) async fn narrow(&self, width: u32) {
        self.page.set_window_size(width, 800).await.unwrap();
        let inner: Value = self.page.execute("return window.innerWidth", vec![]).await.unwrap();
        assert_eq!(inner.as_u64(), Some(width.into()));
    }

    pub(crate) async fn close(self) {
        self.page.clone().close().await.unwrap();
    }
}
