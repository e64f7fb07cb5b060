//! Routes for programs: forms in, JSON out, 204 where there is nothing to say.

mod devices;
mod edits;
mod events;
mod faults;
mod guest;
mod input;
mod me;
mod roles;

use rocket::{Route, routes};

pub(super) fn routes() -> Vec<Route> {
    routes![
        devices::devices,
        devices::end,
        devices::end_all,
        devices::end_others,
        edits::cart,
        edits::language,
        edits::nickname,
        edits::notice,
        edits::theme,
        edits::visit,
        events::events,
        faults::fail,
        faults::panics,
        faults::slow,
        guest::guest,
        guest::hit,
        guest::public,
        me::me,
        roles::admin,
        roles::reauthenticate,
        roles::role,
        roles::vault,
    ]
}
