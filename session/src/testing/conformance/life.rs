//! Creation, expiry and end.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;
use std::time::Duration;

use super::stage::{HOUR, Kept, SECOND, Stage, add, cap, fields, handle, key, person, rotated, set, tag, values};
use crate::clock::Timestamp;
use crate::record::{Client, FieldPatch, MetaPatch, Patch, Seen};
use crate::storage::{Commit, Created, Rotation, SWEPT_AFTER, Via};

pub async fn a_created_session_is_loaded(stage: Stage) {
    let record = stage.record(handle(tag()), true, fields([("id", "7"), ("name", "\"Ada\"")]));
    let kept = stage.create(record.clone()).await;
    let (loaded, via) = stage.found(&kept.key).await.unwrap();
    assert_eq!(via, Via::Current);
    assert_eq!(loaded.meta, record.meta);
    assert_eq!(values(loaded.fields().unwrap()), values(record.fields().unwrap()));
}

pub async fn an_unknown_key_is_absent(stage: Stage) {
    let kept = stage.somebody().await;
    assert!(stage.absent(&key(kept.key.tag())).await);
    assert!(stage.absent(&key(tag())).await);
}

pub async fn what_is_loaded_at_once_is_what_is_loaded(stage: Stage) {
    let kept = stage.somebody().await;
    for key in [kept.key, key(tag())] {
        if let Some(at_once) = stage.storage.load_at_once(&key, stage.now()) {
            assert_eq!(format!("{at_once:?}"), format!("{:?}", stage.load(&key).await));
        }
    }
}

pub async fn what_is_committed_at_once_is_committed(stage: Stage) {
    let kept = stage.kept(fields([("theme", "1")])).await;
    let patch = Patch::new(MetaPatch::default(), set([("theme", "2")]));
    let theme = match stage.storage.commit_at_once(&kept.key, &patch, stage.now()) {
        Some(answer) => {
            assert_eq!(answer.unwrap(), Commit::DONE);
            "2"
        }
        None => "1",
    };
    assert_eq!(stage.field(&kept.key, "theme").await, theme);
}

pub async fn a_key_in_use_is_taken(stage: Stage) {
    let kept = stage.somebody().await;
    let other = stage.record(handle(kept.key.tag()), true, fields([("theme", "\"light\"")]));
    assert_eq!(stage.storage.create(&kept.key, other, stage.now()).await.unwrap(), Created::Taken);
    assert_eq!(stage.field(&kept.key, "theme").await, "\"dark\"");
    assert_eq!(stage.meta(&kept.key).await.handle, kept.handle);
}

pub async fn a_key_of_an_expired_session_is_free(stage: Stage) {
    let kept = stage.somebody().await;
    stage.advance(HOUR);
    let other = stage.record(handle(kept.key.tag()), true, fields([("theme", "\"light\"")]));
    let created = stage.storage.create(&kept.key, other, stage.now()).await.unwrap();
    assert_eq!(created, Created::Created { evicted: Vec::new() });
    assert_eq!(stage.field(&kept.key, "theme").await, "\"light\"");
}

pub async fn a_deleted_session_is_absent(stage: Stage) {
    let kept = stage.somebody().await;
    let other = stage.somebody().await;
    assert!(stage.delete(&kept.key).await);
    assert!(stage.absent(&kept.key).await);
    assert!(!stage.absent(&other.key).await);
}

pub async fn a_session_is_ended_once(stage: Stage) {
    let kept = stage.somebody().await;
    assert!(stage.delete(&kept.key).await);
    assert!(!stage.delete(&kept.key).await);
}

pub async fn a_commit_never_creates(stage: Stage) {
    let unknown = key(tag());
    assert_eq!(stage.commit(&unknown, set([("theme", "1")])).await, Commit::Gone);
    assert!(!stage.touch(&unknown).await);
    assert_eq!(stage.privilege(&unknown).await.1, Commit::Gone);
    assert_eq!(stage.renew(&unknown).await.1, Commit::Gone);
    assert!(stage.absent(&unknown).await);
}

pub async fn a_commit_never_revives_a_deleted_session(stage: Stage) {
    let kept = stage.somebody().await;
    stage.delete(&kept.key).await;
    assert_eq!(stage.commit(&kept.key, set([("theme", "1")])).await, Commit::Gone);
    assert!(stage.absent(&kept.key).await);
}

pub async fn a_touch_never_revives_a_deleted_session(stage: Stage) {
    let kept = stage.somebody().await;
    stage.delete(&kept.key).await;
    assert!(!stage.touch(&kept.key).await);
    assert!(stage.absent(&kept.key).await);
}

