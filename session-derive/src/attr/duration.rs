//! Durations as people write them.

const UNITS: [(char, u64); 4] = [('s', 1), ('m', 60), ('h', 3_600), ('d', 86_400)];

/// Returns the seconds of a duration such as `90s` or `1h 30m`, or what is wrong with it.
pub(super) fn seconds(text: &str) -> Result<u64, String> {
    let parts = text.split_whitespace().map(|part| part_seconds(part).ok_or(part));
    let sum = parts.collect::<Result<Vec<_>, _>>().map_err(|part| {
        format!("`{part}` is not a duration; write a number and one of `s`, `m`, `h`, `d`, as in \"15m\" or \"1h 30m\"")
    })?;
    match sum.into_iter().try_fold(0_u64, u64::checked_add) {
        Some(0) => Err("no session is that fresh; write a duration longer than zero, as in \"15m\"".to_owned()),
        Some(seconds) => Ok(seconds),
        None => Err("this duration is too long".to_owned()),
    }
}

fn part_seconds(part: &str) -> Option<u64> {
    let (unit, seconds) = UNITS.into_iter().find(|(unit, _)| part.ends_with(*unit))?;
    let number = part.strip_suffix(unit)?;
    let digits = number.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| number.parse::<u64>().ok()?.checked_mul(seconds)).flatten()
}

#[cfg(test)]
mod tests {
    use super::seconds;

    #[test]
    fn units_add_up() {
        assert_eq!(seconds("90s"), Ok(90));
        assert_eq!(seconds("15m"), Ok(900));
        assert_eq!(seconds("1h 30m"), Ok(5_400));
        assert_eq!(seconds(" 2d "), Ok(172_800));
    }

    #[test]
    fn what_is_no_duration_is_refused() {
        for text in ["", "0s", "15", "m", "-1m", "+1m", "1.5h", "1w", "1h30m", "99999999999999999999d"] {
            assert!(seconds(text).is_err(), "{text:?}");
        }
        assert!(seconds("18446744073709551615s 1s").is_err());
    }
}
