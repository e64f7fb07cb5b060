//! Every key of every attribute, with every mistake that any key can have.

use syn::Attribute;
use syn::parse::Parser;

use super::key::{FIELD, Form, GUARD, Key, Place, STRUCT};
use super::{read, read_field};
use crate::errors::Errors;

/// Returns what is said of a text in an attribute.
type Said = fn(&str) -> Vec<String>;

fn attrs(text: &str) -> Vec<Attribute> {
    Attribute::parse_outer.parse_str(&format!("#[session({text})]")).unwrap()
}

/// Returns what is said of an attribute of a struct.
fn on_struct(text: &str) -> Vec<String> {
    let mut errors = Errors::default();
    read(&attrs(text), &mut errors);
    errors.messages()
}

fn on_guard(text: &str) -> Vec<String> {
    on_struct(&format!("guard(Admin, {text})"))
}

fn on_field(text: &str) -> Vec<String> {
    let mut errors = Errors::default();
    read_field(&attrs(text), &mut errors);
    errors.messages()
}

const PLACES: [(&Place, Said); 3] = [(&STRUCT, on_struct), (&GUARD, on_guard), (&FIELD, on_field)];

/// Each key, with where it may stand, and what is said there.
fn keys() -> impl Iterator<Item = (&'static Place, &'static Key, Said)> {
    PLACES.into_iter().flat_map(|(place, said)| place.keys.iter().map(move |key| (place, key, said)))
}

/// Asserts that one thing is said of a text, which has these words in it.
fn assert_said(said: Said, text: &str, words: &str) {
    let said = said(text);
    assert!(said.len() == 1 && said[0].contains(words), "`{text}`: {said:?} should say: {words}");
}

/// Returns how a key is written.
fn written(key: &Key) -> String {
    match key.form {
        Form::FlagOrGiven => format!("`{}`, or `{}`", key.name, key.example),
        _ => format!("`{}`", key.example),
    }
}

#[test]
fn every_key_is_written_as_its_example() {
    for (_, key, said) in keys() {
        assert_eq!(said(key.example), Vec::<String>::new(), "{}", key.example);
        assert!(key.example.starts_with(key.name));
    }
}

#[test]
fn the_key_that_was_meant_is_named() {
    for (place, key, said) in keys() {
        let misspelt = key.example.replacen(key.name, &format!("{}e", key.name), 1);
        assert_said(said, &misspelt, &format!("unknown key `{}e`; did you mean `{}`?", key.name, key.name));
        assert_said(said, &misspelt, &format!("{} has `", place.name));
    }
}

#[test]
fn a_key_is_given_once_unless_it_may_repeat() {
    for (_, key, said) in keys() {
        let twice = format!("{0}, {0}", key.example);
        if key.repeats {
            assert_eq!(said(&twice), Vec::<String>::new(), "{twice}");
        } else {
            assert_said(said, &twice, &format!("duplicate `{}`; ", key.name));
        }
    }
}

#[test]
fn what_a_missing_value_looks_like_is_shown() {
    for (_, key, said) in keys() {
        let Key { name, example, .. } = key;
        assert_said(said, &format!("{name} = "), &format!("`{name}` has no value; write {}", written(key)));
        if matches!(key.form, Form::Given | Form::List) {
            assert_said(said, name, &format!("`{name}` needs a value; write `{example}`"));
        }
        if key.form == Form::List {
            assert_said(said, &format!("{name}()"), &format!("`{name}` is empty; write `{example}`"));
        }
    }
}

#[test]
fn what_is_written_in_the_wrong_shape_is_shown_in_the_right_one() {
    for (_, key, said) in keys() {
        let Key { name, example, .. } = key;
        let (given, list) = (format!("{name} = 1"), format!("{name}(1)"));
        match key.form {
            Form::Flag => {
                for text in [given, list] {
                    assert_said(said, &text, &format!("`{name}` takes no value; write `{name}`"));
                }
            }
            Form::List => assert_said(said, &given, &format!("`{name}` is not written so; write `{example}`")),
            Form::Given | Form::FlagOrGiven => {
                assert_said(said, &list, &format!("`{name}` is not written so; write {}", written(key)));
            }
        }
    }
}

#[test]
fn what_a_value_of_the_wrong_kind_should_be_is_shown() {
    for (_, key, said) in keys() {
        let Key { name, example, .. } = key;
        let (text, words) = match key.form {
            Form::Flag => continue,
            Form::List if *name == "guard" => {
                (format!("{name}(+)"), format!("begins with its name; write `{example}`"))
            }
            Form::List => (format!("{name}(+)"), format!("this is not a value of `{name}`; write `{example}`")),
            _ => (format!("{name} = +"), format!("this is not a value of `{name}`; write {}", written(key))),
        };
        assert_said(said, &text, &words);
    }
}

#[test]
fn a_key_of_another_place_is_told_where_it_belongs() {
    for (_, key, _) in keys() {
        for (other, said) in PLACES {
            if !other.keys.iter().any(|known| known.name == key.name) {
                assert_said(said, key.example, &format!("`{}` belongs on ", key.name));
                assert_said(said, key.example, &format!("; {} has `", other.name));
            }
        }
    }
}

#[test]
fn a_comma_in_a_type_is_no_end_of_a_value() {
    for value in ["<u8 as T<u8, u8>>::N", "1 + <u8 as T<u8, u8>>::N", "f::<u8, u8>()", "1 << 2", "1 < 2"] {
        assert_eq!(on_field(&format!("default = {value}, rotate")), Vec::<String>::new(), "{value}");
    }
}

#[test]
fn what_follows_the_name_of_a_guard_follows_a_comma() {
    for text in ["guard(Admin role = \"x\")", "guard(Admin(role = \"x\"))", "guard(Admin = \"x\")"] {
        assert_said(on_struct, text, "expected a comma after `Admin`; write `guard(Admin, role = Role::Admin)`");
    }
}

#[test]
fn what_is_no_way_to_be_required_is_shown_both_ways() {
    for text in ["required = true", "required()", "required = refuse"] {
        assert_said(on_struct, text, "write `required`, or `required = forward`");
    }
}
