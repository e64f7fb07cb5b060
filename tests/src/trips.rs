//! How often requests ask the server that sessions live on.

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
    pub async fn count(site: &Site, mut taken: impl FnMut() -> u64) -> Self {
        visit(site, &mut taken).await;
        visit(site, &mut taken).await
    }
}

async fn visit(site: &Site, taken: &mut impl FnMut() -> u64) -> Trips {
    let (ada, elsewhere) = (site.member(2).await, site.member(2).await);
    site.member(2).await;
    let visitor = site.browser();
    let ended = elsewhere.get("/handle").await.body;
    taken();
    visitor.get("/public").await;
    let unused = taken();
    visitor.get("/session").await;
    let anonymous = taken();
    ada.get("/me").await;
    let read = taken();
    ada.post("/visit").await;
    let write = taken();
    visitor.post("/login/7/member").await;
    let fresh_login = taken();
    visitor.post("/login/8/member").await;
    let login = taken();
    ada.post("/role/admin").await;
    let role = taken();
    ada.get("/list").await;
    let list = taken();
    ada.post(&format!("/end/{ended}")).await;
    let end_one = taken();
    visitor.post("/logout").await;
    let logout = taken();
    ada.post("/end-others").await;
    let end_others = taken();
    Trips { unused, anonymous, read, write, fresh_login, login, role, list, end_one, logout, end_others }
}