pub async fn a_rotation_never_revives_a_deleted_session(stage: Stage) {
    let kept = stage.somebody().await;
    stage.delete(&kept.key).await;
    for (new, answer) in [stage.privilege(&kept.key).await, stage.renew(&kept.key).await] {
        assert_eq!(answer, Commit::Gone);
        assert!(stage.absent(&new).await);
    }
    assert!(stage.absent(&kept.key).await);
}

pub async fn a_session_lives_until_its_expiry(stage: Stage) {
    let kept = stage.somebody().await;
    stage.advance(HOUR - Duration::from_millis(1));
    assert!(stage.found(&kept.key).await.is_some());
    stage.advance(Duration::from_millis(1));
    assert!(stage.absent(&kept.key).await);
}

pub async fn an_expired_session_is_absent_for_every_operation(stage: Stage) {
    let identity = person();
    let kept = stage.signed_in(&identity).await;
    stage.advance(HOUR);
    assert!(stage.absent(&kept.key).await);
    assert_eq!(stage.commit(&kept.key, set([("theme", "1")])).await, Commit::Gone);
    assert!(!stage.touch(&kept.key).await);
    assert_eq!(stage.privilege(&kept.key).await.1, Commit::Gone);
    assert_eq!(stage.renew(&kept.key).await.1, Commit::Gone);
    assert!(!stage.delete(&kept.key).await);
    if let Some(index) = stage.index() {
        let now = stage.now();
        assert!(index.list(&identity, now).await.unwrap().is_empty());
        assert_eq!(index.count(&identity, now).await.unwrap(), 0);
        assert!(index.find(&kept.handle, now).await.unwrap().is_none());
        assert!(!index.delete(&kept.handle, now).await.unwrap());
        assert_eq!(index.delete_all(&identity, None, now).await.unwrap(), 0);
    }
}

pub async fn a_load_deletes_nothing(stage: Stage) {
    let kept = stage.somebody().await;
    let ahead = stage.later(2 * HOUR);
    stage.storage.load(&kept.key, ahead).await.unwrap();
    assert!(stage.found(&kept.key).await.is_some());
}

pub async fn a_clock_that_is_ahead_ends_nothing(stage: Stage) {
    let identity = person();
    let kept = stage.signed_in(&identity).await;
    let ahead = stage.later(HOUR + SECOND);
    let mut record = stage.record(handle(identity.tag()), true, fields([]));
    record.meta.expires_at = ahead.after(HOUR);
    record.max_per_user = cap(1);
    let created = stage.storage.create(&key(identity.tag()), record, ahead).await.unwrap();
    assert_eq!(created, Created::Created { evicted: Vec::new() });
    if let Some(index) = stage.index() {
        assert_eq!(index.count(&identity, ahead).await.unwrap(), 1);
        assert_eq!(index.list(&identity, ahead).await.unwrap().len(), 1);
        assert_eq!(index.count(&identity, stage.now()).await.unwrap(), 2);
    }
    if let Some(sweep) = stage.storage.sweep() {
        while sweep.sweep(ahead).await.unwrap().more {}
    }
    assert!(stage.touch(&kept.key).await);
}

pub async fn what_is_ended_by_a_clock_that_is_ahead_is_ended(stage: Stage) {
    let identity = person();
    let (kept, named) = (stage.signed_in(&identity).await, stage.signed_in(&identity).await);
    let (other, guest) = (stage.signed_in(&identity).await, stage.anonymous().await);
    let ahead = stage.later(HOUR + SECOND);
    assert!(!stage.storage.delete(&kept.key, ahead).await.unwrap());
    assert!(stage.absent(&kept.key).await);
    let Some(index) = stage.index() else { return };
    for kept in [named, guest] {
        assert!(!index.delete(&kept.handle, ahead).await.unwrap());
        assert!(stage.absent(&kept.key).await);
    }
    assert_eq!(index.delete_all(&identity, None, ahead).await.unwrap(), 0);
    assert!(stage.absent(&other.key).await);
    assert!(!stage.touch(&other.key).await);
}

pub async fn a_touch_prolongs_a_session(stage: Stage) {
    let kept = stage.somebody().await;
    stage.advance(HOUR / 2);
    assert!(stage.touch(&kept.key).await);
    stage.advance(HOUR - SECOND);
    assert!(stage.found(&kept.key).await.is_some());
    stage.advance(SECOND);
    assert!(stage.absent(&kept.key).await);
}

