//! What somebody meant to write.

/// Returns the candidate that takes the fewest edits to write instead, if those are at most half of its letters.
pub(super) fn nearest(written: &str, candidates: impl Iterator<Item = &'static str>) -> Option<&'static str> {
    let written = written.to_ascii_lowercase();
    let near = candidates.map(|candidate| (distance(written.as_bytes(), candidate.as_bytes()), candidate));
    let (edits, candidate) = near.min_by_key(|(edits, _)| *edits)?;
    (edits * 2 <= candidate.len()).then_some(candidate)
}

/// Returns the least number of bytes to insert, remove or replace (Levenshtein).
fn distance(one: &[u8], other: &[u8]) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (above, byte) in (1..).zip(one) {
        let mut diagonal = std::mem::replace(&mut row[0], above);
        for (column, against) in (1..).zip(other) {
            let replaced = diagonal + usize::from(byte != against);
            diagonal = row[column];
            row[column] = replaced.min(diagonal + 1).min(row[column - 1] + 1);
        }
    }
    row[other.len()]
}
