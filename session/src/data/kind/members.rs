//! Sets whose members are merged one by one.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::{BuildHasher, Hash};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::codec::json_size;
use super::{Kind, key_text};
use crate::data::field::{FieldEdit, Refused};
use crate::record::{FieldPatch, FieldText};

/// Concurrent changes to different members all survive.
#[derive(Debug, Clone, Copy)]
pub struct Members;

/// The text stored for a member that is there.
const PRESENT: &str = "true";

/// A set whose members can be merged one by one: [`BTreeSet`] and [`HashSet`].
#[diagnostic::on_unimplemented(
    message = "`merge = members` needs a set, not `{Self}`",
    label = "this type has no members to merge",
    note = "use a `BTreeSet` or a `HashSet`; for a map write `merge = entries`"
)]
pub trait MemberSet: Clone + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The type of the members.
    type Member: Clone + Serialize;

    /// Returns the members, in any order.
    fn members(&self) -> impl Iterator<Item = &Self::Member>;

    /// Returns whether the member is there.
    fn has_member(&self, member: &Self::Member) -> bool;

    /// Adds a member.
    fn add_member(&mut self, member: Self::Member);

    /// Removes a member.
    fn remove_member(&mut self, member: &Self::Member);

    /// Returns the set of the members that are the keys of a JSON object.
    ///
    /// # Errors
    ///
    /// Fails if a key is not a member.
    fn from_object(object: &str) -> serde_json::Result<Self>;
}

impl<K> MemberSet for BTreeSet<K>
where
    K: Clone + Ord + Serialize + DeserializeOwned + Send + Sync + 'static,
{
    type Member = K;

    fn members(&self) -> impl Iterator<Item = &K> {
        self.iter()
    }

    fn has_member(&self, member: &K) -> bool {
        self.contains(member)
    }

    fn add_member(&mut self, member: K) {
        self.insert(member);
    }

    fn remove_member(&mut self, member: &K) {
        self.remove(member);
    }

    fn from_object(object: &str) -> serde_json::Result<Self> {
        Ok(serde_json::from_str::<BTreeMap<K, bool>>(object)?.into_keys().collect())
    }
}

impl<K, S> MemberSet for HashSet<K, S>
where
    K: Clone + Eq + Hash + Serialize + DeserializeOwned + Send + Sync + 'static,
    S: BuildHasher + Clone + Default + Send + Sync + 'static,
{
    type Member = K;

    fn members(&self) -> impl Iterator<Item = &K> {
        self.iter()
    }

    fn has_member(&self, member: &K) -> bool {
        self.contains(member)
    }

    fn add_member(&mut self, member: K) {
        self.insert(member);
    }

    fn remove_member(&mut self, member: &K) {
        self.remove(member);
    }

    fn from_object(object: &str) -> serde_json::Result<Self> {
        Ok(serde_json::from_str::<HashMap<K, bool>>(object)?.into_keys().collect())
    }
}

impl<M: MemberSet> Kind<M> for Members {
    fn merges(&self) -> Option<&'static str> {
        Some("members")
    }

    fn encode(&self, set: &M) -> serde_json::Result<FieldText> {
        let members = set.members().map(|member| Ok((key_text(member)?, PRESENT.to_owned())));
        members.collect::<serde_json::Result<_>>().map(FieldText::Entries)
    }

    fn decode(&self, json: &str) -> serde_json::Result<M> {
        if Kind::<M>::fits(self, json) { M::from_object(json) } else { serde_json::from_str(json) }
    }

    /// A set that was stored before it merged by members is an array.
    fn fits(&self, json: &str) -> bool {
        !json.trim_start().starts_with('[')
    }

    fn size(&self, set: &M) -> usize {
        json_size(set)
    }

    fn check(&self, set: &M) -> serde_json::Result<()> {
        set.members().try_for_each(|member| key_text(member).map(drop))
    }

    fn same(&self, left: &M, right: &M) -> bool {
        left == right
    }

    fn merge(&self, stored: &mut M, base: &M, now: &mut M, _edit: FieldEdit) -> Result<(), Refused> {
        for member in only_in(base, now) {
            stored.remove_member(member);
        }
        for member in only_in(now, base) {
            stored.add_member(member.clone());
        }
        Ok(())
    }

    fn diff(
        &self,
        name: &'static str,
        base: &M,
        now: &M,
        _edit: FieldEdit,
        patch: &mut FieldPatch,
    ) -> serde_json::Result<()> {
        let entries = patch.entries.entry(name.into()).or_default();
        for member in only_in(base, now) {
            entries.insert(key_text(member)?, None);
        }
        for member in only_in(now, base) {
            entries.insert(key_text(member)?, Some(PRESENT.to_owned()));
        }
        Ok(())
    }
}

fn only_in<'m, M: MemberSet>(left: &'m M, right: &'m M) -> impl Iterator<Item = &'m M::Member> {
    left.members().filter(|member| !right.has_member(member))
}
