//! What a patch does to typed values is what it does to texts.

use proptest::prelude::*;
use proptest::sample::subsequence;
use rocket_typed_session::record::{
    Addition, FieldPatch, FieldText, Fields, Meta, MetaPatch, Patch, PatchError, Record,
};
use rocket_typed_session::testing::{patch_of, record_of, value_of};
use rocket_typed_session::{Handle, Timestamp};

use crate::user::{Edit, User, edits, meta, user};

fn nobody() -> Meta {
    let (now, later) = (Timestamp::from_millis(1000), Timestamp::from_millis(2000));
    meta(Handle::from_bytes([7; 32]), false, now, later)
}

fn edited(record: &Record, absolute: &[&str], edits: &[Edit]) -> Patch {
    let edit = |user: &mut User| edits.iter().for_each(|edit| edit.apply(user));
    patch_of(MetaPatch::default(), record, absolute, edit).expect("every key is a text")
}

/// Applies a patch to the texts of a record.
fn as_texts(record: &Record, patch: &Patch) -> Result<Fields, String> {
    let mut fields = Fields::clone(record.fields().unwrap());
    patch.fields().unwrap().apply(&mut fields)?;
    Ok(fields)
}

/// Returns the record and the value that a patch of typed values makes.
fn as_values(record: &Record, patch: &Patch) -> Result<Record, String> {
    patch.apply(record).map_err(|error| match error {
        PatchError::Conflict(field) => field,
        error => panic!("{error:?}"),
    })
}

fn assert_same(typed: &Result<Record, String>, texts: &Result<Fields, String>) {
    match (typed, texts) {
        (Ok(record), Ok(fields)) => {
            let of_texts = value_of::<User>(&Record::new(record.meta.clone(), fields.clone())).unwrap();
            assert_eq!(value_of::<User>(record).unwrap(), of_texts);
            let of_record = Record::new(record.meta.clone(), Fields::clone(record.fields().unwrap()));
            assert_eq!(value_of::<User>(&of_record).unwrap(), of_texts);
        }
        (Err(left), Err(right)) => assert_eq!(left, right),
        _ => panic!("{typed:?}\n{texts:?}"),
    }
}

#[test]
fn an_integer_beyond_i64_is_clamped_before_it_is_added_to() {
    let mut fields = Fields::from([("points".to_owned(), FieldText::Json(u64::MAX.to_string()))]);
    let add = [("points".to_owned(), Addition { delta: -1, min: 0, max: i64::MAX })].into();
    FieldPatch { add, ..FieldPatch::default() }.apply(&mut fields).unwrap();
    assert_eq!(fields["points"].json(), (i64::MAX - 1).to_string());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// One request edits what it loaded, and another committed in between.
    #[test]
    fn typed_values_and_texts_merge_alike(
        loaded in user(),
        (theirs, ours) in (edits(), edits()),
        absolute in subsequence(User::FIELDS.to_vec(), 0..3),
    ) {
        let loaded = record_of(nobody(), loaded);
        let stored = as_values(&loaded, &edited(&loaded, &[], &theirs)).unwrap();
        let patch = edited(&loaded, &absolute, &ours);
        assert_same(&as_values(&stored, &patch), &as_texts(&stored, &patch));
    }

    /// The stored fields lack some that the struct has, and have some that it lacks.
    #[test]
    fn missing_and_unknown_fields_merge_alike(
        loaded in user(),
        missing in subsequence(User::FIELDS.to_vec(), 0..8),
        (theirs, ours) in (edits(), edits()),
    ) {
        let mut fields = Fields::clone(record_of(nobody(), loaded).fields().unwrap());
        fields.retain(|name, _| !missing.contains(&name.as_str()));
        fields.insert("of a newer version".into(), fields.values().next().cloned().unwrap_or_else(|| {
            FieldText::Json("1".into())
        }));
        let loaded = Record::new(nobody(), fields.clone());
        value_of::<User>(&loaded).unwrap();
        let (first, second) = (edited(&loaded, &[], &theirs), edited(&loaded, &[], &ours));
        let stored = as_values(&loaded, &first).unwrap();
        let texts = Record::new(nobody(), as_texts(&Record::new(nobody(), fields), &first).unwrap());
        let typed = as_values(&stored, &second);
        assert_same(&typed, &as_texts(&texts, &second));
        if let Ok(record) = typed {
            prop_assert!(record.fields().unwrap().contains_key("of a newer version"));
        }
    }

    /// The size that is counted commit by commit is that of the whole.
    #[test]
    fn sizes_add_up(loaded in user(), changes in proptest::collection::vec(edits(), 0..5)) {
        let first = record_of(nobody(), loaded);
        first.size();
        let mut record = first.clone();
        for edits in changes {
            let patch = edited(&first, &["seat"], &edits);
            if let Ok(next) = as_values(&record, &patch) {
                record = next;
            }
        }
        let whole = record_of(nobody(), User::clone(&value_of(&record).unwrap()));
        prop_assert_eq!(record.size(), whole.size());
        let texts = whole.fields().unwrap().iter().map(|(name, text)| name.len() + text.json().len());
        prop_assert_eq!(whole.size(), texts.sum::<usize>());
    }
}
