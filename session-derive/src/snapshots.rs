//! Compares what the derive writes with what is committed; `SNAPSHOTS=overwrite` commits it.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

#[test]
fn expansions_are_those_committed() -> Result<()> {
    let mut structs: Vec<PathBuf> =
        fs::read_dir(folder("structs"))?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    structs.sort();
    assert!(!structs.is_empty());
    for path in structs {
        compare(&path)?;
    }
    Ok(())
}

fn compare(path: &Path) -> Result<()> {
    let source = fs::read_to_string(path)?;
    let expansion = prettyplease::unparse(&syn::parse2(crate::derive(source.parse()?))?);
    let committed = folder("snapshots").join(path.file_name().ok_or("a folder")?);
    if env::var("SNAPSHOTS").is_ok_and(|mode| mode == "overwrite") {
        fs::write(&committed, &expansion)?;
    }
    let expected = fs::read_to_string(&committed)?;
    assert_eq!(expansion, expected, "{} differs; look at it, then set SNAPSHOTS=overwrite", committed.display());
    Ok(())
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(name)
}
