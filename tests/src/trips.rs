//! How often requests ask the server that sessions live on.

use rocket::futures::FutureExt;
use rocket::futures::future::BoxFuture;

use crate::browser::Answer;
use crate::site::Site;

/// How many round trips each kind of request takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is called as what it is")]
pub struct Trips {
    pub unused: u64,
    pub anonymous: u64,
    pub read: u64,
    pub write: u64,
    pub fresh_login: u64,
    /// A sign-in of somebody who has a session.
    pub login: u64,
    pub role: u64,
    pub list: u64,
    pub end_one: u64,
    pub logout: u64,
    pub end_others: u64,
}

impl Trips {
    /// Those where a rotation is one step.
    pub const PROMISED: Self = Self {
        unused: 0,
        anonymous: 0,
        read: 1,
        write: 2,
        fresh_login: 1,
        login: 2,
        role: 2,
        list: 2,
        end_one: 2,
        logout: 2,
        end_others: 2,
    };

    /// Counts what requests take, once all that is found out once is known. `taken` returns how many round trips there
    /// were since it was called before.
    ///
    /// # Panics
    ///
    /// Panics if a request fails, or leaves somebody signed in whom it ends.
    pub async fn count(site: &Site, taken: impl FnMut() -> u64) -> Self {
        Self::count_after(1, site, taken).await
    }

    /// Counts the same after so many visits: each of several servers must have been asked everything once.
    ///
    /// # Panics
    ///
    /// Panics if a request fails, or leaves somebody signed in whom it ends.
    pub async fn count_after(visits: usize, site: &Site, mut taken: impl FnMut() -> u64) -> Self {
        for _ in 0..visits {
            visit(site, &mut taken).await;
        }
        visit(site, &mut taken).await
    }
}

async fn visit(site: &Site, taken: &mut impl FnMut() -> u64) -> Trips {
    let (ada, ended, elsewhere) = (site.member(2).await, site.member(2).await, site.member(2).await);
    let visitor = site.browser();
    let handle = ended.get("/handle").await.body;
    taken();
    let mut asked = async |answer: BoxFuture<'_, Answer>| {
        let answer = answer.await;
        assert_eq!(answer.code(), 200, "{answer:?}");
        taken()
    };
    let trips = Trips {
        unused: asked(visitor.get("/public").boxed()).await,
        anonymous: asked(visitor.get("/session").boxed()).await,
        read: asked(ada.get("/me").boxed()).await,
        write: asked(ada.post("/visit").boxed()).await,
        fresh_login: asked(visitor.post("/login/7/member").boxed()).await,
        login: asked(visitor.post("/login/8/member").boxed()).await,
        role: asked(ada.post("/role/admin").boxed()).await,
        list: asked(ada.get("/list").boxed()).await,
        end_one: asked(ada.post(&format!("/end/{handle}")).boxed()).await,
        logout: asked(visitor.post("/logout").boxed()).await,
        end_others: asked(ada.post("/end-others").boxed()).await,
    };
    for signed_out in [ended, elsewhere, visitor] {
        assert_eq!(signed_out.get("/me").await.code(), 401);
    }
    trips
}
