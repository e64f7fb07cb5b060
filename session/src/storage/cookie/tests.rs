use rocket::tokio::runtime::Builder;

use super::*;
use crate::clock::Timestamp;
use crate::record::{FieldPatch, FieldText, Fields, Meta, MetaPatch, Patch, Record};
use crate::seal::{Keyring, Secret};
use crate::storage::memory::MemoryStorage;
use crate::storage::{Commit, Created, Loaded, Rotation};
use crate::token::{Handle, Key};

const NAME: &str = "__Host-session";
const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);
const HOUR: Duration = Duration::from_hours(1);

pub(super) fn cookies(epoch: u32, revocations: Option<Arc<dyn SessionStorage>>) -> Arc<Cookies> {
    let ring = Keyring { current: Secret::from_bytes([1; 32]).unwrap(), previous: Vec::new() };
    Arc::new(Cookies::new(RecordSeal::new(&ring, NAME, "session"), NAME.len(), epoch, revocations, HOUR))
}

fn handle(byte: u8) -> Handle {
    Handle::from_bytes([byte; 32])
}

fn key(byte: u8) -> Key {
    Key::new(handle(byte).tag(), [byte; 32])
}

fn meta() -> Meta {
    Meta {
        handle: handle(7),
        version: 1 << 40,
        identified: true,
        newborn: true,
        rotation_due: true,
        created_at: NOW,
        seen_at: NOW.after(Duration::from_millis(1)),
        authenticated_at: Timestamp::default(),
        renewed_at: Timestamp::from_millis(u64::MAX),
        expires_at: NOW.after(HOUR),
        deadline: NOW.after(24 * HOUR),
        ttl: Some(Duration::ZERO),
        client: None,
    }
}

fn record(text: &str) -> Record {
    let json = serde_json::to_string(text).unwrap();
    Record::new(
        meta(),
        Fields::from([("text".into(), FieldText::Json(json)), (String::new(), FieldText::Json("1".into()))]),
    )
}

fn sealed(record: Record) -> Sealed {
    Sealed { lasts: record.meta.deadline, record: Arc::new(record), epoch: 3 }
}

fn run<F: Future>(future: F) -> F::Output {
    Builder::new_current_thread().build().unwrap().block_on(future)
}

/// Returns what a later request finds that presents the cookie of an earlier one.
fn presented(cookies: &Arc<Cookies>, value: &str) -> Carried {
    cookies.carry(Some(cookies.open(value).unwrap()))
}

fn lives(carried: &Carried, now: Timestamp) -> bool {
    let key = carried.key().unwrap();
    matches!(run(carried.load(&key, now)).unwrap(), Loaded::Live { .. })
}

#[test]
fn a_session_is_read_as_it_was_written() {
    for text in ["", "plain", "\0\"\u{10ffff}é", &"x".repeat(2000)] {
        for ttl in [None, Some(Duration::ZERO), Some(HOUR)] {
            let mut record = record(text);
            record.meta.ttl = ttl;
            let read = Sealed::read(&sealed(record.clone()).write().unwrap()).unwrap();
            assert_eq!(read.record.meta, record.meta);
            assert_eq!(read.record.fields().unwrap(), record.fields().unwrap());
            assert_eq!((read.epoch, read.lasts), (3, record.meta.deadline));
        }
    }
}

/// F-14: what was sealed is ours, and yet nothing in it is trusted to be whole.
#[test]
fn bytes_that_are_no_session_are_refused() {
    let bytes = sealed(record("text")).write().unwrap();
    let fields_begin = sealed(Record::new(meta(), Fields::new())).write().unwrap().len();
    for end in 0..bytes.len() {
        let whole = end == fields_begin || end == fields_begin + 3;
        assert_eq!(Sealed::read(&bytes[..end]).is_some(), whole, "{end}");
    }
    for at in 0..bytes.len() {
        for byte in [0, 0x7f, 0x80, 0xff] {
            let mut changed = bytes.clone();
            changed[at] = byte;
            // Whatever it is now, reading it harms nobody.
            let _ = Sealed::read(&changed);
        }
    }
    assert!(Sealed::read(&[0x80; 200]).is_none(), "a number without an end");
    assert!(Sealed::read(&[0xff; 200]).is_none(), "a number of more than 64 bits");
    let mut huge = sealed(Record::new(meta(), Fields::new())).write().unwrap();
    huge.extend([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, b'a']);
    assert!(Sealed::read(&huge).is_none(), "a text longer than everything");
}

/// C-05, F-14
#[test]
fn a_session_fits_a_cookie_to_the_byte() {
    let cookies = cookies(0, None);
    let fitting = |size: usize| {
        let carried = cookies.carry(None);
        run(carried.create(&key(1), record(&"x".repeat(size)), NOW)).map(|_| carried.take_value().unwrap())
    };
    let most = (0..4096).rev().find(|size| fitting(*size).is_ok()).unwrap();
    let value = fitting(most).unwrap();
    let left = 4096 - NAME.len() - value.len();
    assert!(most > 2_800 && left < 3, "{most} {left}");
    assert!(lives(&presented(&cookies, &value), NOW));
    let Err(StorageError::TooLarge { size, limit: 4096 }) = fitting(most + 3) else { panic!("it is sealed") };
    assert!((4097..4105).contains(&size), "{size}");
    assert!(matches!(cookies.open(&"A".repeat(4096 - NAME.len() + 1)), Err(Refused::Malformed)));
    assert!(matches!(cookies.open(&"A".repeat(10 << 20)), Err(Refused::Malformed)));
}

