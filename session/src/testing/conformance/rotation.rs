//! Keys, and what becomes of the old ones.

use super::stage::{GRACE, HOUR, SECOND, Stage, add, cap, done, expect, key, person, rotated, set, tag};
use crate::record::{FieldPatch, MetaPatch, Patch};
use crate::storage::{Commit, Loaded, MOVED_FOR, Rotation, Via};
use crate::token::Key;

pub async fn a_privilege_rotation_moves_the_session(stage: Stage) {
    let kept = stage.somebody().await;
    let (new, answer) = stage.privilege(&kept.key).await;
    assert!(rotated(&answer), "{answer:?}");
    assert_eq!(stage.via(&new).await, Some(Via::Current));
    assert!(stage.moved(&kept.key).await);
    assert_eq!(stage.field(&new, "theme").await, "\"dark\"");
}

pub async fn a_privilege_rotation_applies_its_patch(stage: Stage) {
    let kept = stage.somebody().await;
    let new = key(kept.key.tag());
    let meta = MetaPatch { authenticated_at: Some(stage.later(SECOND)), ..MetaPatch::default() };
    stage.rotate(&kept.key, &new, Patch::new(meta, set([("role", "\"Admin\"")])), Rotation::Privilege).await;
    assert_eq!(stage.field(&new, "role").await, "\"Admin\"");
    assert_eq!(stage.meta(&new).await.authenticated_at, stage.later(SECOND));
}

pub async fn a_privilege_rotation_keeps_the_handle(stage: Stage) {
    let kept = stage.somebody().await;
    let (new, _) = stage.privilege(&kept.key).await;
    assert_eq!(stage.meta(&new).await.handle, kept.handle);
}

pub async fn a_rotation_with_a_conflict_does_nothing(stage: Stage) {
    let kept = stage.somebody().await;
    let patch = || FieldPatch { expect: expect("theme", "0"), ..add("visits", 1) };
    for how in [Rotation::Privilege, Rotation::Renewal { grace: GRACE }] {
        let new = key(kept.key.tag());
        let answer = stage.rotate(&kept.key, &new, Patch::new(MetaPatch::default(), patch()), how).await;
        assert_eq!(answer, Commit::Conflict("theme".into()));
        assert!(stage.absent(&new).await);
    }
    assert_eq!(stage.via(&kept.key).await, Some(Via::Current));
    assert_eq!(stage.field(&kept.key, "visits").await, "1");
}

pub async fn a_moved_key_is_no_login(stage: Stage) {
    let kept = stage.somebody().await;
    let (new, _) = stage.privilege(&kept.key).await;
    assert_eq!(stage.commit(&kept.key, set([("theme", "1")])).await, Commit::Moved);
    assert_eq!(stage.privilege(&kept.key).await.1, Commit::Moved);
    assert_eq!(stage.renew(&kept.key).await.1, Commit::Moved);
    assert!(!stage.touch(&kept.key).await);
    assert_eq!(stage.field(&new, "theme").await, "\"dark\"");
    assert_eq!(stage.via(&new).await, Some(Via::Current));
}

pub async fn a_moved_key_is_forgotten_after_a_while(stage: Stage) {
    let kept = stage.somebody().await;
    let (new, _) = stage.privilege(&kept.key).await;
    stage.advance(MOVED_FOR - SECOND);
    assert!(stage.moved(&kept.key).await);
    stage.advance(SECOND);
    assert!(stage.absent(&kept.key).await);
    assert_eq!(stage.commit(&kept.key, set([("theme", "1")])).await, Commit::Gone);
    assert!(!stage.delete(&kept.key).await);
    assert_eq!(stage.via(&new).await, Some(Via::Current));
}

pub async fn a_delete_follows_a_moved_key(stage: Stage) {
    let kept = stage.somebody().await;
    let (new, _) = stage.privilege(&kept.key).await;
    assert!(stage.delete(&kept.key).await);
    assert!(stage.absent(&new).await);
    assert!(!stage.delete(&kept.key).await);
}

