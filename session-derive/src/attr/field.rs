//! The attributes of a field.

use proc_macro2::Ident;
use syn::{Attribute, Expr, ExprPath, LitStr};

use super::item::{Item, Value, items};
use super::key::{FIELD, Key};
use crate::errors::{Errors, listed, nearest};

/// What `#[session(..)]` on a field says; an [`Ident`] is the key as it was written.
#[derive(Default)]
pub(crate) struct FieldAttrs {
    pub(crate) identifier: Option<Ident>,
    pub(crate) role: Option<Ident>,
    pub(crate) merge: Option<(Ident, Merge)>,
    pub(crate) flash: Option<Ident>,
    pub(crate) secret: Option<Ident>,
    pub(crate) rotate: Option<Ident>,
    pub(crate) stamp: Option<Ident>,
    pub(crate) with: Option<ExprPath>,
    pub(crate) rename: Option<LitStr>,
    pub(crate) aliases: Vec<LitStr>,
    pub(crate) default: FieldDefault,
    pub(crate) migrate: Option<ExprPath>,
    pub(crate) undecodable: Option<Undecodable>,
}

/// What two writers of a field mean.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Merge {
    Replace,
    Add,
    Entries,
    Members,
    Reject,
}

/// What a missing field reads as.
#[derive(Default)]
pub(crate) enum FieldDefault {
    /// The default of the type, if it has one.
    #[default]
    Unsaid,
    /// The default of the type.
    OfType,
    /// This value.
    Value(Box<Expr>),
}

/// What becomes of a stored value that the field can not read.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Undecodable {
    Default,
    End,
}

/// The merge kinds by the words for them.
pub(super) const MERGES: [(&str, Merge); 5] = [
    ("replace", Merge::Replace),
    ("add", Merge::Add),
    ("entries", Merge::Entries),
    ("members", Merge::Members),
    ("reject", Merge::Reject),
];

const UNDECODABLES: [(&str, Undecodable); 2] = [("default", Undecodable::Default), ("end", Undecodable::End)];

/// Reads the attributes of a field.
pub(crate) fn read_field(attrs: &[Attribute], errors: &mut Errors) -> FieldAttrs {
    let mut read = FieldAttrs::default();
    let items = items(attrs, errors);
    for (key, item) in FIELD.known(items, errors) {
        read.take(key, item, errors);
    }
    read
}

impl FieldAttrs {
    fn take(&mut self, key: &Key, item: Item, errors: &mut Errors) {
        match item.name().as_str() {
            "identifier" => self.identifier = Some(item.key),
            "role" => self.role = Some(item.key),
            "flash" => self.flash = Some(item.key),
            "secret" => self.secret = Some(item.key),
            "rotate" => self.rotate = Some(item.key),
            "stamp" => self.stamp = Some(item.key),
            "merge" => self.merge = word(&MERGES, key, &item, errors),
            "with" => self.with = item.parse(key, errors),
            "rename" => self.rename = item.parse(key, errors),
            "alias" => self.aliases.extend(item.parse(key, errors)),
            "default" => self.default = default(key, &item, errors),
            "migrate" => self.migrate = item.parse(key, errors),
            _ => self.undecodable = word(&UNDECODABLES, key, &item, errors).map(|(_, undecodable)| undecodable),
        }
    }
}

fn default(key: &Key, item: &Item, errors: &mut Errors) -> FieldDefault {
    match item.value {
        Value::Nothing => FieldDefault::OfType,
        _ => item.parse(key, errors).map_or(FieldDefault::Unsaid, |value| FieldDefault::Value(Box::new(value))),
    }
}

fn word<W: Copy>(words: &[(&'static str, W)], key: &Key, item: &Item, errors: &mut Errors) -> Option<(Ident, W)> {
    let word: Ident = item.parse_with(syn::ext::IdentExt::parse_any, key, errors)?;
    if let Some((_, meant)) = words.iter().find(|(name, _)| word == name) {
        return Some((word, *meant));
    }
    let names = || words.iter().map(|(name, _)| *name);
    let meant = nearest(&word.to_string(), names()).map(|name| format!(" did you mean `{name}`?")).unwrap_or_default();
    errors.push(&word, format!("`{} = {word}` is not known;{meant} write one of {}", item.name(), listed(names())));
    None
}
