//! Sets whose members are merged one by one.

use std::any::Any;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::{BuildHasher, Hash};

use super::codec::object_size;
use super::{Kind, Part, key_text};
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
pub trait MemberSet: Sized + 'static {
    /// The type of the members.
    type Member: 'static;

    /// Returns the members, in any order.
    fn members(&self) -> impl Iterator<Item = &Self::Member>;

    /// Returns whether the member is there.
    fn has_member(&self, member: &Self::Member) -> bool;

    /// Adds a member.
    fn add_member(&mut self, member: Self::Member);

    /// Removes a member.
    fn remove_member(&mut self, member: &Self::Member);

    /// Returns whether two sets are the same.
    fn same(&self, other: &Self) -> bool
    where
        Self::Member: Part;

    /// Returns the set of the members that are the keys of a JSON object.
    ///
    /// # Errors
    ///
    /// Fails if a key is not a member.
    fn from_object(object: &str) -> serde_json::Result<Self>
    where
        Self::Member: Part;

    /// Returns the set of the members of a JSON array.
    ///
    /// # Errors
    ///
    /// Fails if one is not a member.
    fn from_array(array: &str) -> serde_json::Result<Self>
    where
        Self::Member: Part;
}

/// Writes what sets of the standard library have in common, whose members are the keys of such a map.
macro_rules! of_standard_set {
    ($map:ident) => {
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

        fn same(&self, other: &Self) -> bool
        where
            K: Part,
        {
            self == other
        }

        fn from_object(object: &str) -> serde_json::Result<Self>
        where
            K: Part,
        {
            Ok(serde_json::from_str::<$map<K, bool>>(object)?.into_keys().collect())
        }

        fn from_array(array: &str) -> serde_json::Result<Self>
        where
            K: Part,
        {
            serde_json::from_str(array)
        }
    };
}

impl<K: Ord + 'static> MemberSet for BTreeSet<K> {
    type Member = K;

    of_standard_set!(BTreeMap);
}

impl<K: Eq + Hash + 'static, S: BuildHasher + Default + 'static> MemberSet for HashSet<K, S> {
    type Member = K;

    of_standard_set!(HashMap);
}

impl<M: MemberSet<Member: Part>> Kind<M> for Members {
    fn merges(&self) -> Option<&'static str> {
        Some("members")
    }

    fn encode(&self, set: &M) -> serde_json::Result<FieldText> {
        let members = set.members().map(|member| Ok((key_text(member)?, PRESENT.to_owned())));
        members.collect::<serde_json::Result<_>>().map(FieldText::Entries)
    }

    fn decode(&self, json: &str) -> serde_json::Result<M> {
        if Kind::<M>::fits(self, json) { M::from_object(json) } else { M::from_array(json) }
    }

    /// A set that was stored before it merged by members is an array.
    fn fits(&self, json: &str) -> bool {
        !json.trim_start().starts_with('[')
    }

    fn size(&self, set: &M) -> usize {
        object_size(set.members().map(|member| (member, PRESENT.len())))
    }

    fn check(&self, set: &M) -> serde_json::Result<()> {
        set.members().try_for_each(|member| key_text(member).map(drop))
    }

    fn has_part(&self, set: &M, member: &dyn Any, _value: &dyn Any) -> serde_json::Result<bool> {
        let Some(member) = member.downcast_ref() else { return Ok(false) };
        key_text::<M::Member>(member)?;
        Ok(set.has_member(member))
    }

    fn same(&self, left: &M, right: &M) -> bool {
        left.same(right)
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
