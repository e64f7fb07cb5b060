//! What a storage shows of its sessions.

use rocket_typed_session::record::{Fields, Meta};
use rocket_typed_session::storage::{Loaded, SessionStorage, Via};
use rocket_typed_session::{Handle, Key, Now, Timestamp};
use serde_json::Value;

use crate::user::identity;

/// What a storage shows of its sessions.
#[derive(Debug, PartialEq)]
pub(super) struct State {
    loaded: Vec<(Key, Shown)>,
    /// Of each identity, in order.
    listed: Vec<Vec<(Timestamp, Timestamp, Handle)>>,
    found: Vec<(Handle, Option<(Key, u64)>)>,
}

/// What a key leads to.
#[derive(Debug, PartialEq)]
enum Shown {
    Live(Box<Meta>, Vec<(String, Value)>, Via),
    Moved,
    Absent,
}

impl State {
    pub(super) async fn of(storage: &dyn SessionStorage, keys: &[Key], handles: &[Handle], now: Now) -> Self {
        let index = storage.index().unwrap();
        let mut state = Self { loaded: Vec::new(), listed: Vec::new(), found: Vec::new() };
        for key in keys {
            state.loaded.push((*key, Shown::of(&storage.load(key, now).await.unwrap())));
        }
        for owner in 0..3 {
            let records = index.list(&identity(owner), now).await.unwrap();
            let mut list: Vec<_> = records
                .iter()
                .map(|record| (record.meta.seen_at, record.meta.created_at, record.meta.handle))
                .collect();
            assert_eq!(list.len() as u64, index.count(&identity(owner), now).await.unwrap());
            assert!(list.is_sorted_by(|left, right| (left.0, left.1) >= (right.0, right.1)));
            list.sort();
            state.listed.push(list);
        }
        for handle in handles {
            let found = index.find(handle, now).await.unwrap();
            state.found.push((*handle, found.map(|(key, record)| (key, record.meta.version))));
        }
        state
    }
}

impl Shown {
    fn of(loaded: &Loaded) -> Self {
        match loaded {
            Loaded::Live { record, via } => {
                Self::Live(Box::new(record.meta.clone()), values(record.fields().unwrap()), *via)
            }
            Loaded::Moved => Self::Moved,
            Loaded::Absent => Self::Absent,
        }
    }
}

fn values(fields: &Fields) -> Vec<(String, Value)> {
    fields.iter().map(|(name, text)| (name.clone(), serde_json::from_str(&text.json()).unwrap())).collect()
}
