//! Who sends the requests.

use std::rc::Rc;

use rocket::tokio::task::{LocalSet, spawn_local};

use crate::account::{DAYLIGHT, MIDNIGHT};
use crate::app::App;
use crate::case::Scenario;

/// How many requests are on their way at once, each with a session of its own.
pub(crate) const LANES: usize = 8;

/// How many requests each lane sends in a turn.
pub(crate) const REQUESTS: usize = 50;

/// Sends one kind of request to one application.
pub(crate) struct Visitor {
    app: Rc<dyn App>,
    path: &'static str,
    cookies: Vec<Option<Rc<str>>>,
}

impl Visitor {
    /// Asks an application without sessions.
    pub(crate) fn bare(app: Rc<dyn App>) -> Self {
        Self { app, path: "/bare", cookies: vec![None; LANES] }
    }

    /// Signs in once for every lane, and checks the first answers.
    pub(crate) async fn new(app: Rc<dyn App>, scenario: Scenario) -> Self {
        let mut cookies = Vec::with_capacity(LANES);
        for _ in 0..LANES {
            let answer = app.ask("/", None).await;
            let cookie = answer.cookie.expect("a cookie for who signs in");
            let expected = if scenario == Scenario::Read { [MIDNIGHT; 2] } else { [DAYLIGHT, MIDNIGHT] };
            for expected in expected {
                let answer = app.ask(scenario.path(), Some(&cookie)).await;
                assert_eq!(answer.body, expected, "{scenario}");
            }
            cookies.push(Some(cookie.into()));
        }
        Self { app, path: scenario.path(), cookies }
    }

    /// Sends the requests of a turn, and returns how many these were.
    pub(crate) async fn turn(&self, local: &LocalSet) -> usize {
        local
            .run_until(async {
                let lanes: Vec<_> = self
                    .cookies
                    .iter()
                    .map(|cookie| spawn_local(lane(self.app.clone(), self.path, cookie.clone())))
                    .collect();
                for lane in lanes {
                    lane.await.expect("answers");
                }
            })
            .await;
        LANES * REQUESTS
    }
}

async fn lane(app: Rc<dyn App>, path: &'static str, cookie: Option<Rc<str>>) {
    for _ in 0..REQUESTS {
        let answer = app.ask(path, cookie.as_deref()).await;
        assert!(matches!(answer.body.as_str(), DAYLIGHT | MIDNIGHT), "{path}: {answer:?}");
    }
}
