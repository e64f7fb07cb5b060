//! Paths that are not plain.

use rocket_typed_session::Session;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

trait Adult {
    fn is_adult(&self) -> bool;
}

impl Adult for User {
    fn is_adult(&self) -> bool {
        self.age > 17
    }
}

struct As<T>(T);

impl<T: Serialize + for<'d> Deserialize<'d> + From<u8> + TryInto<u8>> As<T> {
    fn serialize<S: Serializer>(number: &u8, serializer: S) -> Result<S::Ok, S::Error> {
        T::from(*number).serialize(serializer)
    }

    fn deserialize<'d, D: Deserializer<'d>>(deserializer: D) -> Result<u8, D::Error> {
        T::deserialize(deserializer)?.try_into().map_err(|_| serde::de::Error::custom("too large"))
    }
}

#[derive(Clone, Session)]
#[session(required, check = <User as Adult>::is_adult)]
struct User {
    #[session(with = As::<u32>)]
    age: u8,
}

fn main() {}