pub async fn a_touch_leaves_data_and_version(stage: Stage) {
    let kept = stage.anonymous().await;
    let before = stage.meta(&kept.key).await;
    stage.advance(SECOND);
    stage.touch(&kept.key).await;
    let after = stage.meta(&kept.key).await;
    let now = stage.now();
    let expected = crate::record::Meta { seen_at: now, expires_at: now.after(HOUR), newborn: false, ..before };
    assert_eq!(after, expected);
    assert_eq!(stage.field(&kept.key, "theme").await, "\"dark\"");
}

pub async fn a_use_never_prolongs_a_session_past_its_deadline(stage: Stage) {
    let kept = stage.somebody().await;
    let end = stage.now().after(Duration::from_mins(1));
    let shorter = MetaPatch { deadline: Some(end), expires_at: Some(end), ..MetaPatch::default() };
    stage.patch(&kept.key, Patch::new(shorter, FieldPatch::default())).await;
    // Uses of requests that do not know yet.
    assert!(stage.touch(&kept.key).await);
    assert_eq!(stage.meta(&kept.key).await.expires_at, end);
    let used = MetaPatch { seen: Some(stage.seen()), ..MetaPatch::default() };
    stage.patch(&kept.key, Patch::new(used, FieldPatch::default())).await;
    assert_eq!(stage.meta(&kept.key).await.expires_at, end);
}

/// Gives a session a lifetime of its own, as a request does. Returns when it ends.
async fn set_ttl(stage: &Stage, kept: &Kept, ttl: Duration) -> Timestamp {
    let end = stage.later(ttl);
    let seen = Seen { expires_at: end, ..stage.seen() };
    let meta = MetaPatch { seen: Some(seen), deadline: Some(end), expires_at: Some(end), ..MetaPatch::default() };
    let meta = MetaPatch { ttl: Some(ttl), ..meta };
    assert_eq!(stage.patch(&kept.key, Patch::new(meta, FieldPatch::default())).await, Commit::DONE);
    end
}

pub async fn a_use_never_shortens_a_lifetime_that_it_does_not_know_of(stage: Stage) {
    for ttl in [9 * HOUR, 100 * 8766 * HOUR] {
        let kept = stage.somebody().await;
        let end = set_ttl(&stage, &kept, ttl).await;
        assert!(stage.touch(&kept.key).await);
        assert_eq!(stage.meta(&kept.key).await.expires_at, end);
        stage.advance(SECOND);
        let used = MetaPatch { seen: Some(stage.seen()), ..MetaPatch::default() };
        assert_eq!(stage.patch(&kept.key, Patch::new(used, FieldPatch::default())).await, Commit::DONE);
        assert_eq!(stage.meta(&kept.key).await.expires_at, end);
        stage.advance(8 * HOUR);
        assert!(stage.found(&kept.key).await.is_some());
    }
}

pub async fn a_proof_of_identity_begins_the_lifetime_of_the_session_anew(stage: Stage) {
    for ttl in [2 * HOUR, 9 * HOUR] {
        let kept = stage.somebody().await;
        set_ttl(&stage, &kept, ttl).await;
        stage.advance(SECOND);
        // As a request has it that knows of no other lifetime than everyone's.
        let (now, deadline) = (stage.now(), stage.later(4 * HOUR));
        let proof = MetaPatch { seen: Some(stage.seen()), authenticated_at: Some(now), ..MetaPatch::default() };
        let proof = MetaPatch { deadline: Some(deadline), expires_at: Some(stage.later(HOUR)), ..proof };
        let new = key(kept.key.tag());
        let patch = Patch::new(proof, FieldPatch::default());
        assert!(rotated(&stage.rotate(&kept.key, &new, patch, Rotation::Privilege).await));
        let meta = stage.meta(&new).await;
        assert_eq!((meta.authenticated_at, meta.ttl), (now, Some(ttl)));
        assert_eq!((meta.deadline, meta.expires_at), (now.after(ttl), now.after(ttl)));
        stage.advance(2 * HOUR - SECOND);
        assert!(stage.found(&new).await.is_some());
    }
}

