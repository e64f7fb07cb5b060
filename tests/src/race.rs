//! Requests in an order that a test decides.

use std::time::Duration;

use rocket::futures::future::join_all;
use rocket::tokio::join;
use rocket::tokio::time::timeout;
use rocket_typed_session::storage::SessionStorage;
use rocket_typed_session::testing::{Operation, ParkStorage, Parked, When};

/// How long a race takes before it fails.
const HANGING: Duration = Duration::from_secs(20);

/// Holds `first` at an operation while `meanwhile` runs, then lets it go on.
///
/// # Panics
///
/// Panics if `first` does not come to the operation.
pub async fn overtake<S: SessionStorage, A, R>(
    parking: &ParkStorage<S>,
    (operation, when): (Operation, When),
    first: impl Future<Output = A>,
    meanwhile: impl Future<Output = R>,
) -> (A, R) {
    let parked = parking.park(operation, when);
    let race = async {
        join!(first, async {
            parked.reached().await;
            let result = meanwhile.await;
            parked.release();
            result
        })
    };
    timeout(HANGING, race).await.expect("the request comes to the operation")
}

/// Holds as many requests at an operation as there are, until all have come there.
///
/// # Panics
///
/// Panics if not all come to the operation.
pub async fn together<S: SessionStorage, A>(
    parking: &ParkStorage<S>,
    operation: Operation,
    requests: impl IntoIterator<Item = impl Future<Output = A>>,
) -> Vec<A> {
    let requests: Vec<_> = requests.into_iter().collect();
    let parked: Vec<_> = requests.iter().map(|_| parking.park(operation, When::Before)).collect();
    let release = async {
        for parked in &parked {
            parked.reached().await;
        }
        parked.iter().for_each(Parked::release);
    };
    let race = async { join!(join_all(requests), release).0 };
    timeout(HANGING, race).await.expect("all come to the operation")
}
