//! Who shares a way with whom.

use rocket::tokio::sync::oneshot::{self, Receiver};

use super::{Answer, Errand, Queue, Waiting};

/// An errand of a kind.
struct Kind(char);

impl Errand for Kind {
    type Outcome = ();

    const MOST: usize = 4;

    fn is_like(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

/// A queue that some wait in.
struct Given {
    queue: Queue<Kind>,
    clients: Vec<Receiver<Answer<Kind>>>,
}

impl Given {
    fn new(most: Option<usize>, kinds: &str) -> Self {
        let mut given = Self { queue: Queue::new(most), clients: Vec::new() };
        for kind in kinds.chars() {
            given.push(kind);
        }
        given
    }

    fn push(&mut self, kind: char) -> bool {
        let (answer, client) = oneshot::channel();
        self.clients.push(client);
        self.queue.push(Waiting { errand: Kind(kind), answer })
    }

    fn taken(&mut self) -> String {
        let group = self.queue.take();
        self.queue.busy += usize::from(group.is_some());
        group.into_iter().flatten().map(|waiting| waiting.errand.0).collect()
    }
}

#[test]
fn as_many_attend_as_may() {
    let mut given = Given::new(Some(2), "");
    assert_eq!(['a', 'b', 'c'].map(|kind| given.push(kind)), [true, true, false]);
    assert_eq!((given.taken(), given.taken()), ("a".into(), "b".into()));
    given.queue.busy -= 2;
    assert_eq!((given.taken(), given.taken()), ("c".into(), String::new()));
    // One of the two left.
    assert_eq!(['d', 'e'].map(|kind| given.push(kind)), [true, false]);
}

#[test]
fn what_waits_is_shared_among_those_who_may_come() {
    let mut given = Given::new(Some(2), "aaaaaa");
    assert_eq!((given.taken(), given.taken()), ("aaa".into(), "aaa".into()));
    let mut given = Given::new(Some(4), "aaa");
    assert_eq!((given.taken(), given.taken(), given.taken()), ("a".into(), "a".into(), "a".into()));
}

#[test]
fn a_group_is_alike_and_not_too_large() {
    let mut given = Given::new(Some(1), "abaabaaaab");
    let mut taken = || {
        given.queue.busy = 0;
        given.taken()
    };
    assert_eq!([(); 4].map(|()| taken()), ["aaaa", "bbb", "aaa", ""]);
}

#[test]
fn who_gave_up_is_left_out() {
    let mut given = Given::new(Some(1), "aabb");
    given.clients.drain(..3);
    assert_eq!(given.taken(), "b");
}

#[test]
fn one_comes_for_what_a_turn_brings() {
    let mut given = Given::new(None, "");
    assert_eq!(['a', 'b', 'a', 'a', 'a', 'a'].map(|kind| given.push(kind)), [true, false, false, false, false, false]);
    assert_eq!([(); 4].map(|()| given.taken()), ["aaaa", "b", "a", ""]);
    // It left, whatever is on its way still.
    assert_eq!(['c', 'c'].map(|kind| given.push(kind)), [true, false]);
}
