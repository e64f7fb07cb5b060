//! What a patch does.

use std::collections::BTreeMap;

use super::stage::{Stage, add, change, entries, expect, fields, set};
use crate::record::{Addition, FieldPatch, Fields};
use crate::storage::Commit;

fn expecting(name: &str, json: &str, then: FieldPatch) -> FieldPatch {
    FieldPatch { expect: expect(name, json), ..then }
}

fn taking(name: &str, json: &str) -> FieldPatch {
    FieldPatch { take: expect(name, json), ..FieldPatch::default() }
}

fn adding(name: &str, delta: i64, min: i64, max: i64) -> FieldPatch {
    let add = BTreeMap::from([(name.to_owned(), Addition { delta, min, max })]);
    FieldPatch { add, ..FieldPatch::default() }
}

pub async fn commits_of_different_fields_both_survive(stage: Stage) {
    let kept = stage.kept(fields([("theme", "\"dark\""), ("name", "\"Ada\"")])).await;
    stage.write(&kept.key, set([("theme", "\"light\"")])).await;
    stage.write(&kept.key, set([("name", "\"Eve\"")])).await;
    assert_eq!(stage.field(&kept.key, "theme").await, "\"light\"");
    assert_eq!(stage.field(&kept.key, "name").await, "\"Eve\"");
}

pub async fn the_last_of_two_values_wins(stage: Stage) {
    let kept = stage.kept(fields([("theme", "1")])).await;
    stage.write(&kept.key, set([("theme", "2")])).await;
    stage.write(&kept.key, set([("theme", "3")])).await;
    assert_eq!(stage.field(&kept.key, "theme").await, "3");
}

pub async fn a_field_is_removed(stage: Stage) {
    let map = entries([("a", "1")]);
    let kept =
        stage.kept(fields([("theme", "1"), ("name", "2")]).into_iter().chain([("map".into(), map)]).collect()).await;
    let remove = vec!["theme".into(), "map".into(), "unknown".into()];
    stage.write(&kept.key, FieldPatch { remove, ..FieldPatch::default() }).await;
    assert_eq!(stage.fields(&kept.key).await.keys().collect::<Vec<_>>(), ["name"]);
}

pub async fn fields_that_a_patch_does_not_name_are_kept(stage: Stage) {
    let kept = stage.kept(fields([("of a newer version", "{\"a\":[1,2]}"), ("theme", "1")])).await;
    stage.write(&kept.key, set([("theme", "2")])).await;
    assert_eq!(stage.field(&kept.key, "of a newer version").await, "{\"a\":[1,2]}");
}

pub async fn an_empty_patch_changes_nothing_but_the_version(stage: Stage) {
    let kept = stage.somebody().await;
    let (fields, mut meta) = (stage.fields(&kept.key).await, stage.meta(&kept.key).await);
    stage.write(&kept.key, FieldPatch::default()).await;
    meta.version += 1;
    assert_eq!((stage.fields(&kept.key).await, stage.meta(&kept.key).await), (fields, meta));
}

pub async fn an_addition_counts(stage: Stage) {
    let kept = stage.kept(fields([("visits", "5")])).await;
    stage.write(&kept.key, add("visits", 2)).await;
    stage.write(&kept.key, add("visits", -10)).await;
    assert_eq!(stage.field(&kept.key, "visits").await, "-3");
}

pub async fn an_addition_starts_from_zero(stage: Stage) {
    let kept = stage.kept(Fields::new()).await;
    stage.write(&kept.key, add("visits", 2)).await;
    assert_eq!(stage.field(&kept.key, "visits").await, "2");
}

pub async fn an_addition_is_clamped_to_its_range(stage: Stage) {
    let kept = stage.kept(fields([("visits", "250")])).await;
    stage.write(&kept.key, adding("visits", 10, 0, 255)).await;
    assert_eq!(stage.field(&kept.key, "visits").await, "255");
    stage.write(&kept.key, adding("visits", -1000, 0, 255)).await;
    assert_eq!(stage.field(&kept.key, "visits").await, "0");
}

