//! Reads `#[session(..)]` attributes. What is wrong is reported and then treated as absent.

mod condition;
mod container;
mod duration;
mod field;
mod item;
mod key;
#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests;

pub(crate) use self::condition::{Conditions, Rule};
pub(crate) use self::container::{ContainerAttrs, GuardAttrs, Otherwise, read};
pub(crate) use self::field::{FieldAttrs, FieldDefault, Merge, Undecodable, read_field};
