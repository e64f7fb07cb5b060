//! The text of a `Set-Cookie` header.

use std::fmt::Write;
use std::time::Duration;

use crate::config::CookieConfig;

/// The longest life of a cookie, 400 days, beyond which browsers shorten it (RFC 6265bis, section 5.5).
pub(crate) const MAX_AGE: Duration = Duration::from_hours(400 * 24);

/// The most octets of a name and its value that browsers keep (RFC 6265bis, section 5.6).
pub(crate) const MAX_SIZE: usize = 4096;

/// A cookie's name and value are longer than browsers keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooLong {
    /// The octets of name and value.
    pub(crate) size: usize,
}

/// Writes a cookie with the attributes that its configuration says.
#[derive(Debug, Clone)]
pub(crate) struct SetCookie {
    name: Box<str>,
    attributes: Box<str>,
    removal: Box<str>,
}

impl SetCookie {
    pub(crate) fn new(name: &str, config: &CookieConfig) -> Self {
        let attributes = attributes(config);
        let removal = format!("{name}={attributes}; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT").into();
        Self { name: name.into(), attributes: attributes.into(), removal }
    }

    /// Returns the cookie's name.
    pub(crate) const fn name(&self) -> &str {
        &self.name
    }

    /// Returns the header that sets a value, until the browser is closed or for so long.
    ///
    /// The age is in full seconds, rounded down but not to zero, which would remove the cookie.
    pub(crate) fn set(&self, value: &str, age: Option<Duration>) -> Result<String, TooLong> {
        let size = self.name.len() + value.len();
        if size > MAX_SIZE {
            return Err(TooLong { size });
        }
        let mut text = String::with_capacity(size + self.attributes.len() + "=; Max-Age=34560000".len());
        text.extend([&*self.name, "=", value, &*self.attributes]);
        if let Some(age) = age {
            // Writing to a `String` does not fail.
            let _ = write!(text, "; Max-Age={}", age.min(MAX_AGE).as_secs().max(1));
        }
        Ok(text)
    }

    /// Returns the header that removes the cookie.
    pub(crate) const fn removal(&self) -> &str {
        &self.removal
    }
}

fn attributes(config: &CookieConfig) -> String {
    let mut text = format!("; Path={}", config.path);
    if let Some(domain) = &config.domain {
        text.extend(["; Domain=", domain]);
    }
    if !config.insecure_script_access {
        text.push_str("; HttpOnly");
    }
    if config.secure {
        text.push_str("; Secure");
    }
    text.extend(["; SameSite=", &config.same_site.to_string()]);
    if config.partitioned {
        text.push_str("; Partitioned");
    }
    text
}
