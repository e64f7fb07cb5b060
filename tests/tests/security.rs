//! What `docs/security.md` says of requirements, defaults and tests is so.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use rocket::figment::Figment;
use rocket::figment::providers::{Format, Toml};
use rocket_typed_session::Config;

/// A line of the table.
struct Row {
    id: String,
    default: String,
    tests: Vec<String>,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn rows() -> Vec<Row> {
    let page = fs::read_to_string(root().join("docs/security.md")).unwrap();
    let lines = page.lines().filter(|line| line.starts_with("| ") && line.as_bytes()[3] == b'-');
    lines.map(Row::read).collect()
}

impl Row {
    fn read(line: &str) -> Self {
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        let [id, requirement, source, default, tests] = cells[..] else { panic!("five cells: {line}") };
        assert!(!requirement.is_empty() && !source.is_empty() && !default.is_empty(), "{line}");
        Self { id: id.into(), default: default.into(), tests: spans(tests) }
    }

    /// Returns what the names of its tests begin with.
    fn prefix(&self) -> String {
        self.id.to_lowercase().replace('-', "_") + "_"
    }
}

/// Returns what stands between backticks.
fn spans(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Returns the names of all tests that begin with a requirement, and are run.
fn tests() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for folder in ["tests/tests", "tests/browser", "session/src"] {
        collect(&root().join(folder), &mut names);
    }
    names
}

fn collect(folder: &Path, names: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, names);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            names.extend(run_by(&fs::read_to_string(path).unwrap()));
        }
    }
}

/// Returns the names of a file's tests that begin with a requirement, and are run: those that are marked as tests, or
/// listed for a macro that writes them for each storage.
fn run_by(source: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut attributes = Vec::new();
    for line in source.lines().map(str::trim) {
        if line.starts_with("#[") {
            attributes.push(line);
            continue;
        }
        let function = line.trim_start_matches("async ").strip_prefix("fn ").and_then(|rest| rest.split('(').next());
        let marked = function.filter(|_| attributes.iter().any(|attribute| attribute.ends_with("test]")));
        let name = marked.or_else(|| line.split_whitespace().next().filter(|word| *word == line));
        if let Some(name) = name.filter(|name| is_of_requirement(name)) {
            assert!(!attributes.iter().any(|attribute| attribute.starts_with("#[ignore")), "the test {name} is run");
            names.insert(name.to_owned());
        }
        attributes.clear();
    }
    names
}

fn is_of_requirement(name: &str) -> bool {
    matches!(name.as_bytes(), [b'a' | b'c' | b'f' | b'l' | b's' | b't', b'_', b'0'..=b'9', b'0'..=b'9', b'_', ..])
}

#[test]
fn every_requirement_stands_once_in_the_table() {
    let counts = BTreeMap::from([('T', 7), ('C', 11), ('L', 9), ('A', 16), ('F', 16), ('S', 4)]);
    let numbered =
        |(letter, count): (&char, &u32)| (1..=*count).map(|n| format!("{letter}-{n:02}")).collect::<Vec<_>>();
    let mut expected: Vec<String> = counts.iter().flat_map(numbered).collect();
    let mut found: Vec<String> = rows().into_iter().map(|row| row.id).collect();
    expected.sort();
    found.sort();
    assert_eq!(found, expected);
}

#[test]
fn every_requirement_has_its_tests() {
    let tests = tests();
    for row in rows() {
        assert!(!row.tests.is_empty(), "{} has a test", row.id);
        for test in &row.tests {
            assert!(test.starts_with(&row.prefix()), "{test} shows {}", row.id);
            assert!(tests.contains(test), "there is a test {test}");
        }
    }
}

#[test]
fn every_test_of_a_requirement_stands_in_the_table() {
    let listed: BTreeSet<String> = rows().into_iter().flat_map(|row| row.tests).collect();
    let missing: Vec<String> = tests().difference(&listed).cloned().collect();
    assert!(missing.is_empty(), "what is in no row: {missing:?}");
}

#[test]
fn the_defaults_are_those() {
    let defaults = rows().iter().flat_map(|row| spans(&row.default)).collect::<Vec<_>>();
    let mut written = defaults.iter().filter(|span| span.contains(" = ") && !span.starts_with('#')).peekable();
    assert!(written.peek().is_some(), "some defaults are keys");
    let unset = Config::from_figment(&Figment::new(), "session").unwrap();
    for default in written {
        let table = Toml::string(&format!("[default.session]\n{default}")).nested();
        let set = Config::from_figment(&Figment::from(table), "session").unwrap();
        assert_eq!(format!("{set:?}"), format!("{unset:?}"), "{default} changes nothing");
    }
}
