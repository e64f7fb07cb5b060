//! Sessions by their identity and handle, and how many one may have.

use super::stage::{HOUR, Kept, SECOND, Stage, cap, fields, handle, person, tag};
use crate::storage::{Commit, Created, Via};
use crate::token::{Handle, Identity};

async fn listed(stage: &Stage, identity: &Identity) -> Vec<Handle> {
    let Some(index) = stage.index() else { return Vec::new() };
    index.list(identity, stage.now()).await.unwrap().iter().map(|record| record.meta.handle).collect()
}

/// Returns sessions of one identity, each seen a second after the one before.
async fn several(stage: &Stage, identity: &Identity, how_many: usize) -> Vec<Kept> {
    let mut all = Vec::new();
    for _ in 0..how_many {
        all.push(stage.signed_in(identity).await);
        stage.advance(SECOND);
    }
    all
}

pub async fn the_sessions_of_an_identity_are_listed(stage: Stage) {
    let Some(index) = stage.index() else { return };
    let identity = person();
    let all = several(&stage, &identity, 3).await;
    stage.somebody().await;
    let mut handles: Vec<Handle> = all.iter().map(|kept| kept.handle).collect();
    handles.reverse();
    assert_eq!(listed(&stage, &identity).await, handles);
    assert_eq!(index.count(&identity, stage.now()).await.unwrap(), 3);
    let records = index.list(&identity, stage.now()).await.unwrap();
    let theme = &records[0].fields().unwrap()["theme"];
    assert_eq!(theme.json(), "\"dark\"");
}

pub async fn the_one_seen_last_is_listed_first(stage: Stage) {
    if stage.index().is_none() {
        return;
    }
    let identity = person();
    let all = several(&stage, &identity, 3).await;
    stage.touch(&all[1].key).await;
    assert_eq!(listed(&stage, &identity).await, [all[1].handle, all[2].handle, all[0].handle]);
}

pub async fn an_anonymous_session_is_not_listed(stage: Stage) {
    let Some(index) = stage.index() else { return };
    let identity = person();
    let record = stage.record(handle(identity.tag()), false, fields([]));
    stage.create(record).await;
    assert!(listed(&stage, &identity).await.is_empty());
    assert_eq!(index.count(&identity, stage.now()).await.unwrap(), 0);
}

pub async fn an_unknown_identity_has_no_sessions(stage: Stage) {
    let Some(index) = stage.index() else { return };
    let identity = person();
    assert!(listed(&stage, &identity).await.is_empty());
    assert_eq!(index.count(&identity, stage.now()).await.unwrap(), 0);
    assert_eq!(index.delete_all(&identity, None, stage.now()).await.unwrap(), 0);
}

async fn finds(stage: &Stage, kept: &Kept) {
    let Some(index) = stage.index() else { return };
    let (key, record) = index.find(&kept.handle, stage.now()).await.unwrap().unwrap();
    assert_eq!(key, kept.key);
    assert_eq!(record.meta.handle, kept.handle);
    assert_eq!(record.fields().unwrap()["theme"].json(), "\"dark\"");
}

pub async fn a_session_is_found_by_its_handle(stage: Stage) {
    let identity = person();
    for kept in several(&stage, &identity, 3).await {
        finds(&stage, &kept).await;
    }
}

pub async fn an_anonymous_session_is_found_by_its_handle(stage: Stage) {
    let kept = stage.anonymous().await;
    finds(&stage, &kept).await;
}

pub async fn a_session_is_found_under_its_newest_key(stage: Stage) {
    let kept = stage.somebody().await;
    let (key, _) = stage.privilege(&kept.key).await;
    finds(&stage, &Kept { key, ..kept }).await;
    let (newer, _) = stage.renew(&key).await;
    finds(&stage, &Kept { key, ..kept }).await;
    stage.touch(&newer).await;
    finds(&stage, &Kept { key: newer, ..kept }).await;
}

