//! How often the server is asked.

use rocket_typed_session::record::Patch;
use rocket_typed_session::storage::{Loaded, Rotation, SessionStorage};
use rocket_typed_session_tests::trips as requests;

use crate::given::{handle, kept, key, now, patch, person, record, seen, visit};
use crate::wire::Wire;

/// How often requests ask the server where a rotation is one statement: several sessions are ended in a transaction.
pub const REQUESTS: requests::Trips = requests::Trips { end_others: 6, ..requests::Trips::PROMISED };

/// How often each operation asks the server, once its statements are known.
#[derive(Debug, PartialEq, Eq)]
pub struct Trips {
    pub load: u64,
    pub commit: u64,
    pub touch: u64,
    pub create: u64,
    pub privilege: u64,
    pub restart: u64,
    pub delete: u64,
    pub list: u64,
    pub delete_all: u64,
}

impl Trips {
    pub const fn rotating_in(rotation: u64) -> Self {
        Self {
            load: 1,
            commit: 1,
            touch: 1,
            create: 1,
            privilege: rotation,
            restart: rotation,
            delete: 1,
            list: 1,
            delete_all: 5,
        }
    }
}

pub async fn count(storage: &dyn SessionStorage, wire: &Wire) -> Trips {
    storage.setup().await.unwrap();
    once(storage, wire).await;
    once(storage, wire).await
}

async fn once(storage: &dyn SessionStorage, wire: &Wire) -> Trips {
    let ada = person("ada");
    wire.trips();
    let first = kept(storage, ada).await;
    let create = wire.trips();
    assert!(matches!(storage.load(&first, now()).await.unwrap(), Loaded::Live { .. }));
    let load = wire.trips();
    storage.commit(&first, patch(), now()).await.unwrap();
    let commit = wire.trips();
    assert!(storage.touch(&first, seen(), now()).await.unwrap());
    let touch = wire.trips();
    let second = key(ada.tag());
    storage.rotate(&first, &second, visit(), Rotation::Privilege, now()).await.unwrap();
    let privilege = wire.trips();
    let (third, mut new) = (key(ada.tag()), record(ada.tag()));
    new.meta.handle = handle(ada.tag());
    storage.rotate(&second, &third, Patch::default(), Rotation::Restart(new), now()).await.unwrap();
    let restart = wire.trips();
    assert_eq!(storage.index().unwrap().list(&ada, now()).await.unwrap().len(), 1);
    let list = wire.trips();
    assert!(storage.delete(&third, now()).await.unwrap());
    let delete = wire.trips();
    storage.index().unwrap().delete_all(&ada, None, now()).await.unwrap();
    let delete_all = wire.trips();
    Trips { load, commit, touch, create, privilege, restart, delete, list, delete_all }
}
