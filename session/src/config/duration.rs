//! Durations as text.

use std::fmt;
use std::time::Duration;

use serde::{Deserializer, de};

const EXPECTED: &str =
    "a duration such as `\"500ms\"`, `\"90s\"`, `\"15m\"`, `\"1h 30m\"`, `\"30d\"`, or an integer, in seconds";

/// Parses numbers and their units, which add up.
pub(crate) fn parse(text: &str) -> Option<Duration> {
    let mut words = text.split_whitespace().peekable();
    words.peek()?;
    let mut sum: u64 = 0;
    while let Some(word) = words.next() {
        let digits = word.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(word.len());
        let (number, unit) = word.split_at(digits);
        let unit = if unit.is_empty() { words.next()? } else { unit };
        sum = sum.checked_add(millis(number, unit)?)?;
    }
    Some(Duration::from_millis(sum))
}

fn millis(number: &str, unit: &str) -> Option<u64> {
    let unit = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(unit)
}

/// Writes a duration as [`parse`] reads it, in the largest unit that leaves no rest.
pub(super) fn text(duration: Duration) -> String {
    let millis = duration.as_millis();
    let units = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000)];
    match units.into_iter().find(|(_, unit)| millis >= *unit && millis.is_multiple_of(*unit)) {
        Some((name, unit)) => format!("{}{name}", millis / unit),
        None => format!("{millis}ms"),
    }
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    deserializer.deserialize_any(Visitor)
}

/// The same for a key that may be left out.
pub(super) mod optional {
    use std::time::Duration;

    use serde::Deserializer;

    pub(in crate::config) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Duration>, D::Error> {
        super::deserialize(deserializer).map(Some)
    }
}

struct Visitor;

impl de::Visitor<'_> for Visitor {
    type Value = Duration;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(EXPECTED)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Duration, E> {
        parse(text).ok_or_else(|| E::custom(EXPECTED))
    }

    fn visit_u64<E: de::Error>(self, seconds: u64) -> Result<Duration, E> {
        Ok(Duration::from_secs(seconds))
    }

    fn visit_i64<E: de::Error>(self, seconds: i64) -> Result<Duration, E> {
        u64::try_from(seconds).map(Duration::from_secs).map_err(|_| E::custom(EXPECTED))
    }
}
