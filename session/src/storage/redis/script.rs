//! The scripts.

use std::sync::LazyLock;

use fred::util::sha1_hash;

/// A script, and the hash by which a server that has it knows it.
#[derive(Debug)]
pub(super) struct Script {
    pub(super) text: String,
    pub(super) hash: String,
}

impl Script {
    fn new(parts: &[&str]) -> Self {
        let text = parts.concat();
        Self { hash: sha1_hash(&text), text }
    }
}

macro_rules! scripts {
    ($($name:ident: $($file:literal)*;)*) => { $(
        pub(super) static $name: LazyLock<Script> =
            LazyLock::new(|| Script::new(&[$(include_str!(concat!("scripts/", $file, ".lua"))),*]));
    )* };
}

scripts! {
    CREATE: "common" "find" "index" "place" "create";
    COMMIT: "common" "find" "index" "chain" "patch" "commit";
    RENEW: "common" "find" "index" "chain" "patch" "renew";
    PRIVILEGE: "common" "find" "index" "chain" "patch" "privilege";
    RESTART: "common" "find" "index" "chain" "leave" "place" "restart";
    DEPART: "common" "find" "index" "chain" "leave" "depart";
    DELETE: "common" "find" "index" "delete";
    END: "common" "end";
    END_ALL: "common" "index" "end_all";
    LIST: "common" "index" "list";
    EPOCH: "epoch";
}
