//! Every condition, over every shape of a role.

use std::collections::{BTreeSet, HashSet};

use rocket_typed_session::Session;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
enum Role {
    Reader,
    Editor,
    Admin,
}

type Roles = Vec<Role>;

macro_rules! session {
    ($module:ident, $role:ty, $editor:expr, $admin:expr $(, $min:ident)?) => {
        mod $module {
            use super::*;

            #[derive(Clone, Session)]
            #[session(required, name = "a", role = $editor)]
            #[session(guard(Staff, any($editor, $admin), check = is_adult, otherwise = forward))]
            #[session(guard(Both, all($editor, $admin,), fresh = "1h 30m"))]
            $(#[session(guard(Least, $min = $editor))])?
            pub struct User {
                #[session(role)]
                role: $role,
                age: u8,
            }

            fn is_adult(user: &User) -> bool {
                user.age >= 18
            }
        }
    };
}

session!(one, Role, Role::Editor, Role::Admin, min);
session!(perhaps, Option<Role>, Role::Editor, Role::Admin, min);
session!(many, Vec<Role>, Role::Editor, Role::Admin, min);
session!(alias, Roles, Role::Editor, Role::Admin, min);
session!(set, BTreeSet<Role>, Role::Editor, Role::Admin, min);
session!(hashed, HashSet<Role>, Role::Editor, Role::Admin, min);
session!(text, String, "editor", "admin");
session!(texts, Vec<String>, "editor", "admin");
session!(number, u8, 1, if cfg!(debug_assertions) { 2 } else { 3 }, min);

fn main() {}
