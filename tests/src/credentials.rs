//! The credentials that browsers were given and sent, and whether they stand where they must not.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::LazyLock;
use std::thread;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use parking_lot::Mutex;

use crate::logs;

/// What the site's users have in their secret field, at first.
pub(crate) const PHONE: &str = "+41 44 668 18 00";

/// What tests put there; it is in the address of the page, which Rocket logs.
const NEW_PHONE: &str = "0448342222";

/// A token is longer; the handle of a session, which is no secret, is shorter.
const SHORTEST: usize = 100;

/// Every form of a part of a token is as long.
const SIGHT: usize = 32;

static SEEN: Mutex<Option<HashSet<String>>> = Mutex::new(None);

/// What is known to be in order, so that each test of a process looks only at what is new.
static KNOWN: LazyLock<Mutex<Known>> = LazyLock::new(Mutex::default);

/// Remembers the tokens in what was sent or received.
pub(crate) fn see(text: &str) {
    let tokens = runs(text).filter(|run| run.len() >= SHORTEST && is_random(run)).map(str::to_owned);
    SEEN.lock().get_or_insert_default().extend(tokens);
}

/// Returns whether a text is not one that tests make long by repeating it.
fn is_random(run: &str) -> bool {
    run.chars().collect::<HashSet<_>>().len() > 16
}

/// Returns the parts of a text that could be base64, or digits.
fn runs(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && !"-_+/".contains(c))
}

/// Returns bytes as digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}

/// Returns every form in which a part of a token might stand somewhere.
fn forms(token: &str) -> Vec<String> {
    let Ok(bytes) = URL_SAFE_NO_PAD.decode(token) else { return vec![token.to_owned()] };
    let parts = bytes
        .chunks_exact(24)
        .skip(1)
        .flat_map(|part| [hex(part), URL_SAFE_NO_PAD.encode(part), STANDARD.encode(part)]);
    let whole = STANDARD.encode(&bytes).trim_end_matches('=').to_owned();
    parts.chain([token.to_owned(), whole, hex(&bytes)]).collect()
}

/// Asserts that no part of these tokens stands in a text, in any form.
///
/// # Panics
///
/// Panics if one does.
pub fn assert_absent<'t>(tokens: impl IntoIterator<Item = &'t str>, text: &str) {
    Wanted::new(tokens).assert_not_in(text);
}

/// The forms of tokens, by how they begin.
#[derive(Default)]
struct Wanted(HashMap<String, Vec<String>>);

impl Wanted {
    fn new<'t>(tokens: impl IntoIterator<Item = &'t str>) -> Self {
        let mut wanted = Self::default();
        for token in tokens {
            wanted.add(token);
        }
        wanted
    }

    /// Adds a token, and returns how its forms begin.
    fn add(&mut self, token: &str) -> Vec<String> {
        let forms = forms(token);
        let starts: Vec<_> = forms.iter().map(|form| form.get(..SIGHT).unwrap_or(form).to_owned()).collect();
        for (start, form) in starts.iter().zip(forms) {
            assert_eq!(start.len(), SIGHT, "a token, and nothing that is short: {form}");
            self.0.entry(start.clone()).or_default().push(form);
        }
        starts
    }

    fn assert_not_in(&self, text: &str) {
        for (sight, rest) in sights(text) {
            let form = self.0.get(sight).and_then(|forms| forms.iter().find(|form| rest.starts_with(form.as_str())));
            assert!(form.is_none(), "{form:?} stands in {text}");
        }
    }
}

/// Returns every place where a token could begin: how it would, and what is there.
fn sights(text: &str) -> impl Iterator<Item = (&str, &str)> {
    runs(text)
        .filter(|run| run.len() >= SIGHT)
        .flat_map(|run| (0..=run.len() - SIGHT).map(|at| (&run[at..at + SIGHT], &run[at..])))
}

/// What was compared: none of these tokens stands in any of these lines.
#[derive(Default)]
struct Known {
    tokens: HashSet<String>,
    wanted: Wanted,
    lines: Vec<String>,
    /// Which of the lines have what a token could begin with, by its hash.
    sights: HashMap<u64, Vec<usize>>,
}

impl Known {
    fn look(&mut self, seen: HashSet<String>, lines: Vec<String>) {
        for token in seen {
            if self.tokens.contains(&token) {
                continue;
            }
            let starts = self.wanted.add(&token);
            for line in starts.iter().filter_map(|start| self.sights.get(&hash(start))).flatten() {
                self.wanted.assert_not_in(&self.lines[*line]);
            }
            self.tokens.insert(token);
        }
        for line in lines {
            self.wanted.assert_not_in(&line);
            assert!(!line.contains(PHONE), "a secret field stands in {line}");
            assert!(!logs::is_own(&line) || !line.contains(NEW_PHONE), "a secret field stands in {line}");
            let number = self.lines.len();
            for (sight, _) in sights(&line) {
                let having = self.sights.entry(hash(sight)).or_default();
                if having.last() != Some(&number) {
                    having.push(number);
                }
            }
            self.lines.push(line);
        }
    }
}

fn hash(sight: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    sight.hash(&mut hasher);
    hasher.finish()
}

/// Asserts, when it goes, that what this process has logged holds no token that browsers saw, and no secret field: so
/// that every test of a site is a test of that.
pub(crate) struct Watch;

impl Drop for Watch {
    fn drop(&mut self) {
        // A test that fails says why already.
        if !thread::panicking() {
            assert_nothing_logged();
        }
    }
}

fn assert_nothing_logged() {
    let mut known = KNOWN.lock();
    let (seen, lines) = (SEEN.lock().clone().unwrap_or_default(), logs::all_after(known.lines.len()));
    known.look(seen, lines);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(number: u8) -> String {
        let bytes: Vec<u8> = (0..96).map(|at| number.wrapping_mul(31).wrapping_add(at)).collect();
        URL_SAFE_NO_PAD.encode(bytes)
    }

    fn finds(steps: &[(&[String], &[String])]) -> bool {
        let mut known = Known::default();
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            for (tokens, lines) in steps {
                known.look(tokens.iter().cloned().collect(), lines.to_vec());
            }
        }))
        .is_err()
    }

    #[test]
    fn a_token_is_found_whether_it_or_the_line_comes_first() {
        let line = |number| format!("INFO rocket: it is {};", token(number));
        assert!(!finds(&[(&[token(1)], &[line(2)]), (&[token(1), token(3)], &[line(4)])]));
        assert!(finds(&[(&[token(1)], &[line(1)])]));
        assert!(finds(&[(&[token(1)], &[]), (&[token(1)], &[line(2), line(1)])]));
        assert!(finds(&[(&[], &[line(1)]), (&[token(2), token(1)], &[])]));
        let bytes = URL_SAFE_NO_PAD.decode(token(1)).unwrap();
        assert!(finds(&[(&[], &[hex(&bytes)]), (&[token(1)], &[])]));
        // What is long is kept once.
        assert!(finds(&[(&[], &["x".repeat(100_000), line(1)]), (&[token(1)], &[])]));
        assert!(finds(&[(&[], &[]), (&[], &[format!("DEBUG rocket: {PHONE}")])]));
    }
}