pub async fn a_lifetime_without_end_is_kept(stage: Stage) {
    let long = 1000 * 8766 * HOUR;
    let mut record = stage.record(handle(tag()), true, fields([]));
    record.meta.ttl = Some(Duration::MAX);
    let created = stage.create(record).await;
    assert!(stage.meta(&created.key).await.ttl.is_some_and(|ttl| ttl > long));
    let kept = stage.somebody().await;
    set_ttl(&stage, &kept, Duration::MAX).await;
    stage.advance(SECOND);
    assert!(stage.touch(&kept.key).await);
    let proof = MetaPatch { authenticated_at: Some(stage.now()), ..MetaPatch::default() };
    let proof = MetaPatch { deadline: Some(stage.later(HOUR)), expires_at: Some(stage.later(HOUR)), ..proof };
    for patch in [MetaPatch::default(), proof] {
        assert_eq!(stage.patch(&kept.key, Patch::new(patch, FieldPatch::default())).await, Commit::DONE);
        let meta = stage.meta(&kept.key).await;
        assert!(meta.ttl.is_some_and(|ttl| ttl > long));
        assert!(meta.expires_at > stage.later(long) && meta.deadline > stage.later(long), "{meta:?}");
    }
}

pub async fn a_use_that_is_older_than_the_last_is_not_written(stage: Stage) {
    let kept = stage.somebody().await;
    let late = stage.seen();
    stage.advance(SECOND);
    stage.touch(&kept.key).await;
    let before = stage.meta(&kept.key).await;
    assert!(stage.storage.touch(&kept.key, late, stage.now()).await.unwrap());
    assert_eq!(stage.meta(&kept.key).await, before);
}

pub async fn a_commit_prolongs_a_session(stage: Stage) {
    let kept = stage.somebody().await;
    stage.advance(HOUR / 2);
    let meta = MetaPatch { seen: Some(stage.seen()), ..MetaPatch::default() };
    assert_eq!(stage.patch(&kept.key, Patch::new(meta, add("visits", 1))).await, Commit::DONE);
    stage.advance(HOUR - SECOND);
    assert_eq!(stage.field(&kept.key, "visits").await, "2");
}

pub async fn a_commit_shortens_a_session(stage: Stage) {
    let kept = stage.somebody().await;
    let meta = MetaPatch { expires_at: Some(stage.later(SECOND)), ..MetaPatch::default() };
    assert_eq!(stage.patch(&kept.key, Patch::new(meta, add("visits", 1))).await, Commit::DONE);
    stage.advance(SECOND);
    assert!(stage.absent(&kept.key).await);
}

pub async fn each_commit_raises_the_version(stage: Stage) {
    let kept = stage.somebody().await;
    let before = stage.meta(&kept.key).await.version;
    stage.write(&kept.key, add("visits", 1)).await;
    stage.write(&kept.key, add("visits", 1)).await;
    assert_eq!(stage.meta(&kept.key).await.version, before + 2);
    let (new, _) = stage.privilege(&kept.key).await;
    assert_eq!(stage.meta(&new).await.version, before + 3);
}

pub async fn metadata_is_kept(stage: Stage) {
    let kept = stage.somebody().await;
    stage.advance(SECOND);
    let client = Client { ip: Some(IpAddr::V6(Ipv6Addr::LOCALHOST)), agent: Some("a \"b\" \u{e9}\u{1f600}".into()) };
    let seen = Seen { at: stage.now(), expires_at: stage.later(HOUR), client: Some(Arc::new(client.clone())) };
    let meta = MetaPatch {
        seen: Some(seen),
        rotation_due: Some(true),
        authenticated_at: Some(stage.later(SECOND)),
        renewed_at: Some(stage.later(2 * SECOND)),
        deadline: Some(stage.later(9 * HOUR)),
        expires_at: Some(stage.later(3 * HOUR)),
        ttl: Some(9 * HOUR),
        ..MetaPatch::default()
    };
    let mut expected = stage.meta(&kept.key).await;
    meta.apply(&mut expected);
    expected.version += 1;
    assert_eq!(stage.patch(&kept.key, Patch::new(meta, set([]))).await, Commit::DONE);
    let found = stage.meta(&kept.key).await;
    assert_eq!(found, expected);
    assert_eq!(found.client.as_deref(), Some(&client));
}

pub async fn everyone_is_ended(stage: Stage) {
    let anonymous = stage.anonymous().await;
    let identity = person();
    let kept = stage.signed_in(&identity).await;
    let (moved, _) = stage.privilege(&kept.key).await;
    let guest = stage.anonymous().await;
    let (restarted, _) = stage.restart(&guest.key, &identity, None).await;
    if !stage.end_everyone().await {
        return;
    }
    for key in [anonymous.key, moved, restarted.key, kept.key, guest.key] {
        assert!(stage.absent(&key).await);
        assert_eq!(stage.commit(&key, add("visits", 1)).await, Commit::Gone);
        assert!(!stage.delete(&key).await);
    }
    if let Some(index) = stage.index() {
        assert_eq!(index.count(&identity, stage.now()).await.unwrap(), 0);
    }
    let later = stage.signed_in(&identity).await;
    let (moved, _) = stage.privilege(&later.key).await;
    assert!(stage.moved(&later.key).await);
    assert!(stage.found(&moved).await.is_some());
}

