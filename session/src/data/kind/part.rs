//! What maps and sets are made of.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// A key or a value of a map, or a member of a set, that is stored by itself.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can not be in a map or a set of a session",
    label = "`{Self}` needs `Serialize`, `DeserializeOwned`, `Clone` and `PartialEq`",
    note = "derive them for it and for what is in it; a type of another crate may have a `serde` feature"
)]
pub trait Part: Clone + PartialEq + Serialize + DeserializeOwned + 'static {}

#[diagnostic::do_not_recommend]
impl<P: Clone + PartialEq + Serialize + DeserializeOwned + 'static> Part for P {}
