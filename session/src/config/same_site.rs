//! `SameSite` as text.

use rocket::http::SameSite;
use serde::{Deserialize, Deserializer, de};

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SameSite, D::Error> {
    let text = String::deserialize(deserializer)?;
    [SameSite::Strict, SameSite::Lax, SameSite::None]
        .into_iter()
        .find(|known| known.to_string().eq_ignore_ascii_case(&text))
        .ok_or_else(|| de::Error::custom("`\"Lax\"`, `\"Strict\"` or `\"None\"`"))
}
