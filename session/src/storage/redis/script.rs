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
    CREATE(Written): "common" "one" "find" "index" "place" "create";
    COMMIT(Written): "common" "one" "find" "index" "chain" "patch" "commit";
    COMMITS(Written): "common" "find" "index" "chain" "patch" "several" "commit" "end_of_each" "failed" "each";
    RENEW(Written): "common" "one" "find" "index" "chain" "patch" "renew";
    PRIVILEGE(Written): "common" "one" "find" "index" "chain" "patch" "privilege";
    RESTART(Written): "common" "one" "find" "index" "chain" "leave" "place" "restart";
    DEPART(Written): "common" "one" "find" "index" "chain" "leave" "depart";
    DELETE(Written): "common" "one" "find" "index" "delete";
    END(Written): "common" "one" "find" "index" "end";
    END_ALL(Written): "common" "one" "index" "end_all";
    LIST(Tidier): "common" "one" "index" "list";
    EPOCH(Written): "epoch";
}
