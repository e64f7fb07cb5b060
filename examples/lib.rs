//! What the examples share: the [`portal`], as an application that tests can drive.

#![allow(clippy::needless_pass_by_value, reason = "Rocket hands guards and forms to handlers by value")]

pub mod portal;