pub async fn a_moved_key_is_free_once_everyone_is_ended(stage: Stage) {
    let kept = stage.somebody().await;
    stage.privilege(&kept.key).await;
    let record = stage.record(kept.handle, true, fields([]));
    let create = async || stage.storage.create(&kept.key, record.clone(), stage.now()).await.unwrap();
    assert_eq!(create().await, Created::Taken);
    if !stage.end_everyone().await {
        return;
    }
    assert_eq!(create().await, Created::Created { evicted: Vec::new() });
    assert_eq!(stage.via(&kept.key).await, Some(Via::Current));
}

pub async fn a_sweep_frees_what_expired_long_ago(stage: Stage) {
    let long = stage.somebody().await;
    let longer = stage.anonymous().await;
    stage.advance(SWEPT_AFTER);
    let short = stage.somebody().await;
    if stage.storage.sweep().is_none() {
        return;
    }
    stage.advance(HOUR - SECOND);
    assert_eq!(stage.swept().await, BTreeSet::new());
    stage.advance(3 * SECOND);
    assert_eq!(stage.swept().await, BTreeSet::from([long.handle, longer.handle]));
    stage.advance(2 * HOUR);
    assert_eq!(stage.swept().await, BTreeSet::from([short.handle]));
    assert_eq!(stage.swept().await, BTreeSet::new());
    for kept in [long, longer, short] {
        assert!(stage.absent(&kept.key).await);
    }
}

pub async fn a_sweep_returns_the_sessions_that_it_frees(stage: Stage) {
    let kept = stage.somebody().await;
    stage.write(&kept.key, add("visits", 4)).await;
    let (before, now) = (stage.found(&kept.key).await.unwrap().0, stage.now());
    let Some(sweep) = stage.storage.sweep() else { return };
    stage.advance(HOUR + SWEPT_AFTER);
    let swept = sweep.sweep(stage.now()).await.unwrap();
    let [record] = &*swept.expired else { panic!("{swept:?}") };
    assert_eq!((&record.meta, record.meta.expires_at), (&before.meta, now.after(HOUR)));
    assert_eq!(values(record.fields().unwrap()), values(before.fields().unwrap()));
}

pub async fn a_sweep_frees_as_many_as_there_are(stage: Stage) {
    let mut expired = BTreeSet::new();
    for _ in 0..450 {
        expired.insert(stage.somebody().await.handle);
    }
    if stage.storage.sweep().is_none() {
        return;
    }
    stage.advance(HOUR + SWEPT_AFTER);
    assert_eq!(stage.swept().await, expired);
}

pub async fn a_sweep_returns_nothing_that_was_ended(stage: Stage) {
    let deleted = stage.somebody().await;
    assert!(stage.delete(&deleted.key).await);
    stage.somebody().await;
    if !stage.end_everyone().await {
        return;
    }
    let kept = stage.somebody().await;
    stage.advance(HOUR + SWEPT_AFTER);
    if stage.storage.sweep().is_some() {
        assert_eq!(stage.swept().await, BTreeSet::from([kept.handle]));
    }
}

pub async fn a_swept_storage_keeps_prolonged_sessions(stage: Stage) {
    let kept = stage.somebody().await;
    stage.advance(HOUR / 2);
    stage.touch(&kept.key).await;
    stage.advance(HOUR / 2 + SWEPT_AFTER + SECOND);
    if stage.storage.sweep().is_none() {
        return;
    }
    assert_eq!(stage.swept().await, BTreeSet::new());
    assert!(stage.found(&kept.key).await.is_some());
    stage.advance(HOUR);
    assert_eq!(stage.swept().await, BTreeSet::from([kept.handle]));
}

pub async fn a_setup_can_be_repeated(stage: Stage) {
    let kept = stage.somebody().await;
    stage.storage.setup().await.unwrap();
    assert!(stage.found(&kept.key).await.is_some());
    let rotation = stage.rotate(&kept.key, &key(kept.key.tag()), Patch::default(), Rotation::Privilege).await;
    assert!(rotated(&rotation));
}
