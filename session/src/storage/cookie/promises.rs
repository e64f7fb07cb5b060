//! The promises of a storage that a browser's cookie keeps, too. It keeps no promise about two requests at a time, none
//! about cookies that were replaced, and has no index.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use rocket::async_trait;

use super::{Carried, Cookies};
use crate::clock::Now;
use crate::cookie::Opens;
use crate::error::StorageError;
use crate::record::{Patch, Record, Seen};
use crate::storage::{Commit, Created, Loaded, Rotation, SessionStorage};
use crate::token::Key;

/// Browsers, each with the cookie of one session. Each operation is a request of one of them.
struct Browsers {
    cookies: Arc<Cookies>,
    jars: Mutex<HashMap<Key, String>>,
}

impl Browsers {
    fn new() -> Self {
        Self { cookies: super::tests::cookies(0, None), jars: Mutex::default() }
    }

    /// Returns what a browser's request carries, and its key.
    fn request(&self, key: &Key) -> (Carried, Key) {
        let value = self.jars.lock().get(key).cloned();
        let carried = self.cookies.carry(value.and_then(|value| self.cookies.open(&value).ok()));
        let own = carried.key().unwrap_or(*key);
        (carried, own)
    }

    /// Keeps the cookie that an answer brings.
    fn respond(&self, key: &Key, carried: &Carried) {
        if let Some(value) = carried.take_value() {
            self.jars.lock().insert(*key, value);
        }
    }
}

#[async_trait]
impl SessionStorage for Browsers {
    async fn load(&self, key: &Key, now: Now) -> Result<Loaded, StorageError> {
        let (carried, own) = self.request(key);
        carried.load(&own, now).await
    }

    async fn create(&self, key: &Key, record: Record, now: Now) -> Result<Created, StorageError> {
        let (carried, own) = self.request(key);
        let created = carried.create(&own, record, now).await?;
        self.respond(key, &carried);
        Ok(created)
    }

    async fn commit(&self, key: &Key, patch: Patch, now: Now) -> Result<Commit, StorageError> {
        let (carried, own) = self.request(key);
        let committed = carried.commit(&own, patch, now).await?;
        self.respond(key, &carried);
        Ok(committed)
    }

    async fn rotate(
        &self,
        old: &Key,
        new: &Key,
        patch: Patch,
        how: Rotation,
        now: Now,
    ) -> Result<Commit, StorageError> {
        let (carried, own) = self.request(old);
        let rotated = carried.rotate(&own, new, patch, how, now).await?;
        if matches!(rotated, Commit::Committed { .. }) {
            self.jars.lock().remove(old);
        }
        self.respond(new, &carried);
        Ok(rotated)
    }

    async fn touch(&self, key: &Key, seen: Seen, now: Now) -> Result<bool, StorageError> {
        let (carried, own) = self.request(key);
        let lives = carried.touch(&own, seen, now).await?;
        self.respond(key, &carried);
        Ok(lives)
    }

    async fn delete(&self, key: &Key, now: Now) -> Result<bool, StorageError> {
        let (carried, own) = self.request(key);
        let ended = carried.delete(&own, now).await?;
        self.jars.lock().remove(key);
        Ok(ended)
    }
}

crate::__conformance! { @tests Browsers::new();
    life {
        a_created_session_is_loaded
        an_unknown_key_is_absent
        a_key_of_an_expired_session_is_free
        a_deleted_session_is_absent
        a_session_is_ended_once
        a_commit_never_creates
        a_commit_never_revives_a_deleted_session
        a_touch_never_revives_a_deleted_session
        a_rotation_never_revives_a_deleted_session
        a_session_lives_until_its_expiry
        an_expired_session_is_absent_for_every_operation
        a_load_deletes_nothing
        a_touch_prolongs_a_session
        a_touch_leaves_data_and_version
        a_use_that_is_older_than_the_last_is_not_written
        a_use_never_prolongs_a_session_past_its_deadline
        a_commit_prolongs_a_session
        a_commit_shortens_a_session
        each_commit_raises_the_version
        a_setup_can_be_repeated
    }
    commits {
        the_last_of_two_values_wins
        a_field_is_removed
        fields_that_a_patch_does_not_name_are_kept
        an_empty_patch_changes_nothing_but_the_version
        a_flash_is_taken_if_it_is_the_same
        an_initial_value_fills_only_what_is_missing
    }
    rotation {
        a_privilege_rotation_applies_its_patch
        a_privilege_rotation_keeps_the_handle
        a_rotation_with_a_conflict_does_nothing
        a_restart_needs_no_session
    }
    values {
        odd_texts_are_kept
        every_unicode_plane_is_kept
        numbers_are_kept
        no_fields_are_kept
    }
}
