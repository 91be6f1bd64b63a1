//! The code shown in the documents.

use std::fs;
use std::path::{Path, PathBuf};

/// The folder of the workspace.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A document of the workspace.
///
/// # Panics
/// If it does not exist.
pub fn document(path: &str) -> String {
    fs::read_to_string(root().join(path)).expect("a document of the workspace")
}

/// The blocks of a document in this language.
///
/// # Panics
/// As [`document`].
pub fn blocks(path: &str, language: &str) -> Vec<String> {
    let (document, begin) = (document(path), format!("```{language}\n"));
    let blocks = document.split(begin.as_str()).skip(1);
    let blocks = blocks.filter_map(|block| block.split("```").next());
    blocks.map(str::to_owned).collect()
}

/// The calls in the second column of the table in docs/numpy.md.
///
/// # Panics
/// If it has no such table.
pub fn calls() -> Vec<String> {
    let numpy = document("docs/numpy.md");
    let table = numpy.split("| NumPy | Rust | shell |").nth(1);
    let table = table.expect("a table");
    let rows = table.lines().skip(1).take_while(|row| !row.is_empty());
    let cells = rows.filter_map(|row| row.split('|').nth(2));
    let calls = cells.flat_map(|cell| cell.split('`').skip(1).step_by(2));
    calls.map(str::to_owned).collect()
}
