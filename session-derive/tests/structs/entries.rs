#[session(name = "bag")]
pub(crate) struct Bag(BTreeMap<String, Vec<u8>>);