#[test]
fn what_does_not_fit_leaves_what_was_held() {
    let cookies = cookies(0, None);
    let carried = cookies.carry(None);
    run(carried.create(&key(1), record("small"), NOW)).unwrap();
    let value = carried.take_value().unwrap();
    run(carried.create(&key(2), record(&"x".repeat(5000)), NOW)).unwrap_err();
    assert_eq!(carried.take_value(), None);
    let Loaded::Live { record: held, .. } = run(carried.load(&key(1), NOW)).unwrap() else { panic!("it is gone") };
    assert_eq!(held.fields().unwrap(), record("small").fields().unwrap());
    assert!(lives(&presented(&cookies, &value), NOW));
}

/// L-01
#[test]
fn an_expired_session_is_absent_for_every_operation() {
    let cookies = cookies(0, None);
    let carried = cookies.carry(None);
    assert!(matches!(run(carried.create(&key(1), record(""), NOW)).unwrap(), Created::Created { .. }));
    let late = NOW.after(HOUR);
    let seen = crate::record::Seen { at: late, expires_at: late.after(HOUR), client: None };
    assert!(matches!(run(carried.load(&key(1), late)).unwrap(), Loaded::Absent));
    assert_eq!(run(carried.commit(&key(1), Patch::default(), late)).unwrap(), Commit::Gone);
    let rotated = run(carried.rotate(&key(1), &key(2), Patch::default(), Rotation::Privilege, late));
    assert_eq!(rotated.unwrap(), Commit::Gone);
    assert!(!run(carried.touch(&key(1), seen, late)).unwrap());
    assert!(!run(carried.delete(&key(1), late)).unwrap());
}

///
#[test]
fn a_raised_epoch_ends_every_session_and_a_lower_one_keeps_newer_ones() {
    let old = cookies(1, None);
    let carried = old.carry(None);
    run(carried.create(&key(1), record(""), NOW)).unwrap();
    let value = carried.take_value().unwrap();
    let raised = cookies(2, None);
    assert!(lives(&presented(&old, &value), NOW) && !lives(&presented(&raised, &value), NOW));
    let carried = raised.carry(None);
    run(carried.create(&key(1), record(""), NOW)).unwrap();
    let newer = carried.take_value().unwrap();
    let between = presented(&old, &newer);
    run(between.commit(&between.key().unwrap(), Patch::default(), NOW)).unwrap();
    let rewritten = between.take_value().unwrap();
    assert!(lives(&presented(&raised, &rewritten), NOW), "an old instance that writes it does not end it");
}

///
#[test]
fn a_revocation_lasts_as_long_as_the_longest_cookie() {
    let cookies = cookies(0, Some(Arc::new(MemoryStorage::new())));
    let carried = cookies.carry(None);
    run(carried.create(&key(1), record(""), NOW)).unwrap();
    let longer = MetaPatch {
        deadline: Some(NOW.after(100 * HOUR)),
        expires_at: Some(NOW.after(100 * HOUR)),
        ..MetaPatch::default()
    };
    run(carried.commit(&key(1), Patch::new(longer, FieldPatch::default()), NOW)).unwrap();
    let long = carried.take_value().unwrap();
    let shorter =
        MetaPatch { deadline: Some(NOW.after(HOUR)), expires_at: Some(NOW.after(HOUR)), ..MetaPatch::default() };
    run(carried.commit(&key(1), Patch::new(shorter, FieldPatch::default()), NOW)).unwrap();
    let short = presented(&cookies, &carried.take_value().unwrap());
    assert!(run(short.delete(&short.key().unwrap(), NOW)).unwrap());
    for later in [0, 50, 99] {
        assert!(!lives(&presented(&cookies, &long), NOW.after(later * HOUR)), "{later}");
    }
    let again = presented(&cookies, &long);
    assert!(!run(again.delete(&again.key().unwrap(), NOW)).unwrap(), "it is ended once");
}

/// who signs in from an anonymous session leaves nothing behind that lives.
#[test]
fn a_session_that_takes_the_place_of_another_revokes_it() {
    let cookies = cookies(0, Some(Arc::new(MemoryStorage::new())));
    let carried = cookies.carry(None);
    run(carried.create(&key(1), record(""), NOW)).unwrap();
    let old = carried.take_value().unwrap();
    let mut new = record("");
    new.meta.handle = handle(8);
    run(carried.rotate(&key(1), &key(2), Patch::default(), Rotation::Restart(new), NOW)).unwrap();
    let new = carried.take_value().unwrap();
    assert!(!lives(&presented(&cookies, &old), NOW) && lives(&presented(&cookies, &new), NOW));
}
