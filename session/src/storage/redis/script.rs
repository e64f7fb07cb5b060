//! The scripts.

use std::sync::LazyLock;

use fred::util::sha1_hash;

/// A script, and the hash by which a server that has it knows it.
#[derive(Debug)]
pub(super) struct Script {
    pub(super) text: String,
    pub(super) hash: String,
    /// Whether replicas must have what it wrote. What it merely tidies up is nobody's loss.
    pub(super) writes: bool,
}

impl Script {
    fn new(writes: bool, parts: &[&str]) -> Self {
        let text = parts.concat();
        Self { hash: sha1_hash(&text), text, writes }
    }
}

macro_rules! scripts {
    ($($name:ident($writes:literal): $($file:literal)*;)*) => { $(
        pub(super) static $name: LazyLock<Script> =
            LazyLock::new(|| Script::new($writes, &[$(include_str!(concat!("scripts/", $file, ".lua"))),*]));
    )* };
}

scripts! {
    CREATE(true): "common" "find" "index" "place" "create";
    COMMIT(true): "common" "find" "index" "chain" "patch" "commit";
    RENEW(true): "common" "find" "index" "chain" "patch" "renew";
    PRIVILEGE(true): "common" "find" "index" "chain" "patch" "privilege";
    RESTART(true): "common" "find" "index" "chain" "leave" "place" "restart";
    DEPART(true): "common" "find" "index" "chain" "leave" "depart";
    DELETE(true): "common" "find" "index" "delete";
    END(true): "common" "find" "index" "end";
    END_ALL(true): "common" "index" "end_all";
    LIST(false): "common" "index" "list";
    EPOCH(true): "epoch";
}