pub async fn an_addition_is_exact_at_the_ends_of_i64(stage: Stage) {
    let kept = stage.kept(fields([("visits", "9007199254740993")])).await;
    stage.write(&kept.key, add("visits", 1)).await;
    assert_eq!(stage.field(&kept.key, "visits").await, "9007199254740994");
    stage.write(&kept.key, add("visits", i64::MAX)).await;
    assert_eq!(stage.field(&kept.key, "visits").await, i64::MAX.to_string());
    stage.write(&kept.key, add("visits", -1)).await;
    assert_eq!(stage.field(&kept.key, "visits").await, (i64::MAX - 1).to_string());
    stage.write(&kept.key, set([("visits", &(i64::MIN + 1).to_string())])).await;
    stage.write(&kept.key, add("visits", i64::MIN)).await;
    assert_eq!(stage.field(&kept.key, "visits").await, i64::MIN.to_string());
}

async fn with_map<const N: usize>(stage: &Stage, map: [(&str, &str); N]) -> super::stage::Kept {
    stage.kept(Fields::from([("cart".to_owned(), entries(map))])).await
}

pub async fn entries_of_different_keys_both_survive(stage: Stage) {
    let kept = with_map(&stage, [("1", "1")]).await;
    stage.write(&kept.key, change("cart", [("2", Some("{\"n\":2}"))])).await;
    stage.write(&kept.key, change("cart", [("3", Some("[3]"))])).await;
    assert_eq!(stage.field(&kept.key, "cart").await, "{\"1\":1,\"2\":{\"n\":2},\"3\":[3]}");
}

pub async fn an_entry_is_replaced(stage: Stage) {
    let kept = with_map(&stage, [("1", "{\"a\":1,\"b\":2}"), ("2", "2")]).await;
    stage.write(&kept.key, change("cart", [("1", Some("{\"c\":3}"))])).await;
    assert_eq!(stage.field(&kept.key, "cart").await, "{\"1\":{\"c\":3},\"2\":2}");
}

pub async fn an_entry_is_removed(stage: Stage) {
    let kept = with_map(&stage, [("1", "1"), ("2", "null")]).await;
    stage.write(&kept.key, change("cart", [("1", None), ("unknown", None)])).await;
    assert_eq!(stage.field(&kept.key, "cart").await, "{\"2\":null}");
}

pub async fn a_map_without_entries_is_still_there(stage: Stage) {
    let kept = with_map(&stage, [("1", "1")]).await;
    stage.write(&kept.key, change("cart", [("1", None)])).await;
    assert_eq!(stage.field(&kept.key, "cart").await, "{}");
    let empty = with_map(&stage, []).await;
    assert_eq!(stage.field(&empty.key, "cart").await, "{}");
}

pub async fn entries_make_their_field(stage: Stage) {
    let kept = stage.kept(Fields::new()).await;
    stage.write(&kept.key, change("cart", [("1", Some("1"))])).await;
    stage.write(&kept.key, change("empty", [])).await;
    assert_eq!(stage.field(&kept.key, "cart").await, "{\"1\":1}");
    assert_eq!(stage.field(&kept.key, "empty").await, "{}");
}

pub async fn a_set_replaces_all_entries(stage: Stage) {
    let kept = with_map(&stage, [("1", "1"), ("2", "2")]).await;
    let set = Fields::from([("cart".to_owned(), entries([("3", "3")]))]);
    stage.write(&kept.key, FieldPatch { set, ..FieldPatch::default() }).await;
    assert_eq!(stage.field(&kept.key, "cart").await, "{\"3\":3}");
}

pub async fn an_expected_value_is_met(stage: Stage) {
    let kept = stage.kept(fields([("seat", "\"4a\"")])).await;
    stage.write(&kept.key, expecting("seat", "\"4a\"", set([("seat", "\"4b\"")]))).await;
    let second = stage.commit(&kept.key, expecting("seat", "\"4a\"", set([("seat", "\"4c\"")]))).await;
    assert_eq!(second, Commit::Conflict("seat".into()));
    assert_eq!(stage.field(&kept.key, "seat").await, "\"4b\"");
}

pub async fn an_expected_value_is_compared_as_json(stage: Stage) {
    let kept = stage.kept(fields([("seat", "{\"row\": 4, \"place\": \"\\u0061\"}")])).await;
    stage.write(&kept.key, expecting("seat", "{\"place\":\"a\",\"row\":4}", set([("seat", "1")]))).await;
    assert_eq!(stage.field(&kept.key, "seat").await, "1");
}

