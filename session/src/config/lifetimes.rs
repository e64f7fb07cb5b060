//! How long things last, each of which bounds the next.

use std::time::Duration;

use super::valid::{contradiction, invalid};
use super::{Config, ConfigError, duration};

impl Config {
    /// Shortens what nobody wrote to what somebody did.
    pub(super) fn shorten(&mut self) {
        if self.written.idle == Some(self.idle) {
            self.idle = self.idle.min(self.ttl);
            self.written.idle = Some(self.idle);
        }
        if self.written.newborn == Some(self.newborn) {
            self.newborn = self.newborn.min(self.idle);
            self.written.newborn = Some(self.newborn);
        }
    }

    pub(super) fn validate_lifetimes(&self) -> Result<(), ConfigError> {
        self.durations()?;
        self.order()
    }

    fn durations(&self) -> Result<(), ConfigError> {
        let durations = [
            // What shortens others goes first.
            ("ttl", self.ttl),
            ("idle", self.idle),
            ("newborn", self.newborn),
            ("timeout", self.timeout),
            ("sweep", self.sweep),
            ("watch", self.watch),
            ("stamp_every", self.stamp_every),
            ("renew", self.renew.unwrap_or(Duration::MAX)),
        ];
        match durations.into_iter().find(|(_, duration)| *duration < Duration::from_millis(1)) {
            Some((key, _)) => Err(invalid(key, "a duration longer than zero")),
            None => Ok(()),
        }
    }

    /// Refuses what would silently have no effect, since it is rather two values in each other's place.
    fn order(&self) -> Result<(), ConfigError> {
        if self.idle > self.ttl {
            return Err(self.longer("idle", "ttl", self.ttl));
        }
        if self.newborn > self.idle {
            let shortened = self.written.idle.is_some() && self.idle == self.ttl;
            return Err(self.longer("newborn", if shortened { "ttl" } else { "idle" }, self.idle));
        }
        match self.renew {
            Some(renew) if renew >= self.ttl => {
                let reason = format!("is not shorter than {}", self.written.value("ttl"));
                let instead = match self.written.instead("renew", "ttl") {
                    Some(key) => format!("write `{key}`, less than \"{}\"", duration::text(self.ttl)),
                    None => "write less, or leave it out".into(),
                };
                Err(contradiction("renew", &reason, instead))
            }
            _ => Ok(()),
        }
    }

    fn longer(&self, key: &str, than: &str, most: Duration) -> ConfigError {
        let most = duration::text(most);
        let instead = match self.written.instead(key, than) {
            Some(key) => format!("write `{key}`, at most \"{most}\""),
            None => format!("write at most \"{most}\""),
        };
        contradiction(key, &format!("is longer than {}", self.written.value(than)), instead)
    }
}
