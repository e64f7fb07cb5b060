//! The scripts.

use std::sync::LazyLock;

use fred::util::sha1_hash;

/// A script, and the hash by which a server that has it knows it.
#[derive(Debug)]
pub(super) struct Script {
    pub(super) text: String,
    pub(super) hash: String,
    pub(super) effect: Effect,
}

/// What a script leaves behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// Nothing: it may be sent again.
    None,
    /// Less of what is dead, which is nobody's loss if it is lost.
    Tidier,
    /// What replicas must have.
    Written,
}

impl Script {
    fn new(effect: Effect, parts: &[&str]) -> Self {
        let text = parts.concat();
        Self { hash: sha1_hash(&text), text, effect }
    }
}

macro_rules! scripts {
    ($($name:ident($effect:ident): $($file:literal)*;)*) => { $(
        pub(super) static $name: LazyLock<Script> =
            LazyLock::new(|| Script::new(Effect::$effect, &[$(include_str!(concat!("scripts/", $file, ".lua"))),*]));
    )* };
}

scripts! {
    LOAD(None): "failed" "load";
    CREATE(Written): "common" "find" "index" "place" "call" "create" "end_of_call" "alone";
    COMMIT(Written): "common" "find" "index" "chain" "patch" "call" "commit" "end_of_call" "alone";
    COMMITS(Written): "common" "find" "index" "chain" "patch" "call" "commit" "end_of_call" "failed" "each";
    RENEW(Written): "common" "find" "index" "chain" "patch" "call" "renew" "end_of_call" "alone";
    PRIVILEGE(Written): "common" "find" "index" "chain" "patch" "call" "privilege" "end_of_call" "alone";
    RESTART(Written): "common" "find" "index" "chain" "leave" "place" "call" "restart" "end_of_call" "alone";
    DEPART(Written): "common" "find" "index" "chain" "leave" "call" "depart" "end_of_call" "alone";
    DELETE(Written): "common" "find" "index" "call" "delete" "end_of_call" "alone";
    END(Written): "common" "find" "index" "call" "end" "end_of_call" "alone";
    END_ALL(Written): "common" "index" "call" "end_all" "end_of_call" "alone";
    LIST(Tidier): "common" "index" "call" "list" "end_of_call" "alone";
    EPOCH(Written): "epoch";
}
