//! What the README says where no doctest looks.

const README: &str = include_str!("../../README.md");

/// Returns the names in code font that stand in brackets, as links do.
fn linked() -> impl Iterator<Item = &'static str> {
    README.split("[`").skip(1).filter_map(|rest| Some(rest.split_once("`]")?.0))
}

/// Rustdoc finds items by their names; GitHub and the registry do not.
#[test]
fn every_name_that_is_a_link_leads_to_the_documentation() {
    let undefined = |name: &&str| {
        let definition = format!("[`{name}`]: https://docs.rs/rocket_typed_session/latest/rocket_typed_session/");
        !README.lines().any(|line| line.starts_with(&definition))
    };
    assert!(linked().count() >= 6);
    assert_eq!(linked().filter(undefined).collect::<Vec<_>>(), [""; 0]);
}
