//! The keys of each attribute, and the checks that all of them share.

use super::field::MERGES;
use super::item::{Item, Value};
use crate::errors::{Errors, listed, nearest};

/// What may follow a key.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Form {
    Flag,
    Given,
    List,
    FlagOrGiven,
}

/// A key that an attribute knows.
pub(super) struct Key {
    pub(super) name: &'static str,
    pub(super) form: Form,
    pub(super) example: &'static str,
    pub(super) repeats: bool,
}

const fn key(name: &'static str, form: Form, example: &'static str) -> Key {
    Key { name, form, example, repeats: false }
}

const fn repeating(name: &'static str, form: Form, example: &'static str) -> Key {
    Key { name, form, example, repeats: true }
}

const ROLE: Key = key("role", Form::Given, "role = Role::Admin");
const ANY: Key = key("any", Form::List, "any(Role::Admin, Role::Editor)");
const ALL: Key = key("all", Form::List, "all(Role::Admin, Role::Editor)");
const MIN: Key = key("min", Form::Given, "min = Role::Editor");
const FRESH: Key = key("fresh", Form::Given, "fresh = \"15m\"");
const CHECK: Key = key("check", Form::Given, "check = is_adult");

/// The keys of a struct.
pub(super) const STRUCT: Place = Place {
    name: "a struct",
    keys: &[
        key("required", Form::FlagOrGiven, "required = forward"),
        repeating("guard", Form::List, "guard(Admin, role = Role::Admin)"),
        ROLE,
        ANY,
        ALL,
        MIN,
        FRESH,
        CHECK,
        key("name", Form::Given, "name = \"guest\""),
        key("mut", Form::Given, "mut = UserEdit"),
        key("crate", Form::Given, "crate = ::rocket_typed_session"),
    ],
};

/// The keys of a guard.
pub(super) const GUARD: Place = Place {
    name: "a guard",
    keys: &[
        ROLE,
        ANY,
        ALL,
        MIN,
        FRESH,
        CHECK,
        key("otherwise", Form::Given, "otherwise = forward"),
        key("vis", Form::Given, "vis = pub(crate)"),
    ],
};

/// The keys of a field.
pub(super) const FIELD: Place = Place {
    name: "a field",
    keys: &[
        key("identifier", Form::Flag, "identifier"),
        key("role", Form::Flag, "role"),
        key("merge", Form::Given, "merge = add"),
        key("flash", Form::Flag, "flash"),
        key("secret", Form::Flag, "secret"),
        key("rotate", Form::Flag, "rotate"),
        key("stamp", Form::Flag, "stamp"),
        key("with", Form::Given, "with = hex::serde"),
        key("rename", Form::Given, "rename = \"theme\""),
        repeating("alias", Form::Given, "alias = \"theme\""),
        key("default", Form::FlagOrGiven, "default = 1"),
        key("migrate", Form::Given, "migrate = from_number"),
        key("undecodable", Form::Given, "undecodable = end"),
    ],
};

/// Where an attribute stands.
pub(super) struct Place {
    pub(super) name: &'static str,
    pub(super) keys: &'static [Key],
}

impl Place {
    /// Returns the items whose keys are known, given once, and followed by what they need; reports the others.
    pub(super) fn known(&self, items: Vec<Item>, errors: &mut Errors) -> Vec<(&'static Key, Item)> {
        let mut known: Vec<(&Key, Item)> = Vec::new();
        for item in items {
            let name = item.name();
            let Some(key) = self.keys.iter().find(|key| key.name == name) else {
                errors.push(&item.key, self.unknown(&name));
                continue;
            };
            if !key.repeats && known.iter().any(|(earlier, _)| earlier.name == key.name) {
                errors.push(&item.key, key.again());
            } else if let Some(message) = key.misfit(&item.value) {
                errors.push(&item, message);
            } else {
                known.push((key, item));
            }
        }
        known
    }

    fn unknown(&self, typed: &str) -> String {
        let elsewhere = [&STRUCT, &GUARD, &FIELD].into_iter().find(|place| place.has(typed));
        if let Some(place) = elsewhere {
            return format!("`{typed}` belongs on {}; {} has {}", place.name, self.name, listed(self.names()));
        }
        if self.has("merge") && MERGES.iter().any(|(name, _)| *name == typed) {
            return format!("`{typed}` is what `merge` says; write `merge = {typed}`");
        }
        let meant = nearest(typed, self.names()).map(|name| format!(" did you mean `{name}`?")).unwrap_or_default();
        format!("unknown key `{typed}`;{meant} {} has {}", self.name, listed(self.names()))
    }

    /// Returns whether this is one of the keys.
    pub(super) fn has(&self, name: &str) -> bool {
        self.names().any(|known| known == name)
    }

    fn names(&self) -> impl Iterator<Item = &'static str> {
        self.keys.iter().map(|key| key.name)
    }
}

impl Key {
    fn again(&self) -> String {
        let name = self.name;
        match name {
            "role" if self.form == Form::Given => {
                "duplicate `role`; for several roles write `any(A, B)` or `all(A, B)`".to_owned()
            }
            _ => format!("duplicate `{name}`; write it once"),
        }
    }

    /// Returns how the key is written.
    pub(super) fn shown(&self) -> String {
        let Self { name, example, .. } = self;
        match self.form {
            Form::FlagOrGiven => format!("`{name}`, or `{example}`"),
            Form::Flag | Form::Given | Form::List => format!("`{example}`"),
        }
    }

    fn misfit(&self, value: &Value) -> Option<String> {
        let (name, shown) = (self.name, self.shown());
        match (self.form, value) {
            (_, Value::Given(tokens)) if tokens.is_empty() => Some(format!("`{name}` has no value; write {shown}")),
            (Form::Flag, Value::Given(_) | Value::List(_)) => Some(format!("`{name}` takes no value; write `{name}`")),
            (Form::Given | Form::List, Value::Nothing) => Some(format!("`{name}` needs a value; write {shown}")),
            (Form::List, Value::Given(_)) | (Form::Given | Form::FlagOrGiven, Value::List(_)) => {
                Some(format!("`{name}` is not written so; write {shown}"))
            }
            (Form::List, Value::List(tokens)) if tokens.is_empty() => Some(format!("`{name}` is empty; write {shown}")),
            _ => None,
        }
    }
}
