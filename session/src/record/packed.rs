//! Fields that were just read, side by side in one text.

use super::{FieldText, Fields};

/// The names and JSON texts of fields, one after the other. Of two of the same name, the last counts.
#[derive(Clone, Default)]
pub(crate) struct Packed {
    text: String,
    fields: Vec<Ends>,
}

/// Where a field ends, which begins where the one before it ends.
#[derive(Clone, Copy)]
struct Ends {
    name: usize,
    json: usize,
}

impl Packed {
    /// Returns no fields, with room for names and texts of so many bytes.
    pub(crate) fn with_capacity(bytes: usize) -> Self {
        Self { text: String::with_capacity(bytes), fields: Vec::with_capacity(8) }
    }

    /// Returns fields whose names and texts are UTF-8, if they are.
    #[cfg(feature = "redis")]
    pub(crate) fn of_bytes<'b>(pairs: impl Iterator<Item = [&'b [u8]; 2]> + Clone) -> Option<Self> {
        let bytes = pairs.clone().map(|[name, json]| name.len() + json.len()).sum();
        let (mut text, mut fields) = (Vec::with_capacity(bytes), Vec::with_capacity(8));
        for [name, json] in pairs {
            text.extend_from_slice(name);
            let name = text.len();
            text.extend_from_slice(json);
            fields.push(Ends { name, json: text.len() });
        }
        // One look at all costs less than one at each.
        let text = String::from_utf8(text).ok()?;
        let is_whole = |ends: &Ends| text.is_char_boundary(ends.name) && text.is_char_boundary(ends.json);
        fields.iter().all(is_whole).then_some(Self { text, fields })
    }

    /// Returns the fields where these texts replace those of some; nothing unless each of them is there.
    #[cfg(feature = "redis")]
    pub(super) fn with_texts(&self, texts: &[(&str, &str)]) -> Option<Self> {
        let bytes = self.text.len() + texts.iter().map(|(_, json)| json.len()).sum::<usize>();
        let mut replaced = Self { text: String::with_capacity(bytes), fields: Vec::with_capacity(self.fields.len()) };
        let mut count = 0;
        for (name, json) in self.iter() {
            let other = texts.iter().find(|(other, _)| *other == name);
            count += usize::from(other.is_some());
            replaced.push(name, other.map_or(json, |(_, json)| json));
        }
        (count == texts.len()).then_some(replaced)
    }

    pub(crate) fn push(&mut self, name: &str, json: &str) {
        self.text.push_str(name);
        let name = self.text.len();
        self.text.push_str(json);
        self.fields.push(Ends { name, json: self.text.len() });
    }

    pub(super) fn len(&self) -> usize {
        self.fields.len()
    }

    /// Returns the length of the names and texts, in bytes, also of those that do not count.
    pub(super) fn size(&self) -> usize {
        self.text.len()
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.iter().filter(|(other, _)| *other == name).last().map(|(_, json)| json)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let mut begin = 0;
        self.fields.iter().filter_map(move |ends| {
            let name = self.text.get(begin..ends.name)?;
            begin = ends.json;
            Some((name, self.text.get(ends.name..ends.json)?))
        })
    }

    pub(crate) fn fields(&self) -> Fields {
        let mut fields = Fields::new();
        // Not collected: that sorts them first, and there are few.
        for (name, json) in self.iter() {
            fields.insert(name.to_owned(), FieldText::Json(json.to_owned()));
        }
        fields
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "they are tests")]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_by_their_names() {
        let mut packed = Packed::with_capacity(0);
        for (name, json) in [("a", "1"), ("", "\"é\""), ("aa", "[2]"), ("é", "null")] {
            packed.push(name, json);
        }
        let found = ["a", "", "aa", "é", "b"].map(|name| packed.get(name));
        assert_eq!(found, [Some("1"), Some("\"é\""), Some("[2]"), Some("null"), None]);
        assert_eq!((packed.len(), packed.size()), (4, 17));
    }

    #[cfg(feature = "redis")]
    #[test]
    fn bytes_are_fields_if_each_is_a_text() {
        let texts = [["a", "1"], ["é", "\"é\""], ["", "[]"]];
        let packed = Packed::of_bytes(texts.iter().map(|pair| pair.map(str::as_bytes))).unwrap();
        assert!(packed.iter().eq(texts.iter().map(|[name, json]| (*name, *json))));
        for pair in [[&b"\xc3"[..], b"\xa9"], [b"a", b"\xff"], [b"a", b"\xc3"]] {
            assert!(Packed::of_bytes([pair, [b"\xa9", b""]].into_iter()).is_none(), "{pair:?}");
        }
    }

    #[cfg(feature = "redis")]
    #[test]
    fn texts_are_replaced() {
        let packed = |a, b| Packed::of_bytes([["a", a], ["é", b]].iter().map(|pair| pair.map(str::as_bytes))).unwrap();
        let replaced = |texts| packed("1", "2").with_texts(texts).map(|packed| packed.fields());
        assert_eq!(replaced(&[]), Some(packed("1", "2").fields()));
        assert_eq!(replaced(&[("é", "\"long\"")]), Some(packed("1", "\"long\"").fields()));
        assert_eq!(replaced(&[("é", ""), ("a", "3")]), Some(packed("3", "").fields()));
        assert_eq!(replaced(&[("b", "3")]), None);
    }

    #[test]
    fn the_last_of_two_counts() {
        let mut packed = Packed::default();
        packed.push("a", "1");
        packed.push("a", "2");
        assert_eq!(packed.get("a"), Some("2"));
        assert_eq!(packed.fields(), [("a".to_owned(), FieldText::Json("2".into()))].into());
    }
}
