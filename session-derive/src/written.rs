//! What a type is, as far as it can be known from how it is written.

use syn::{GenericArgument, PathArguments, PathSegment, Type};

/// A type known by its name.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Written {
    Integer,
    Float,
    /// Another type that is copied: `bool`, `char`, and the integers of 128 bits.
    Scalar,
    Text,
    Option,
    Map,
    Set,
    Other,
}

/// Returns what a type is; [`None`] for names that may be anything.
pub(crate) fn written(ty: &Type) -> Option<Written> {
    let path = match bare(ty) {
        Type::Path(path) if path.qself.is_none() => &path.path,
        Type::Tuple(_) | Type::Array(_) | Type::Reference(_) => return Some(Written::Other),
        _ => return None,
    };
    Some(match path.segments.last()?.ident.to_string().as_str() {
        "i8" | "i16" | "i32" | "i64" | "isize" | "u8" | "u16" | "u32" | "u64" | "usize" => Written::Integer,
        "f32" | "f64" => Written::Float,
        "i128" | "u128" | "bool" | "char" => Written::Scalar,
        "String" => Written::Text,
        "Option" => Written::Option,
        "BTreeMap" | "HashMap" => Written::Map,
        "BTreeSet" | "HashSet" => Written::Set,
        "Vec" | "VecDeque" | "Box" | "Rc" | "Arc" | "Cow" | "Result" => Written::Other,
        _ => return None,
    })
}

/// Returns the types between the angle brackets of a type.
pub(crate) fn arguments(ty: &Type) -> Vec<&Type> {
    let Some(PathSegment { arguments: PathArguments::AngleBracketed(list), .. }) = last_segment(ty) else {
        return Vec::new();
    };
    let types = list.args.iter().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    });
    types.collect()
}

/// Returns a type without what holds it together: parentheses, or that it came to a `macro_rules!` as one.
pub(crate) fn bare(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => bare(&group.elem),
        Type::Paren(paren) => bare(&paren.elem),
        _ => ty,
    }
}

fn last_segment(ty: &Type) -> Option<&PathSegment> {
    match bare(ty) {
        Type::Path(path) => path.path.segments.last(),
        _ => None,
    }
}
