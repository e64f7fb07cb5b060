//! A session struct, as `valid` checks it and `expand` writes it.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, format_ident};
use syn::ext::IdentExt;
use syn::{Attribute, DeriveInput, Fields, LitStr, Member, Path, Type, Visibility, parse_quote};

use crate::attr::{Conditions, ContainerAttrs, FieldAttrs, GuardAttrs, Merge, Otherwise, Undecodable, read_field};
use crate::errors::Errors;
use crate::lints;

/// A session struct.
pub(crate) struct Model {
    pub(crate) ident: Ident,
    pub(crate) vis: Visibility,
    pub(crate) krate: Path,
    pub(crate) name: Option<LitStr>,
    pub(crate) required: Option<Otherwise>,
    /// Whether a session begins from a default. `required` may be what was meant by an attribute that is not
    /// understood.
    pub(crate) begins: bool,
    pub(crate) conditions: Conditions,
    pub(crate) guards: Vec<Guard>,
    /// The name of the guard that edits.
    pub(crate) edit: Ident,
    pub(crate) fields: Vec<Field>,
    /// Whether the fields' attributes are understood; one that is missing may be what was meant by one that is not.
    pub(crate) fields_understood: bool,
    /// The levels of lints that are set on the struct.
    pub(crate) lints: Vec<Attribute>,
    /// Whether using the struct or a field of it is a deprecation warning.
    pub(crate) deprecated: bool,
}

/// A named guard.
pub(crate) struct Guard {
    pub(crate) ident: Ident,
    pub(crate) vis: Visibility,
    pub(crate) conditions: Conditions,
    pub(crate) otherwise: Option<Otherwise>,
}

/// A field.
pub(crate) struct Field {
    pub(crate) index: usize,
    pub(crate) member: Member,
    /// The name that accessors are made of.
    pub(crate) ident: Ident,
    pub(crate) vis: Visibility,
    pub(crate) ty: Type,
    pub(crate) docs: Vec<Attribute>,
    pub(crate) deprecated: Option<Attribute>,
    /// The levels of lints that are set on the field.
    pub(crate) lints: Vec<Attribute>,
    pub(crate) attrs: FieldAttrs,
    /// Whether the accessors are made; not if they would collide.
    pub(crate) accessors: bool,
    /// Whether the type can be stored at all.
    pub(crate) storable: bool,
}

impl Model {
    pub(crate) fn new(input: &DeriveInput, fields: &Fields, attrs: ContainerAttrs, errors: &mut Errors) -> Self {
        let begins = errors.is_empty() && attrs.required.is_none();
        let mut mistakes = Errors::default();
        let read = |(index, field)| Field::new(index, field, &input.ident, &mut mistakes);
        let fields: Vec<Field> = fields.iter().enumerate().map(read).collect();
        let fields_understood = mistakes.is_empty();
        errors.append(mistakes);
        let deprecated = deprecation(&input.attrs).is_some() || fields.iter().any(|field| field.deprecated.is_some());
        Self {
            ident: input.ident.clone(),
            vis: input.vis.clone(),
            krate: attrs.krate.unwrap_or_else(|| parse_quote!(::rocket_typed_session)),
            name: attrs.name,
            required: attrs.required,
            begins,
            conditions: attrs.conditions,
            guards: attrs.guards.into_iter().map(|guard| Guard::new(guard, &input.vis)).collect(),
            edit: attrs.edit.unwrap_or_else(|| format_ident!("{}Mut", input.ident, span = input.ident.span())),
            fields,
            fields_understood,
            lints: lints::levels(&input.attrs),
            deprecated,
        }
    }

    /// Returns the field that names the owner of a session.
    pub(crate) fn identifier(&self) -> Option<&Field> {
        self.fields.iter().find(|field| field.attrs.identifier.is_some())
    }

    /// Returns the field that conditions are about.
    pub(crate) fn role(&self) -> Option<&Field> {
        self.fields.iter().find(|field| field.attrs.role.is_some())
    }

    /// Returns the field that is compared with what the owner's account has now.
    pub(crate) fn stamp(&self) -> Option<&Field> {
        self.fields.iter().find(|field| field.attrs.stamp.is_some())
    }

