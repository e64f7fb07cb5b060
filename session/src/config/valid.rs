//! What contradicts itself.

use rocket::http::SameSite;

use super::{Backend, Config, ConfigError, CookieConfig};
use crate::cookie::MAX_AGE;

/// The longest name, so that a sealed token always fits beside it.
const LONGEST_NAME: usize = 256;

/// The longest attribute that browsers do not ignore (RFC 6265bis, section 5.6).
const LONGEST_ATTRIBUTE: usize = 1024;

impl Config {
    /// Checks that nothing contradicts itself, for the session type `name`. Keys are named without their table.
    pub(crate) fn validate(&self, name: &str) -> Result<(), ConfigError> {
        Backend::of(&self.storage)?;
        self.validate_revocations()?;
        self.validate_lifetimes()?;
        self.bounds()?;
        self.cookie.validate(&self.cookie_name(name))?;
        self.cross_site.validate()?;
        if self.cross_site.insecure_allow {
            log::warn!(
                "`{}` lets pages of every origin act with the sessions of their visitors",
                self.key("cross_site.insecure_allow")
            );
        }
        if self.ttl > MAX_AGE {
            log::warn!(
                "`{}` is longer than 400 days: `Max-Age` stays at those, since browsers keep no cookie longer",
                self.key("ttl")
            );
        }
        Ok(())
    }

    /// Checks that two session types of one application have different names and cookies.
    pub(crate) fn distinct(&self, name: &str, other: &Self, other_name: &str) -> Result<(), ConfigError> {
        let cookie = self.cookie_name(name);
        if name == other_name {
            Err(ConfigError::SameName(name.into()))
        } else if cookie == other.cookie_name(other_name) {
            Err(ConfigError::SameCookie { cookie, name: name.into() })
        } else if self.bearer && other.bearer {
            let reason = "is true for two session types, and a request has one `Authorization` header";
            Err(contradiction(&format!("{name}.bearer"), reason, "write false for one of them".into()))
        } else {
            Ok(())
        }
    }

    fn bounds(&self) -> Result<(), ConfigError> {
        let bounds = [
            ("max_per_user", self.max_per_user == Some(0)),
            ("max_size", self.max_size == 0),
            ("memory.sessions", self.memory.sessions == 0),
            ("memory.bytes", self.memory.bytes == 0),
            ("sql.connections", self.sql.connections == Some(0)),
        ];
        match bounds.into_iter().find(|(_, zero)| *zero) {
            Some((key, _)) => Err(invalid(key, "a number greater than zero")),
            None => Ok(()),
        }
    }
}

impl CookieConfig {
    fn validate(&self, name: &str) -> Result<(), ConfigError> {
        if name.is_empty() || name.len() > LONGEST_NAME || !name.bytes().all(is_token) {
            return Err(invalid("cookie.name", "up to 256 letters, digits and `!#$%&'*+-.^_`|~`"));
        }
        if self.domain.as_ref().is_some_and(|domain| !is_domain(domain)) {
            return Err(invalid("cookie.domain", "a host name such as `example.com`, in ASCII"));
        }
        if !is_path(&self.path) {
            return Err(invalid("cookie.path", "a path that begins with `/`, in ASCII, without `;`"));
        }
        self.prefix(name)?;
        self.security()
    }

    /// Checks what browsers ask of names with a prefix, in whichever case it is written.
    fn prefix(&self, name: &str) -> Result<(), ConfigError> {
        let name = name.to_ascii_lowercase();
        let host = name.starts_with("__host-");
        let http = name.starts_with("__http-") || name.starts_with("__host-http-");
        let secure = host || http || name.starts_with("__secure-");
        let refuse = |key, prefix, reason, instead: &str| {
            Err(contradiction(
                key,
                &format!("{reason} the prefix `{prefix}` of the cookie's name"),
                format!("{instead}, or set `cookie.name` without the prefix"),
            ))
        };
        if host && self.domain.is_some() {
            return refuse("cookie.domain", "__Host-", "is not allowed with", "leave it out");
        }
        if host && self.path != "/" {
            return refuse("cookie.path", "__Host-", "contradicts", "write \"/\"");
        }
        if secure && !self.secure {
            let prefix = if host { "__Host-" } else { "__Secure-" };
            return refuse("cookie.secure", prefix, "contradicts", "write true");
        }
        if http && self.insecure_script_access {
            return refuse("cookie.insecure_script_access", "__Http-", "contradicts", "write false");
        }
        Ok(())
    }

    fn security(&self) -> Result<(), ConfigError> {
        let none = self.same_site == SameSite::None;
        if none && !self.secure {
            return Err(contradiction(
                "cookie.same_site",
                "is \"None\" without `cookie.secure`, and browsers drop such a cookie",
                "write \"Lax\", or set `cookie.secure`".into(),
            ));
        }
        if self.partitioned && !self.secure {
            return Err(contradiction(
                "cookie.partitioned",
                "needs `cookie.secure`",
                "write false, or set `cookie.secure`".into(),
            ));
        }
        if self.partitioned && !none {
            return Err(contradiction(
                "cookie.partitioned",
                "has no use without `cookie.same_site = \"None\"`",
                "write false, or that".into(),
            ));
        }
        Ok(())
    }
}

pub(super) fn invalid(key: &str, expected: &str) -> ConfigError {
    ConfigError::Invalid { key: key.into(), expected: expected.into() }
}

pub(super) fn contradiction(key: &str, reason: &str, instead: String) -> ConfigError {
    ConfigError::Contradiction { key: key.into(), reason: reason.into(), instead }
}

/// The characters of a `token` (RFC 9110, section 5.6.2).
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

fn is_domain(domain: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    domain.len() <= 253 && domain.split('.').all(label)
}

fn is_path(path: &str) -> bool {
    path.starts_with('/')
        && path.len() <= LONGEST_ATTRIBUTE
        && path.bytes().all(|byte| matches!(byte, b'!'..=b'~') && byte != b';')
}
