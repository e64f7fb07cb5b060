//! Sessions in memory.
