//! The attributes of the struct.

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::{Attribute, LitStr, Path, Visibility};

use super::condition::Conditions;
use super::item::{Item, Value, items, parse_items, split};
use super::key::{GUARD, Key, STRUCT};
use crate::errors::Errors;

/// What `#[session(..)]` on the struct says.
#[derive(Default)]
pub(crate) struct ContainerAttrs {
    pub(crate) required: Option<Otherwise>,
    pub(crate) guards: Vec<GuardAttrs>,
    pub(crate) conditions: Conditions,
    pub(crate) name: Option<LitStr>,
    pub(crate) edit: Option<Ident>,
    pub(crate) krate: Option<Path>,
}

/// What `guard(..)` says.
pub(crate) struct GuardAttrs {
    pub(crate) ident: Ident,
    pub(crate) conditions: Conditions,
    pub(crate) otherwise: Option<Otherwise>,
    pub(crate) vis: Option<Visibility>,
}

/// What a guard does where it does not let a request pass.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Otherwise {
    Refuse,
    Forward,
}

/// Reads the attributes of the struct.
pub(crate) fn read(attrs: &[Attribute], errors: &mut Errors) -> ContainerAttrs {
    let mut read = ContainerAttrs::default();
    let items = items(attrs, errors);
    for (key, item) in STRUCT.known(items, errors) {
        read.take(key, &item, errors);
    }
    read
}

impl ContainerAttrs {
    fn take(&mut self, key: &Key, item: &Item, errors: &mut Errors) {
        match item.name().as_str() {
            "required" => self.required = required(key, item, errors),
            "guard" => self.guards.extend(guard(key, item, errors)),
            "name" => self.name = item.parse(key, errors),
            "mut" => self.edit = item.parse(key, errors),
            "crate" => self.krate = item.parse_with(Path::parse_mod_style, key, errors),
            _ => self.conditions.read(key, item, errors),
        }
    }
}

fn required(key: &Key, item: &Item, errors: &mut Errors) -> Option<Otherwise> {
    match item.value {
        Value::Nothing => Some(Otherwise::Refuse),
        // A wrong value is a slip in how to refuse: the session is required all the same.
        _ => forward(key, item, errors).or(Some(Otherwise::Refuse)),
    }
}

fn forward(key: &Key, item: &Item, errors: &mut Errors) -> Option<Otherwise> {
    let word: Ident = item.parse(key, errors)?;
    if word == "forward" {
        return Some(Otherwise::Forward);
    }
    errors.push(&word, format!("`{word}` is not known here; write {}", key.shown()));
    None
}

/// Returns the name that a guard begins with.
fn name(first: TokenStream, key: &Key, errors: &mut Errors) -> Option<Ident> {
    if let Ok(name) = syn::parse2(first.clone()) {
        return Some(name);
    }
    let mut tokens = first.clone().into_iter();
    match (tokens.next(), tokens.next()) {
        (Some(TokenTree::Ident(name)), Some(next)) if !GUARD.has(&name.to_string()) => {
            errors.push(next, format!("expected a comma after `{name}`; write `{}`", key.example));
        }
        _ => errors.push(&first, format!("a guard begins with its name; write `{}`", key.example)),
    }
    None
}

fn guard(key: &Key, item: &Item, errors: &mut Errors) -> Option<GuardAttrs> {
    let Value::List(list) = &item.value else {
        return None;
    };
    let mut parts = split(list.clone());
    let first = if parts.is_empty() { TokenStream::new() } else { parts.remove(0) };
    let ident = name(first, key, errors)?;
    let mut guard = GuardAttrs { ident, conditions: Conditions::default(), otherwise: None, vis: None };
    let items = parse_items(parts, errors);
    for (key, item) in GUARD.known(items, errors) {
        match item.name().as_str() {
            "otherwise" => guard.otherwise = forward(key, &item, errors),
            "vis" => guard.vis = item.parse(key, errors),
            _ => guard.conditions.read(key, &item, errors),
        }
    }
    Some(guard)
}
