//! The struct names itself `Self`.

use rocket_typed_session::Session;
use serde::{Deserialize, Serialize};

#[derive(Clone, PartialEq, Serialize, Deserialize, Session)]
#[session(required, role = Self::MEMBER, guard(Admin, role = Self::ADMIN), guard(Adult, check = Self::is_adult))]
struct User {
    impersonated_by: Option<Box<Self>>,
    code: [u8; Self::LENGTH],
    #[session(default = Self::theme(), migrate = Self::migrated)]
    theme: String,
    #[session(role)]
    role: u8,
    age: u8,
}

impl User {
    const LENGTH: usize = 3;
    const MEMBER: u8 = 1;
    const ADMIN: u8 = 2;

    fn theme() -> String {
        "light".to_owned()
    }

    fn migrated(_: serde_json::Value) -> Option<String> {
        None
    }

    fn is_adult(&self) -> bool {
        self.age > 17
    }
}

fn edit(user: &mut UserMut<'_>, other: &User) {
    user.set_impersonated_by(Some(Box::new(other.clone())));
    user.set_code([1, 2, 3]);
}

fn main() {
    let _ = edit;
}