pub async fn an_expected_value_that_is_missing_is_a_conflict(stage: Stage) {
    let kept = stage.kept(Fields::new()).await;
    let answer = stage.commit(&kept.key, expecting("seat", "null", set([("seat", "1")]))).await;
    assert_eq!(answer, Commit::Conflict("seat".into()));
}

pub async fn a_missing_value_is_expected_as_it_is_initialized(stage: Stage) {
    let kept = stage.kept(Fields::new()).await;
    let patch = FieldPatch { init: fields([("seat", "null")]), ..expecting("seat", "null", set([("seat", "1")])) };
    stage.write(&kept.key, patch.clone()).await;
    assert_eq!(stage.field(&kept.key, "seat").await, "1");
    assert_eq!(stage.commit(&kept.key, patch).await, Commit::Conflict("seat".into()));
}

pub async fn a_conflict_rejects_the_whole_patch(stage: Stage) {
    let kept = stage.kept(fields([("seat", "1"), ("visits", "1")])).await;
    let before = stage.meta(&kept.key).await;
    let set = fields([("theme", "2")]);
    let patch = FieldPatch { set, ..expecting("seat", "2", add("visits", 1)) };
    assert_eq!(stage.commit(&kept.key, patch).await, Commit::Conflict("seat".into()));
    assert_eq!(stage.field(&kept.key, "visits").await, "1");
    assert_eq!(stage.field(&kept.key, "theme").await, "");
    assert_eq!(stage.meta(&kept.key).await, before);
}

pub async fn a_conflict_of_a_dead_session_is_gone(stage: Stage) {
    let kept = stage.kept(fields([("seat", "1")])).await;
    stage.delete(&kept.key).await;
    let answer = stage.commit(&kept.key, expecting("seat", "2", add("visits", 1))).await;
    assert_eq!(answer, Commit::Gone);
}

pub async fn a_flash_is_taken_if_it_is_the_same(stage: Stage) {
    let kept = stage.kept(fields([("notice", "\"saved\"")])).await;
    stage.write(&kept.key, taking("notice", "\"saved\"")).await;
    assert_eq!(stage.field(&kept.key, "notice").await, "null");
}

pub async fn a_flash_that_was_set_meanwhile_survives(stage: Stage) {
    let kept = stage.kept(fields([("notice", "\"deleted\"")])).await;
    stage.write(&kept.key, taking("notice", "\"saved\"")).await;
    stage.write(&kept.key, taking("unknown", "\"saved\"")).await;
    assert_eq!(stage.field(&kept.key, "notice").await, "\"deleted\"");
    assert_eq!(stage.field(&kept.key, "unknown").await, "");
}

pub async fn an_initial_value_fills_only_what_is_missing(stage: Stage) {
    let kept = stage.kept(fields([("theme", "1")])).await;
    let init = fields([("theme", "7"), ("visits", "7")]);
    stage.write(&kept.key, FieldPatch { init, ..FieldPatch::default() }).await;
    assert_eq!(stage.field(&kept.key, "theme").await, "1");
    assert_eq!(stage.field(&kept.key, "visits").await, "7");
}

pub async fn an_initial_value_is_added_to(stage: Stage) {
    let kept = stage.kept(Fields::new()).await;
    let init = fields([("visits", "7")]);
    stage.write(&kept.key, FieldPatch { init, ..add("visits", 3) }).await;
    let init = Fields::from([("cart".to_owned(), entries([("1", "1"), ("2", "2")]))]);
    stage.write(&kept.key, FieldPatch { init, ..change("cart", [("1", None), ("3", Some("3"))]) }).await;
    assert_eq!(stage.field(&kept.key, "visits").await, "10");
    assert_eq!(stage.field(&kept.key, "cart").await, "{\"2\":2,\"3\":3}");
}

pub async fn a_patch_is_applied_in_its_order(stage: Stage) {
    let kept = stage.kept(fields([("a", "1"), ("b", "1"), ("c", "1")])).await;
    let patch = FieldPatch {
        set: fields([("a", "10"), ("b", "20"), ("c", "30")]),
        remove: vec!["b".into()],
        take: expect("c", "30"),
        add: add("a", 5).add.into_iter().chain(add("b", 6).add).collect(),
        ..FieldPatch::default()
    };
    stage.write(&kept.key, patch).await;
    assert_eq!(stage.field(&kept.key, "a").await, "15");
    assert_eq!(stage.field(&kept.key, "b").await, "6");
    assert_eq!(stage.field(&kept.key, "c").await, "null");
}
