//! What every storage promises, as tests.

pub mod commits;
pub mod index;
pub mod life;
pub mod parallel;
pub mod rotation;
pub(crate) mod stage;
pub mod values;

use std::sync::Arc;

use rocket::tokio::runtime::Builder;

use self::stage::Stage;
use crate::storage::SessionStorage;

/// Writes a test for each promise that a storage makes.
///
/// The expression returns a storage, empty and of its own for each test; it may `.await`. What a storage does not have
/// (an index, a sweep) is not tested. Every rule is one test, and its name says the rule.
///
/// # Examples
///
/// ```
/// mod text {
///     use rocket_typed_session::testing::{TextStorage, conformance};
///
///     conformance!(TextStorage::new());
/// }
/// ```
#[macro_export]
#[doc(hidden)]
macro_rules! __conformance {
    ($storage:expr) => {
        $crate::__conformance! { @tests $storage;
            life {
                a_created_session_is_loaded
                an_unknown_key_is_absent
                what_is_loaded_at_once_is_what_is_loaded
                what_is_committed_at_once_is_committed
                a_key_in_use_is_taken
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
                a_clock_that_is_ahead_ends_nothing
                what_is_ended_by_a_clock_that_is_ahead_is_ended
                a_touch_prolongs_a_session
                a_touch_leaves_data_and_version
                a_use_that_is_older_than_the_last_is_not_written
                a_use_never_prolongs_a_session_past_its_deadline
                a_use_never_shortens_a_lifetime_that_it_does_not_know_of
                a_proof_of_identity_begins_the_lifetime_of_the_session_anew
                a_lifetime_without_end_is_kept
                a_commit_prolongs_a_session
                a_commit_shortens_a_session
                each_commit_raises_the_version
                metadata_is_kept
                everyone_is_ended
                a_moved_key_is_free_once_everyone_is_ended
                a_sweep_frees_what_expired_long_ago
                a_sweep_returns_the_sessions_that_it_frees
                a_sweep_frees_as_many_as_there_are
                a_sweep_returns_nothing_that_was_ended
                a_swept_storage_keeps_prolonged_sessions
                a_setup_can_be_repeated
            }
            commits {
                commits_of_different_fields_both_survive
                the_last_of_two_values_wins
                a_field_is_removed
                fields_that_a_patch_does_not_name_are_kept
                an_empty_patch_changes_nothing_but_the_version
                an_addition_counts
                an_addition_starts_from_zero
                an_addition_is_clamped_to_its_range
                an_addition_is_exact_at_the_ends_of_i64
                entries_of_different_keys_both_survive
                an_entry_is_replaced
                an_entry_is_removed
                a_map_without_entries_is_still_there
                entries_make_their_field
                a_set_replaces_all_entries
                an_expected_value_is_met
                an_expected_value_is_compared_as_json
                an_expected_value_that_is_missing_is_a_conflict
                a_missing_value_is_expected_as_it_is_initialized
                a_conflict_rejects_the_whole_patch
                a_conflict_of_a_dead_session_is_gone
                a_flash_is_taken_if_it_is_the_same
                a_flash_that_was_set_meanwhile_survives
                an_initial_value_fills_only_what_is_missing
                an_initial_value_is_added_to
                a_patch_is_applied_in_its_order
            }
            rotation {
                a_privilege_rotation_moves_the_session
                a_privilege_rotation_applies_its_patch
                a_privilege_rotation_keeps_the_handle
                a_rotation_with_a_conflict_does_nothing
                a_moved_key_is_no_login
                a_moved_key_is_forgotten_after_a_while
                a_delete_follows_a_moved_key
                a_delete_follows_a_chain_of_moved_keys
                a_delete_of_an_anonymous_session_does_not_follow_a_sign_in
                a_delete_of_an_anonymous_session_follows_it_while_anonymous
                a_sign_in_moves_the_session_into_the_index
                another_identity_leaves_the_index_of_the_first
                a_renewed_session_is_found_by_both_keys
                a_load_promotes_no_pending_key
                a_commit_promotes_a_pending_key
                a_touch_promotes_a_pending_key
                a_delete_by_a_pending_key_ends_the_session
                a_key_in_grace_works
                a_key_in_grace_dies
                a_key_in_grace_renews_nothing
                a_key_in_grace_gains_no_privilege
                a_young_pending_key_is_kept
                an_old_pending_key_is_replaced
                a_pending_key_is_renewed
                a_pending_key_lives_as_long_as_its_session
                a_privilege_rotation_kills_pending_keys
                a_privilege_rotation_kills_keys_in_grace
                a_key_whose_grace_ended_leaves_no_marker
                a_key_whose_grace_ended_leads_nowhere_by_any_clock
                a_restart_replaces_the_session
                a_restart_needs_no_session
                a_restart_ends_a_session_that_was_moved
                a_restart_of_an_anonymous_session_does_not_follow_a_sign_in
                a_restart_of_an_anonymous_session_does_not_follow_a_restart
                a_restart_of_an_anonymous_session_follows_it_while_anonymous
                a_restart_ends_an_anonymous_session
                a_restart_by_a_key_in_grace_ends_the_session
                an_ended_session_has_no_other_keys
            }
            index {
                the_sessions_of_an_identity_are_listed
                the_one_seen_last_is_listed_first
                an_anonymous_session_is_not_listed
                an_unknown_identity_has_no_sessions
                a_session_is_found_by_its_handle
                an_anonymous_session_is_found_by_its_handle
                a_session_is_found_under_its_newest_key
                a_session_is_ended_by_its_handle
                an_unknown_handle_ends_nothing
                all_sessions_of_an_identity_are_ended
                all_but_one_are_ended
                other_identities_are_left_alone
                ended_sessions_do_not_count
                a_cap_ends_the_one_seen_longest_ago
                a_cap_does_not_count_expired_sessions
                a_cap_binds_when_a_rotation_brings_an_identifier
                a_cap_binds_a_restart
                a_cap_does_not_count_the_session_that_is_replaced
                a_lowered_cap_ends_several
                anonymous_sessions_have_no_cap
            }
            values {
                odd_texts_are_kept
                odd_keys_are_kept
                every_unicode_plane_is_kept
                numbers_are_kept
                a_mebibyte_is_kept
                ten_thousand_entries_are_kept
                many_fields_are_kept
                no_fields_are_kept
            }
            parallel {
                additions_all_count
                entries_all_survive
                one_of_many_rejecting_writers_wins
                one_of_many_takes_a_key
                one_of_many_rotations_wins
                a_delete_beats_writes
                ending_all_beats_rotations
                a_cap_holds_in_parallel
            }
        }
    };
    (@tests $storage:expr; $($module:ident { $($promise:ident)* })*) => { $( $(
        #[test]
        fn $promise() {
            $crate::testing::__keeps(async { $storage }, $crate::testing::conformance::$module::$promise);
        }
    )* )* };
}

/// Runs one promise on a storage of its own.
///
/// # Panics
///
/// Panics if the promise is not kept.
pub fn keeps<S, P>(storage: impl Future<Output = S>, promise: impl FnOnce(Stage) -> P)
where
    S: SessionStorage,
    P: Future<Output = ()>,
{
    let runtime = Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap();
    runtime.block_on(async {
        let storage: Arc<dyn SessionStorage> = Arc::new(storage.await);
        storage.setup().await.unwrap();
        promise(Stage::new(storage.clone())).await;
        storage.shutdown().await;
    });
}
