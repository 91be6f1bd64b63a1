//! `cargo xtask tidy`: the project's rules that a program can check.
//!
//! They are also a test, so `cargo test` checks them, too.

mod files;
mod manifests;
mod rust;
mod text;

use std::path::Path;

use anyhow::{Result, bail};

use files::Files;

/// Fails with one line for every broken rule.
pub(crate) fn run(root: &Path) -> Result<()> {
    let files = Files::of(root)?;
    let problems = problems(&files)?;
    if !problems.is_empty() {
        bail!(
            "{} rules are broken\n{}",
            problems.len(),
            problems.join("\n")
        );
    }
    println!("tidy: {} files", files.len());
    Ok(())
}

/// `path:line: what is wrong`, sorted by path.
fn problems(files: &Files) -> Result<Vec<String>> {
    let mut problems = manifests::problems(files)?;
    for file in files.texts() {
        problems.extend(text::problems(file));
        if file.path.ends_with(".rs") {
            problems.extend(rust::problems(file));
        }
    }
    problems.sort();
    Ok(problems)
}

#[test]
fn the_house_is_tidy() -> Result<()> {
    let problems = problems(&Files::of(&crate::root()?)?)?;
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
    Ok(())
}
