//! A `Set-Cookie` header, taken apart.

/// A `Set-Cookie` header, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetCookie {
    /// The name.
    pub name: String,
    /// The value.
    pub value: String,
    attributes: Vec<(String, Option<String>)>,
}

impl SetCookie {
    /// Returns the parts of a header.
    pub fn parse(text: &str) -> Self {
        let mut parts = text.split(';').map(str::trim);
        let (name, value) = parts.next().and_then(|pair| pair.split_once('=')).unwrap_or((text, ""));
        let attributes = parts.map(|part| match part.split_once('=') {
            Some((name, value)) => (name.to_ascii_lowercase(), Some(value.to_owned())),
            None => (part.to_ascii_lowercase(), None),
        });
        Self { name: name.into(), value: value.into(), attributes: attributes.collect() }
    }

    /// Returns whether there is an attribute.
    pub fn has(&self, attribute: &str) -> bool {
        self.attributes.iter().any(|(name, _)| name.eq_ignore_ascii_case(attribute))
    }

    /// Returns the value of an attribute.
    pub fn attribute(&self, attribute: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(name, _)| name.eq_ignore_ascii_case(attribute));
        found.and_then(|(_, value)| value.as_deref())
    }

    /// Returns for how many seconds the cookie outlives the browser.
    pub fn max_age(&self) -> Option<u64> {
        self.attribute("Max-Age")?.parse().ok()
    }

    /// Returns the attributes that say where the cookie belongs, not for how long.
    pub fn place(&self) -> Vec<(String, Option<String>)> {
        let lasting = |(name, _): &&(String, Option<String>)| name != "max-age" && name != "expires";
        self.attributes.iter().filter(lasting).cloned().collect()
    }
}
