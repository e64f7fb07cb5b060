//! What the README says where no doctest looks.

const README: &str = include_str!("../../README.md");
const WORKSPACE: &str = include_str!("../../Cargo.toml");

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

/// Returns what stands in quotes after a text.
fn quoted_after<'t>(text: &'t str, before: &str) -> &'t str {
    let (_, after) = text.split_once(before).unwrap_or_else(|| panic!("`{before}` is there"));
    after.split('"').nth(1).unwrap()
}

#[test]
fn the_versions_to_depend_on_are_those_of_the_workspace() {
    let (major_and_minor, _) = quoted_after(WORKSPACE, "\nversion = ").rsplit_once('.').unwrap();
    assert_eq!(quoted_after(README, "\nrocket_typed_session = { version = "), major_and_minor);
    assert_eq!(quoted_after(README, "\nrocket = "), quoted_after(WORKSPACE, "\nrocket = { version = "));
}
