//! The languages that the portal greets in.

/// A language, by its BCP 47 code.
pub(super) struct Language {
    pub(super) code: &'static str,
    pub(super) name: &'static str,
    pub(super) greeting: &'static str,
}

pub(super) const LANGUAGES: [Language; 5] = [
    Language { code: "en", name: "English", greeting: "Good to see you" },
    Language { code: "de", name: "Deutsch", greeting: "Schön, dass du da bist" },
    Language { code: "es", name: "Español", greeting: "Qué bien verte" },
    Language { code: "fr", name: "Français", greeting: "Content de te revoir" },
    Language { code: "pl", name: "Polski", greeting: "Miło cię widzieć" },
];

impl Language {
    /// Returns the language of a code; of one that is not spoken here, English.
    pub(super) fn of(code: &str) -> &'static Self {
        LANGUAGES.iter().find(|language| language.code == code).unwrap_or(&LANGUAGES[0])
    }
}