pub async fn a_delete_follows_a_chain_of_moved_keys(stage: Stage) {
    let kept = stage.somebody().await;
    let (second, _) = stage.privilege(&kept.key).await;
    let (third, _) = stage.sign_in(&second, &person(), None).await;
    assert!(stage.delete(&kept.key).await);
    assert!(stage.absent(&third.key).await);
}

pub async fn a_delete_of_an_anonymous_session_does_not_follow_a_sign_in(stage: Stage) {
    let kept = stage.anonymous().await;
    let (second, _) = stage.privilege(&kept.key).await;
    let (third, answer) = stage.sign_in(&second, &person(), None).await;
    assert!(rotated(&answer));
    assert!(!stage.delete(&second).await);
    assert!(!stage.delete(&kept.key).await);
    assert_eq!(stage.via(&third.key).await, Some(Via::Current));
    let other = stage.anonymous().await;
    let (restarted, _) = stage.restart(&other.key, &person(), None).await;
    assert!(!stage.delete(&other.key).await);
    assert_eq!(stage.via(&restarted.key).await, Some(Via::Current));
}

pub async fn a_delete_of_an_anonymous_session_follows_it_while_anonymous(stage: Stage) {
    let kept = stage.anonymous().await;
    let (second, _) = stage.privilege(&kept.key).await;
    assert!(stage.delete(&kept.key).await);
    assert!(stage.absent(&second).await);
}

pub async fn a_sign_in_moves_the_session_into_the_index(stage: Stage) {
    let kept = stage.anonymous().await;
    let identity = person();
    let (signed_in, answer) = stage.sign_in(&kept.key, &identity, None).await;
    assert!(rotated(&answer));
    assert!(stage.moved(&kept.key).await);
    let meta = stage.meta(&signed_in.key).await;
    assert!(meta.identified && !meta.newborn && meta.handle == signed_in.handle);
    assert_eq!(stage.field(&signed_in.key, "theme").await, "\"dark\"");
    assert_eq!(stage.field(&signed_in.key, "id").await, "7");
    if let Some(index) = stage.index() {
        assert_eq!(index.count(&identity, stage.now()).await.unwrap(), 1);
        assert!(index.find(&kept.handle, stage.now()).await.unwrap().is_none());
    }
}

pub async fn another_identity_leaves_the_index_of_the_first(stage: Stage) {
    let (first, second) = (person(), person());
    let kept = stage.signed_in(&first).await;
    let (moved, answer) = stage.sign_in(&kept.key, &second, None).await;
    assert!(rotated(&answer));
    let Some(index) = stage.index() else { return };
    assert_eq!(index.count(&first, stage.now()).await.unwrap(), 0);
    assert_eq!(index.delete_all(&first, None, stage.now()).await.unwrap(), 0);
    assert_eq!(index.count(&second, stage.now()).await.unwrap(), 1);
    assert_eq!(stage.via(&moved.key).await, Some(Via::Current));
}

pub async fn a_renewed_session_is_found_by_both_keys(stage: Stage) {
    let kept = stage.somebody().await;
    let (new, answer) = stage.renew(&kept.key).await;
    assert!(rotated(&answer));
    assert_eq!(stage.via(&kept.key).await, Some(Via::Current));
    assert_eq!(stage.via(&new).await, Some(Via::Pending));
    assert_eq!(stage.field(&new, "renewals").await, "1");
}

pub async fn a_load_promotes_no_pending_key(stage: Stage) {
    let kept = stage.somebody().await;
    let (new, _) = stage.renew(&kept.key).await;
    stage.advance(2 * GRACE);
    assert_eq!(stage.via(&new).await, Some(Via::Pending));
    assert_eq!(stage.via(&kept.key).await, Some(Via::Current));
}

pub async fn a_commit_promotes_a_pending_key(stage: Stage) {
    let kept = stage.somebody().await;
    let (new, _) = stage.renew(&kept.key).await;
    stage.write(&new, add("visits", 1)).await;
    assert_eq!(stage.via(&new).await, Some(Via::Current));
    assert_eq!(stage.via(&kept.key).await, Some(Via::Grace));
    assert_eq!(stage.field(&new, "visits").await, "2");
}

