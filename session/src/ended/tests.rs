use rocket::futures::FutureExt;
use rocket::local::asynchronous::Client;

use crate::{Session, Sessions};

#[derive(Clone, Session)]
#[session(crate = crate, required)]
struct User {
    #[session(identifier)]
    id: i64,
}

#[rocket::async_test]
async fn who_stops_waiting_leaves_nothing() {
    let figment = rocket::Config::figment().merge(("log_level", "off"));
    let client = Client::untracked(rocket::custom(figment).attach(Sessions::<User>::builder())).await.unwrap();
    let streams = &client.rocket().state::<Sessions<User>>().unwrap().core().streams;

    let request = client.get("/");
    let session = request.inner().guard::<Session<'_, User>>().await.unwrap();
    assert_eq!(session.ended().now_or_never(), Some(()), "there is no session");
    assert!(streams.is_empty());

    session.start(User { id: 7 });
    session.save().await.unwrap();
    let unpolled = session.ended();
    let (mut one, mut other) = (session.ended(), session.ended());
    assert_eq!(((&mut one).now_or_never(), (&mut other).now_or_never()), (None, None));
    drop((unpolled, one));
    assert!(!streams.is_empty());

    session.end();
    session.save().await.unwrap();
    assert_eq!((&mut other).now_or_never(), Some(()));
    assert!(streams.is_empty());
    assert_eq!((&mut other).now_or_never(), Some(()), "it stays so");
}
