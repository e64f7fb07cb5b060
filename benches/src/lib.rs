//! The same small application on every library, and visitors that send it requests.

mod account;
mod app;
mod case;
mod visitor;

pub use crate::account::Account;
pub use crate::app::Library;
pub use crate::case::{Case, Scenario, Sender, UnknownCase};
pub use crate::visitor::{Visitor, runtime};