/// Returns the keys in grace and current.
async fn renewed(stage: &Stage, key: &Key) -> (Key, Key) {
    let (new, answer) = stage.renew(key).await;
    assert!(rotated(&answer), "{answer:?}");
    assert!(stage.touch(&new).await);
    (*key, new)
}

pub async fn a_touch_promotes_a_pending_key(stage: Stage) {
    let kept = stage.somebody().await;
    let (old, new) = renewed(&stage, &kept.key).await;
    assert_eq!(stage.via(&new).await, Some(Via::Current));
    assert_eq!(stage.via(&old).await, Some(Via::Grace));
}

pub async fn a_delete_by_a_pending_key_ends_the_session(stage: Stage) {
    let kept = stage.somebody().await;
    let (new, _) = stage.renew(&kept.key).await;
    assert!(stage.delete(&new).await);
    assert!(stage.absent(&new).await);
    assert!(stage.absent(&kept.key).await);
}

pub async fn a_key_in_grace_works(stage: Stage) {
    let kept = stage.somebody().await;
    let (old, new) = renewed(&stage, &kept.key).await;
    stage.advance(GRACE - SECOND);
    stage.write(&old, add("visits", 1)).await;
    assert_eq!(stage.field(&new, "visits").await, "2");
    assert!(stage.touch(&old).await);
    assert_eq!(stage.meta(&new).await.seen_at, stage.now());
    assert!(stage.delete(&old).await);
    assert!(stage.absent(&new).await);
}

pub async fn a_key_in_grace_dies(stage: Stage) {
    let kept = stage.somebody().await;
    let (old, new) = renewed(&stage, &kept.key).await;
    stage.advance(GRACE);
    assert!(stage.absent(&old).await);
    assert_eq!(stage.commit(&old, add("visits", 1)).await, Commit::Gone);
    assert!(!stage.touch(&old).await);
    assert!(!stage.delete(&old).await);
    assert_eq!(stage.via(&new).await, Some(Via::Current));
}

pub async fn a_key_in_grace_renews_nothing(stage: Stage) {
    let kept = stage.somebody().await;
    let (old, new) = renewed(&stage, &kept.key).await;
    let (newer, answer) = stage.renew(&old).await;
    assert!(done(&answer), "{answer:?}");
    assert!(stage.absent(&newer).await);
    assert_eq!(stage.field(&new, "renewals").await, "2");
}

pub async fn a_key_in_grace_gains_no_privilege(stage: Stage) {
    let kept = stage.somebody().await;
    let (old, new) = renewed(&stage, &kept.key).await;
    let (newer, answer) = stage.privilege(&old).await;
    assert_eq!(answer, Commit::Moved);
    assert!(stage.absent(&newer).await);
    assert_eq!(stage.via(&new).await, Some(Via::Current));
}

pub async fn a_young_pending_key_is_kept(stage: Stage) {
    let kept = stage.somebody().await;
    let (new, _) = stage.renew(&kept.key).await;
    stage.advance(GRACE - SECOND);
    let (newer, answer) = stage.renew(&kept.key).await;
    assert!(done(&answer), "{answer:?}");
    assert!(stage.absent(&newer).await);
    assert_eq!(stage.via(&new).await, Some(Via::Pending));
    assert_eq!(stage.field(&kept.key, "renewals").await, "2");
}

pub async fn an_old_pending_key_is_replaced(stage: Stage) {
    let kept = stage.somebody().await;
    let (new, _) = stage.renew(&kept.key).await;
    stage.advance(GRACE);
    let (newer, answer) = stage.renew(&kept.key).await;
    assert!(rotated(&answer), "{answer:?}");
    assert!(stage.moved(&new).await);
    assert_eq!(stage.via(&newer).await, Some(Via::Pending));
    assert_eq!(stage.via(&kept.key).await, Some(Via::Current));
    assert!(stage.delete(&new).await);
    assert!(stage.absent(&kept.key).await);
}

