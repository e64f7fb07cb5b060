//! Who shares a way with whom.

use rocket::tokio::sync::oneshot::Receiver;

use super::super::{Answer, Errand, Waiting};
use super::Queue;

/// An errand of a kind.
struct Kind(char);

impl Errand for Kind {
    type Outcome = ();

    const MOST: usize = 4;
}

/// A queue that some wait in.
struct Given {
    queue: Queue<Kind>,
    clients: Vec<Receiver<Answer<Kind>>>,
}

impl Given {
    fn new(most: usize, kinds: &str) -> Self {
        let mut given = Self { queue: Queue::new(most, |one: &Kind, other| one.0 == other.0), clients: Vec::new() };
        for kind in kinds.chars() {
            given.push(kind);
        }
        given
    }

    fn push(&mut self, kind: char) -> bool {
        let (waiting, client) = Waiting::new(Kind(kind));
        self.clients.push(client);
        self.queue.push(waiting)
    }

    fn taken(&mut self) -> String {
        self.queue.take().into_iter().flatten().map(|waiting| waiting.errand.0).collect()
    }
}

#[test]
fn as_many_attend_as_may() {
    let mut given = Given::new(2, "");
    assert_eq!(['a', 'b', 'c'].map(|kind| given.push(kind)), [true, true, false]);
    assert_eq!((given.taken(), given.taken()), ("a".into(), "b".into()));
    given.queue.busy -= 2;
    assert_eq!((given.taken(), given.taken()), ("c".into(), String::new()));
    // One of the two left.
    assert_eq!(['d', 'e'].map(|kind| given.push(kind)), [true, false]);
}

#[test]
fn what_waits_is_shared_among_those_who_may_come() {
    let mut given = Given::new(2, "aaaaaa");
    assert_eq!((given.taken(), given.taken()), ("aaa".into(), "aaa".into()));
    let mut given = Given::new(4, "aaa");
    assert_eq!((given.taken(), given.taken(), given.taken()), ("a".into(), "a".into(), "a".into()));
}

#[test]
fn a_group_is_alike_and_not_too_large() {
    let mut given = Given::new(1, "abaabaaaab");
    let mut taken = || {
        given.queue.busy = 0;
        given.taken()
    };
    assert_eq!([(); 4].map(|()| taken()), ["aaaa", "bbb", "aaa", ""]);
}

#[test]
fn who_gave_up_is_left_out() {
    let mut given = Given::new(1, "aabb");
    given.clients.drain(..3);
    assert_eq!(given.taken(), "b");
}
