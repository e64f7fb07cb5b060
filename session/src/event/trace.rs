//! Events as `tracing` events.

use tracing::Level;
use tracing::field::display;

use super::{EndedBy, Event, EventKind, RefusedCookie};
use crate::clock::Timestamp;

/// The target of all of them.
const TARGET: &str = "rocket_typed_session::event";

/// What an event says beside the session that it is about; what is [`None`] is left out.
#[derive(Default)]
struct Details<'e> {
    reason: Option<&'e str>,
    by: Option<&'static str>,
    count: Option<u64>,
    field: Option<&'e str>,
}

/// Emits an event; of refusals, `withheld` before it were not.
pub(super) fn emit(event: &Event, withheld: u64) {
    let Details { reason, by, count, field } = Details::of(&event.kind);
    let (handle, ip) = (event.handle.map(display), event.ip.map(display));
    let (at, withheld) = (Timestamp::from(event.at).as_millis(), (withheld > 0).then_some(withheld));
    // The level is part of the call, so that there is one for each.
    macro_rules! emit {
        ($level:ident) => {
            tracing::event!(
                target: TARGET,
                Level::$level,
                event = event.kind.name(),
                session = event.session,
                handle,
                identifier = event.identifier.as_deref(),
                ip,
                at,
                reason,
                by,
                count,
                field,
                withheld,
            )
        };
    }
    match level(&event.kind) {
        Level::ERROR => emit!(ERROR),
        Level::WARN => emit!(WARN),
        Level::DEBUG => emit!(DEBUG),
        _ => emit!(INFO),
    }
}

fn level(kind: &EventKind) -> Level {
    match kind {
        EventKind::StorageFailed(_) => Level::ERROR,
        EventKind::Refused(reason) if reason.is_usual() => Level::DEBUG,
        EventKind::Refused(_) | EventKind::Undecodable { .. } | EventKind::EditIgnored | EventKind::EditsLost => {
            Level::WARN
        }
        _ => Level::INFO,
    }
}

impl<'e> Details<'e> {
    fn of(kind: &'e EventKind) -> Self {
        let none = Self::default();
        match kind {
            EventKind::Ended(by) => Self { by: Some(by.name()), ..none },
            EventKind::EndedMany(count, by) => Self { by: Some(by.name()), count: Some(*count), ..none },
            EventKind::Refused(reason) => Self { reason: Some(reason.name()), ..none },
            EventKind::Conflict(field) => Self { field: field.as_deref(), ..none },
            EventKind::StorageFailed(reason) => Self { reason: Some(reason), ..none },
            EventKind::Undecodable { field, reason } => Self { field: Some(field), reason: Some(reason), ..none },
            _ => none,
        }
    }
}

impl EventKind {
    const fn name(&self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Renewed => "renewed",
            Self::Rotated => "rotated",
            Self::Ended(_) => "ended",
            Self::EndedMany(..) => "ended_many",
            Self::EndedEveryone => "ended_everyone",
            Self::Expired => "expired",
            Self::Refused(_) => "refused",
            Self::Conflict(_) => "conflict",
            Self::Gone => "gone",
            Self::StorageFailed(_) => "storage_failed",
            Self::Undecodable { .. } => "undecodable",
            Self::EditIgnored => "edit_ignored",
            Self::EditsLost => "edits_lost",
        }
    }
}

impl EndedBy {
    const fn name(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Application => "application",
            Self::Cap => "cap",
            Self::Stamp => "stamp",
        }
    }
}

impl RefusedCookie {
    const fn name(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::UnknownKey => "unknown_key",
            Self::Forged => "forged",
            Self::Ambiguous => "ambiguous",
            Self::NoSession => "no_session",
            Self::Moved => "moved",
            Self::CrossSite => "cross_site",
        }
    }
}