pub async fn a_pending_key_is_renewed(stage: Stage) {
    let kept = stage.somebody().await;
    let (new, _) = stage.renew(&kept.key).await;
    let (newer, answer) = stage.renew(&new).await;
    assert!(rotated(&answer), "{answer:?}");
    assert_eq!(stage.via(&kept.key).await, Some(Via::Grace));
    assert_eq!(stage.via(&new).await, Some(Via::Current));
    assert_eq!(stage.via(&newer).await, Some(Via::Pending));
}

pub async fn a_pending_key_lives_as_long_as_its_session(stage: Stage) {
    let kept = stage.somebody().await;
    let (new, _) = stage.renew(&kept.key).await;
    stage.advance(HOUR - SECOND);
    assert_eq!(stage.via(&new).await, Some(Via::Pending));
    stage.advance(SECOND);
    assert!(stage.absent(&new).await);
    assert!(!stage.touch(&new).await);
}

pub async fn a_privilege_rotation_kills_pending_keys(stage: Stage) {
    let kept = stage.somebody().await;
    let (pending, _) = stage.renew(&kept.key).await;
    let (new, answer) = stage.privilege(&kept.key).await;
    assert!(rotated(&answer));
    assert!(stage.moved(&kept.key).await);
    assert!(stage.moved(&pending).await);
    assert!(stage.delete(&pending).await);
    assert!(stage.absent(&new).await);
}

pub async fn a_privilege_rotation_kills_keys_in_grace(stage: Stage) {
    let kept = stage.somebody().await;
    let (old, current) = renewed(&stage, &kept.key).await;
    let (new, answer) = stage.privilege(&current).await;
    assert!(rotated(&answer));
    assert!(stage.moved(&old).await);
    assert!(stage.moved(&current).await);
    assert!(stage.delete(&old).await);
    assert!(stage.absent(&new).await);
}

pub async fn a_key_whose_grace_ended_leaves_no_marker(stage: Stage) {
    let kept = stage.somebody().await;
    let (old, current) = renewed(&stage, &kept.key).await;
    stage.advance(GRACE);
    stage.privilege(&current).await;
    assert!(stage.absent(&old).await);
    assert!(!stage.delete(&old).await);
}

/// A request may be older than the rotation that it comes after, and clocks differ.
pub async fn a_key_whose_grace_ended_leads_nowhere_by_any_clock(stage: Stage) {
    for (restarts, max) in [(true, None), (true, cap(5)), (false, None), (false, cap(5))] {
        let kept = stage.anonymous().await;
        let (old, current) = renewed(&stage, &kept.key).await;
        stage.advance(GRACE - SECOND);
        let earlier = stage.now();
        stage.advance(2 * SECOND);
        let identity = person();
        let (somebody, answer) = if restarts {
            stage.restart(&current, &identity, max).await
        } else {
            stage.sign_in(&current, &identity, max).await
        };
        assert!(rotated(&answer), "{answer:?}");
        let found = stage.storage.load(&old, earlier).await.unwrap();
        assert!(matches!(found, Loaded::Moved | Loaded::Absent), "{found:?}");
        let patch = Patch::new(MetaPatch::default(), set([("theme", "1")]));
        let answer = stage.storage.commit(&old, patch, earlier).await.unwrap();
        assert!(matches!(answer, Commit::Moved | Commit::Gone), "{answer:?}");
        assert!(!stage.storage.delete(&old, earlier).await.unwrap());
        assert_eq!(stage.via(&somebody.key).await, Some(Via::Current));
    }
}

pub async fn a_restart_replaces_the_session(stage: Stage) {
    let identity = person();
    let kept = stage.signed_in(&identity).await;
    let (restarted, answer) = stage.restart(&kept.key, &identity, None).await;
    assert!(rotated(&answer));
    assert!(stage.moved(&kept.key).await);
    assert_eq!(stage.via(&restarted.key).await, Some(Via::Current));
    assert_eq!(stage.meta(&restarted.key).await.handle, restarted.handle);
    assert_eq!(stage.field(&restarted.key, "theme").await, "");
    let Some(index) = stage.index() else { return };
    assert_eq!(index.count(&identity, stage.now()).await.unwrap(), 1);
    assert!(index.find(&kept.handle, stage.now()).await.unwrap().is_none());
}

