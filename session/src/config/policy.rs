//! Lifetimes that standards name.

use std::time::Duration;

use super::written::Written;
use super::{Config, NEWBORN};

/// The lifetimes of an authentication assurance level.
#[derive(Clone, Copy)]
pub(super) struct Policy {
    pub(super) idle: Duration,
    pub(super) ttl: Duration,
}

pub(super) const AAL1: Policy = Policy { idle: Duration::from_hours(30 * 24), ttl: Duration::from_hours(30 * 24) };
pub(super) const AAL2: Policy = Policy { idle: Duration::from_hours(1), ttl: Duration::from_hours(24) };
pub(super) const AAL3: Policy = Policy { idle: Duration::from_mins(15), ttl: Duration::from_hours(12) };
pub(super) const AAL2_REV3: Policy = Policy { idle: Duration::from_mins(30), ttl: Duration::from_hours(12) };

impl Policy {
    /// The policies by the names that `policy` takes.
    pub(super) const NAMES: [(&str, Self); 4] =
        [("aal1", AAL1), ("aal2", AAL2), ("aal3", AAL3), ("aal2-rev3", AAL2_REV3)];

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(known, _)| *known == name).map(|(_, policy)| *policy)
    }
}

impl From<Policy> for Config {
    fn from(policy: Policy) -> Self {
        let written = Written::in_code(policy, NEWBORN);
        Self { idle: policy.idle, ttl: policy.ttl, written, ..Self::default() }
    }
}

impl Config {
    /// Returns the lifetimes of AAL1: 30 days (NIST SP 800-63B-4, section 2.1.3). As text: `policy = "aal1"`.
    pub fn aal1() -> Self {
        AAL1.into()
    }

    /// Returns the lifetimes of AAL2, which are the default: 24 hours, 1 hour unused (NIST SP 800-63B-4, section
    /// 2.2.3). As text: `policy = "aal2"`.
    pub fn aal2() -> Self {
        AAL2.into()
    }

    /// Returns the lifetimes of AAL3: 12 hours, 15 minutes unused (NIST SP 800-63B-4, section 2.3.3). As text:
    /// `policy = "aal3"`.
    pub fn aal3() -> Self {
        AAL3.into()
    }

    /// Returns the lifetimes of AAL2 as the older NIST SP 800-63B (revision 3, section 4.2.3) has them, which
    /// `FedRAMP` quotes: 12 hours, 30 minutes unused. As text: `policy = "aal2-rev3"`.
    pub fn aal2_rev3() -> Self {
        AAL2_REV3.into()
    }
}