    /// Returns the name of a type parameter, which is none of the types that the struct names.
    pub(crate) fn parameter(&self, name: &str) -> Ident {
        let types = self.fields.iter().map(|field| field.ty.to_token_stream());
        let is_taken = self.ident == name || types.into_iter().any(|tokens| mentions(tokens, name));
        if is_taken { format_ident!("__{name}") } else { format_ident!("{name}") }
    }

    /// Returns the key `secret` of the first field that has it.
    pub(crate) fn secret(&self) -> Option<&Ident> {
        self.fields.iter().find_map(|field| field.attrs.secret.as_ref())
    }
}

impl Guard {
    fn new(attrs: GuardAttrs, vis: &Visibility) -> Self {
        Self {
            ident: attrs.ident,
            vis: attrs.vis.unwrap_or_else(|| vis.clone()),
            conditions: attrs.conditions,
            otherwise: attrs.otherwise,
        }
    }
}

impl Field {
    fn new(index: usize, field: &syn::Field, container: &Ident, errors: &mut Errors) -> Self {
        let is_doc = |attr: &&Attribute| attr.path().is_ident("doc");
        Self {
            index,
            member: field.ident.clone().map_or_else(|| Member::from(index), Member::Named),
            ident: field.ident.clone().unwrap_or_else(|| Ident::new("entries", container.span())),
            vis: field.vis.clone(),
            ty: field.ty.clone(),
            docs: field.attrs.iter().filter(is_doc).cloned().collect(),
            deprecated: deprecation(&field.attrs),
            lints: lints::levels(&field.attrs),
            attrs: read_field(&field.attrs, errors),
            accessors: true,
            storable: true,
        }
    }

    /// Returns whether the field is that of a tuple struct.
    pub(crate) fn is_whole(&self) -> bool {
        matches!(self.member, Member::Unnamed(_))
    }

    /// Returns the name as users say it.
    pub(crate) fn name(&self) -> String {
        self.ident.unraw().to_string()
    }

    /// Returns the name under which the field is stored.
    pub(crate) fn stored_name(&self) -> String {
        self.attrs.rename.as_ref().map_or_else(|| self.name(), LitStr::value)
    }

    /// Returns what two writers of the field mean.
    pub(crate) fn merge(&self) -> Merge {
        match &self.attrs.merge {
            _ if self.is_whole() && self.storable => Merge::Entries,
            Some((_, merge)) => *merge,
            None => Merge::Replace,
        }
    }

    /// Returns whether the field is a map or set that is merged key by key.
    pub(crate) fn is_keyed(&self) -> bool {
        matches!(self.merge(), Merge::Entries | Merge::Members)
    }

    /// Returns whether setting the field rotates the session's token.
    pub(crate) fn rotates(&self) -> bool {
        let FieldAttrs { identifier, role, stamp, rotate, .. } = &self.attrs;
        [identifier, role, stamp, rotate].into_iter().any(Option::is_some)
    }

    /// Returns what becomes of a stored value that the field can not read, where that is not the usual.
    pub(crate) fn ends_undecodable(&self) -> bool {
        match self.attrs.undecodable {
            Some(undecodable) => undecodable == Undecodable::End,
            None => self.attrs.identifier.is_some() || self.attrs.stamp.is_some(),
        }
    }

    /// Returns the names of the accessors, the getter's first.
    pub(crate) fn accessor_names(&self) -> Vec<Ident> {
        if self.is_whole() {
            return Vec::new();
        }
        let prefixes: &[&str] = match self.merge() {
            _ if self.attrs.flash.is_some() => &["set", "take"],
            Merge::Add => &["set", "add"],
            Merge::Entries | Merge::Members => &["set", "insert", "remove"],
            Merge::Replace | Merge::Reject => &["set"],
        };
        std::iter::once(self.ident.clone()).chain(prefixes.iter().map(|prefix| self.accessor(prefix))).collect()
    }

    /// Returns the name of an accessor.
    pub(crate) fn accessor(&self, prefix: &str) -> Ident {
        format_ident!("{prefix}_{}", self.ident, span = self.ident.span())
    }
}

fn mentions(tokens: TokenStream, name: &str) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(word) => word == name,
        TokenTree::Group(group) => mentions(group.stream(), name),
        _ => false,
    })
}

fn deprecation(attrs: &[Attribute]) -> Option<Attribute> {
    attrs.iter().find(|attr| attr.path().is_ident("deprecated")).cloned()
}