pub async fn a_restart_needs_no_session(stage: Stage) {
    let unknown = key(tag());
    let (restarted, answer) = stage.restart(&unknown, &person(), None).await;
    assert!(rotated(&answer));
    assert_eq!(stage.via(&restarted.key).await, Some(Via::Current));
    assert!(stage.absent(&unknown).await);
    let ended = stage.somebody().await;
    stage.delete(&ended.key).await;
    assert!(rotated(&stage.restart(&ended.key, &person(), None).await.1));
    assert!(stage.absent(&ended.key).await);
}

pub async fn a_restart_ends_a_session_that_was_moved(stage: Stage) {
    let kept = stage.somebody().await;
    let (moved, _) = stage.privilege(&kept.key).await;
    let (first, answer) = stage.restart(&kept.key, &person(), None).await;
    assert!(rotated(&answer));
    assert!(stage.moved(&moved).await);
    let (second, answer) = stage.restart(&kept.key, &person(), None).await;
    assert!(rotated(&answer));
    assert!(stage.moved(&first.key).await);
    assert_eq!(stage.via(&second.key).await, Some(Via::Current));
}

pub async fn a_restart_of_an_anonymous_session_does_not_follow_a_sign_in(stage: Stage) {
    let kept = stage.anonymous().await;
    let (second, _) = stage.privilege(&kept.key).await;
    let (victim, answer) = stage.sign_in(&second, &person(), None).await;
    assert!(rotated(&answer));
    let (victims_next, _) = stage.privilege(&victim.key).await;
    for planted in [kept.key, second] {
        let (restarted, answer) = stage.restart(&planted, &person(), None).await;
        assert!(rotated(&answer), "{answer:?}");
        assert_eq!(stage.via(&restarted.key).await, Some(Via::Current));
        assert_eq!(stage.via(&victims_next).await, Some(Via::Current));
        assert!(stage.moved(&planted).await);
    }
}

pub async fn a_restart_of_an_anonymous_session_does_not_follow_a_restart(stage: Stage) {
    let (kept, identity) = (stage.anonymous().await, person());
    let (victim, _) = stage.restart(&kept.key, &identity, None).await;
    for owner in [person(), identity] {
        let (restarted, answer) = stage.restart(&kept.key, &owner, None).await;
        assert!(rotated(&answer), "{answer:?}");
        assert_eq!(stage.via(&restarted.key).await, Some(Via::Current));
        assert_eq!(stage.via(&victim.key).await, Some(Via::Current));
    }
}

pub async fn a_restart_of_an_anonymous_session_follows_it_while_anonymous(stage: Stage) {
    let kept = stage.anonymous().await;
    let (second, _) = stage.privilege(&kept.key).await;
    let (restarted, answer) = stage.restart(&kept.key, &person(), None).await;
    assert!(rotated(&answer));
    assert!(stage.moved(&second).await);
    assert_eq!(stage.via(&restarted.key).await, Some(Via::Current));
}

pub async fn a_restart_ends_an_anonymous_session(stage: Stage) {
    let kept = stage.anonymous().await;
    stage.restart(&kept.key, &person(), None).await;
    assert!(stage.moved(&kept.key).await);
    stage.advance(MOVED_FOR);
    assert!(stage.absent(&kept.key).await);
}

pub async fn a_restart_by_a_key_in_grace_ends_the_session(stage: Stage) {
    let kept = stage.somebody().await;
    let (old, current) = renewed(&stage, &kept.key).await;
    let (restarted, answer) = stage.restart(&old, &person(), None).await;
    assert!(rotated(&answer));
    assert!(stage.moved(&old).await && stage.moved(&current).await);
    assert_eq!(stage.via(&restarted.key).await, Some(Via::Current));
}

pub async fn an_ended_session_has_no_other_keys(stage: Stage) {
    let kept = stage.somebody().await;
    let (old, current) = renewed(&stage, &kept.key).await;
    let (pending, answer) = stage.renew(&current).await;
    assert!(rotated(&answer));
    assert!(stage.delete(&current).await);
    for key in [old, current, pending] {
        assert!(stage.absent(&key).await);
        assert!(!stage.touch(&key).await);
    }
}
