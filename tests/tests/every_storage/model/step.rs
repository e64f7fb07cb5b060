//! Random operations, as requests and applications make them.

use proptest::prelude::*;

use crate::user::{Edit, User, edits, user};

/// An operation; keys, records and handles are named by how many there were before them.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    Create { owner: Option<u8>, user: User, cap: Option<u32>, minutes: u64 },
    Load { key: usize },
    Commit { key: usize, loaded: usize, edits: Vec<Edit>, touch: bool },
    Remember { key: usize, minutes: u64 },
    Privilege { key: usize, loaded: usize, edits: Vec<Edit> },
    Prove { key: usize, minutes: u64 },
    SignIn { key: usize, owner: u8, cap: Option<u32> },
    Renew { key: usize, seconds: u64 },
    Restart { key: usize, owner: Option<u8>, user: User, cap: Option<u32> },
    Touch { key: usize, minutes: u64 },
    Delete { key: usize },
    DeleteHandle { handle: usize },
    DeleteAll { owner: u8, except: Option<usize> },
    DeleteEveryone,
    Sweep,
    Wait { seconds: u64 },
}

#[cfg(feature = "redis")]
impl Step {
    /// Returns the step without a cap where a Cluster counts otherwise: the session that a new one replaces, if its key
    /// was moved away from the slot before.
    pub(crate) fn in_a_cluster(self) -> Self {
        match self {
            Self::Restart { key, owner, user, .. } => Self::Restart { key, owner, user, cap: None },
            step => step,
        }
    }

    /// Returns the step without a cap where what it ends in a Cluster stays ended if the step comes to nothing.
    pub(crate) fn racing_in_a_cluster(self) -> Self {
        match self.in_a_cluster() {
            Self::SignIn { key, owner, .. } => Self::SignIn { key, owner, cap: None },
            step => step,
        }
    }
}

fn owner() -> impl Strategy<Value = u8> {
    0..3_u8
}

fn cap() -> impl Strategy<Value = Option<u32>> {
    proptest::option::of(1..4_u32)
}

fn maybe() -> impl Strategy<Value = Option<u8>> {
    proptest::option::weighted(0.7, owner())
}

/// Returns how a step names what was before it: by how many there were.
fn name() -> BoxedStrategy<usize> {
    any::<prop::sample::Index>().prop_map(|index| index.index(usize::MAX)).boxed()
}

/// Returns a step that changes something.
pub(crate) fn change() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (maybe(), user(), cap(), 1..20_u64)
            .prop_map(|(owner, user, cap, minutes)| Step::Create { owner, user, cap, minutes }),
        6 => (name(), name(), edits(), any::<bool>())
            .prop_map(|(key, loaded, edits, touch)| Step::Commit { key, loaded, edits, touch }),
        2 => (name(), 1..40_u64).prop_map(|(key, minutes)| Step::Remember { key, minutes }),
        3 => (name(), name(), edits()).prop_map(|(key, loaded, edits)| Step::Privilege { key, loaded, edits }),
        1 => (name(), 1..40_u64).prop_map(|(key, minutes)| Step::Prove { key, minutes }),
        3 => (name(), owner(), cap()).prop_map(|(key, owner, cap)| Step::SignIn { key, owner, cap }),
        4 => (name(), 1..40_u64).prop_map(|(key, seconds)| Step::Renew { key, seconds }),
        3 => (name(), maybe(), user(), cap())
            .prop_map(|(key, owner, user, cap)| Step::Restart { key, owner, user, cap }),
        4 => (name(), 1..20_u64).prop_map(|(key, minutes)| Step::Touch { key, minutes }),
        2 => name().prop_map(|key| Step::Delete { key }),
        1 => name().prop_map(|handle| Step::DeleteHandle { handle }),
        1 => (owner(), proptest::option::of(name())).prop_map(|(owner, except)| Step::DeleteAll { owner, except }),
        1 => Just(Step::DeleteEveryone),
    ]
}

/// Returns any step.
pub(crate) fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        32 => change(),
        4 => name().prop_map(|key| Step::Load { key }),
        2 => Just(Step::Sweep),
        4 => prop_oneof![1..40_u64, 60..1200_u64].prop_map(|seconds| Step::Wait { seconds }),
    ]
}
