//! What the examples share: the [`portal`], as an application that tests can drive.

pub mod portal;