pub async fn a_session_is_ended_by_its_handle(stage: Stage) {
    let Some(index) = stage.index() else { return };
    let identity = person();
    let all = several(&stage, &identity, 2).await;
    let (pending, _) = stage.renew(&all[0].key).await;
    assert!(index.delete(&all[0].handle, stage.now()).await.unwrap());
    assert!(!index.delete(&all[0].handle, stage.now()).await.unwrap());
    assert!(stage.absent(&all[0].key).await && stage.absent(&pending).await);
    assert_eq!(listed(&stage, &identity).await, [all[1].handle]);
}

pub async fn an_unknown_handle_ends_nothing(stage: Stage) {
    let Some(index) = stage.index() else { return };
    let kept = stage.somebody().await;
    for unknown in [handle(tag()), handle(kept.key.tag())] {
        assert!(!index.delete(&unknown, stage.now()).await.unwrap());
        assert!(index.find(&unknown, stage.now()).await.unwrap().is_none());
    }
    assert!(stage.found(&kept.key).await.is_some());
}

pub async fn all_sessions_of_an_identity_are_ended(stage: Stage) {
    let Some(index) = stage.index() else { return };
    let identity = person();
    let all = several(&stage, &identity, 3).await;
    let (pending, _) = stage.renew(&all[0].key).await;
    let (moved, _) = stage.privilege(&all[1].key).await;
    assert_eq!(index.delete_all(&identity, None, stage.now()).await.unwrap(), 3);
    for key in [all[0].key, pending, moved, all[2].key] {
        assert!(stage.absent(&key).await);
        assert_eq!(stage.commit(&key, super::stage::add("visits", 1)).await, Commit::Gone);
    }
    assert!(listed(&stage, &identity).await.is_empty());
}

pub async fn all_but_one_are_ended(stage: Stage) {
    let Some(index) = stage.index() else { return };
    let identity = person();
    let all = several(&stage, &identity, 3).await;
    let (key, _) = stage.privilege(&all[1].key).await;
    let except = Some(&all[1].handle);
    assert_eq!(index.delete_all(&identity, except, stage.now()).await.unwrap(), 2);
    assert_eq!(listed(&stage, &identity).await, [all[1].handle]);
    assert_eq!(stage.via(&key).await, Some(Via::Current));
    assert_eq!(index.delete_all(&identity, except, stage.now()).await.unwrap(), 0);
}

pub async fn other_identities_are_left_alone(stage: Stage) {
    let Some(index) = stage.index() else { return };
    let (identity, other) = (person(), person());
    stage.signed_in(&identity).await;
    let kept = stage.signed_in(&other).await;
    assert_eq!(index.delete_all(&identity, Some(&kept.handle), stage.now()).await.unwrap(), 1);
    assert!(stage.found(&kept.key).await.is_some());
}

pub async fn ended_sessions_do_not_count(stage: Stage) {
    let Some(index) = stage.index() else { return };
    let identity = person();
    let all = several(&stage, &identity, 3).await;
    stage.delete(&all[0].key).await;
    stage.advance(HOUR - 3 * SECOND);
    stage.touch(&all[2].key).await;
    stage.advance(2 * SECOND);
    assert_eq!(listed(&stage, &identity).await, [all[2].handle]);
    assert_eq!(index.count(&identity, stage.now()).await.unwrap(), 1);
    assert_eq!(index.delete_all(&identity, None, stage.now()).await.unwrap(), 1);
}

async fn create_capped(stage: &Stage, identity: &Identity, max: u32) -> (Kept, Vec<Handle>) {
    let mut record = stage.record(handle(identity.tag()), true, fields([]));
    record.max_per_user = cap(max);
    let kept = Kept { key: super::stage::key(identity.tag()), handle: record.meta.handle };
    match stage.storage.create(&kept.key, record, stage.now()).await.unwrap() {
        Created::Created { evicted } => (kept, evicted),
        Created::Taken => panic!("the key is new"),
    }
}

