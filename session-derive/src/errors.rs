//! The errors of one derive, reported together.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::Error;

/// The errors found so far.
#[derive(Default)]
pub(crate) struct Errors(Option<Error>);

impl Errors {
    /// Reports a mistake at the user's tokens.
    pub(crate) fn push(&mut self, at: impl ToTokens, message: impl std::fmt::Display) {
        self.absorb(Error::new_spanned(at, message));
    }

    /// Returns the value of a result, or reports its error.
    pub(crate) fn catch<T>(&mut self, result: syn::Result<T>) -> Option<T> {
        result.map_err(|error| self.absorb(error)).ok()
    }

    /// Returns whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Reports the errors that were found apart from these.
    pub(crate) fn append(&mut self, others: Self) {
        if let Some(error) = others.0 {
            self.absorb(error);
        }
    }

    /// Returns the errors as calls of `compile_error!`.
    pub(crate) fn into_compile_error(self) -> Option<TokenStream> {
        self.0.map(|error| error.to_compile_error())
    }

    /// Returns the messages.
    #[cfg(test)]
    pub(crate) fn messages(self) -> Vec<String> {
        self.0.into_iter().flatten().map(|error| error.to_string()).collect()
    }

    fn absorb(&mut self, error: Error) {
        match &mut self.0 {
            Some(first) => first.combine(error),
            None => self.0 = Some(error),
        }
    }
}

/// Returns the words in backticks, separated by commas.
pub(crate) fn listed<'w>(words: impl IntoIterator<Item = &'w str>) -> String {
    words.into_iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

/// Returns the word that was probably meant.
pub(crate) fn nearest<'w>(typed: &str, words: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    let nearest = words.into_iter().map(|word| (distance(typed, word), word)).min()?;
    (nearest.0 <= nearest.1.len().div_ceil(3)).then_some(nearest.1)
}

/// Returns how many letters must be inserted, removed or replaced to make `left` into `right`.
fn distance(left: &str, right: &str) -> usize {
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (line, typed) in left.bytes().enumerate() {
        let mut diagonal = line;
        let mut before = line + 1;
        for (cell, meant) in row.iter_mut().skip(1).zip(right.bytes()) {
            let replaced = diagonal + usize::from(typed != meant);
            diagonal = *cell;
            *cell = replaced.min(before + 1).min(*cell + 1);
            before = *cell;
        }
        if let Some(first) = row.first_mut() {
            *first = line + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_counts_edits() {
        assert_eq!(distance("", "flash"), 5);
        assert_eq!(distance("flsh", "flash"), 1);
        assert_eq!(distance("kitten", "sitting"), 3);
    }

    #[test]
    fn nearest_ignores_what_is_far() {
        assert_eq!(nearest("flsh", ["flash", "fresh"]), Some("flash"));
        assert_eq!(nearest("timeout", ["flash", "fresh"]), None);
    }
}
