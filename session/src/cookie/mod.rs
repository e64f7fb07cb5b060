//! The cookie that holds a session's token, or the session: reading it, and the text that sets or removes it.

mod read;
mod write;

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests;

pub(crate) use self::read::{Opens, Presented, carries, presented};
pub(crate) use self::write::{MAX_AGE, MAX_SIZE, SetCookie};