pub async fn a_cap_ends_the_one_seen_longest_ago(stage: Stage) {
    if stage.index().is_none() {
        return;
    }
    let identity = person();
    let all = several(&stage, &identity, 3).await;
    stage.touch(&all[0].key).await;
    stage.advance(SECOND);
    let (new, evicted) = create_capped(&stage, &identity, 3).await;
    assert_eq!(evicted, [all[1].handle]);
    assert!(stage.absent(&all[1].key).await);
    assert_eq!(listed(&stage, &identity).await, [new.handle, all[0].handle, all[2].handle]);
}

pub async fn a_cap_does_not_count_expired_sessions(stage: Stage) {
    if stage.index().is_none() {
        return;
    }
    let identity = person();
    let all = several(&stage, &identity, 3).await;
    stage.advance(HOUR - 3 * SECOND);
    stage.touch(&all[1].key).await;
    stage.touch(&all[2].key).await;
    stage.advance(SECOND);
    let (new, evicted) = create_capped(&stage, &identity, 3).await;
    assert_eq!(evicted, []);
    assert_eq!(listed(&stage, &identity).await.len(), 3);
    assert!(stage.found(&new.key).await.is_some());
}

pub async fn a_cap_binds_when_a_rotation_brings_an_identifier(stage: Stage) {
    if stage.index().is_none() {
        return;
    }
    let identity = person();
    let all = several(&stage, &identity, 2).await;
    let kept = stage.anonymous().await;
    let (new, answer) = stage.sign_in(&kept.key, &identity, cap(2)).await;
    assert_eq!(answer, Commit::Committed { rotated: true, evicted: vec![all[0].handle] });
    assert!(stage.absent(&all[0].key).await);
    let mut handles = listed(&stage, &identity).await;
    handles.sort();
    let mut expected = vec![new.handle, all[1].handle];
    expected.sort();
    assert_eq!(handles, expected);
}

pub async fn a_cap_binds_a_restart(stage: Stage) {
    if stage.index().is_none() {
        return;
    }
    let identity = person();
    let all = several(&stage, &identity, 2).await;
    let kept = stage.anonymous().await;
    let (new, answer) = stage.restart(&kept.key, &identity, cap(1)).await;
    assert_eq!(answer, Commit::Committed { rotated: true, evicted: vec![all[0].handle, all[1].handle] });
    assert_eq!(listed(&stage, &identity).await, [new.handle]);
}

pub async fn a_cap_does_not_count_the_session_that_is_replaced(stage: Stage) {
    if stage.index().is_none() {
        return;
    }
    let identity = person();
    let all = several(&stage, &identity, 2).await;
    let (new, answer) = stage.restart(&all[1].key, &identity, cap(2)).await;
    assert_eq!(answer, Commit::Committed { rotated: true, evicted: Vec::new() });
    assert_eq!(listed(&stage, &identity).await, [new.handle, all[0].handle]);
    stage.advance(SECOND);
    let (newer, answer) = stage.sign_in(&new.key, &identity, cap(2)).await;
    assert_eq!(answer, Commit::Committed { rotated: true, evicted: Vec::new() });
    assert!(stage.found(&newer.key).await.is_some());
    assert_eq!(listed(&stage, &identity).await.len(), 2);
}

pub async fn a_lowered_cap_ends_several(stage: Stage) {
    if stage.index().is_none() {
        return;
    }
    let identity = person();
    let all = several(&stage, &identity, 4).await;
    let (new, evicted) = create_capped(&stage, &identity, 2).await;
    assert_eq!(evicted, [all[0].handle, all[1].handle, all[2].handle]);
    assert_eq!(listed(&stage, &identity).await, [new.handle, all[3].handle]);
}

pub async fn anonymous_sessions_have_no_cap(stage: Stage) {
    let tag = tag();
    for _ in 0..3 {
        let mut record = stage.record(handle(tag), false, fields([]));
        record.max_per_user = cap(1);
        let kept = stage.create(record).await;
        assert!(stage.found(&kept.key).await.is_some());
    }
    if let Some(index) = stage.index() {
        assert!(index.find(&handle(tag), stage.now()).await.unwrap().is_none());
    }
}
