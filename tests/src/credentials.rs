//! The credentials that browsers were given and sent, and whether they stand where they must not.

use std::collections::{HashMap, HashSet};
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
struct Wanted(HashMap<String, Vec<String>>);

impl Wanted {
    fn new<'t>(tokens: impl IntoIterator<Item = &'t str>) -> Self {
        let mut wanted = HashMap::<String, Vec<String>>::new();
        for form in tokens.into_iter().flat_map(forms) {
            let start = form.get(..SIGHT).unwrap_or(&form).to_owned();
            assert_eq!(start.len(), SIGHT, "a token, and nothing that is short: {form}");
            wanted.entry(start).or_default().push(form);
        }
        Self(wanted)
    }

    fn assert_not_in(&self, text: &str) {
        for run in runs(text).filter(|run| run.len() >= SIGHT) {
            for at in 0..=run.len() - SIGHT {
                let Some(forms) = self.0.get(&run[at..at + SIGHT]) else { continue };
                let form = forms.iter().find(|form| run[at..].starts_with(form.as_str()));
                assert!(form.is_none(), "{form:?} stands in {text}");
            }
        }
    }
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
    let seen = SEEN.lock().clone().unwrap_or_default();
    let wanted = Wanted::new(seen.iter().map(String::as_str));
    for line in logs::all() {
        wanted.assert_not_in(&line);
        assert!(!line.contains(PHONE), "a secret field stands in {line}");
        assert!(!logs::is_own(&line) || !line.contains(NEW_PHONE), "a secret field stands in {line}");
    }
}
