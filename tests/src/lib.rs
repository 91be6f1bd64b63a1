//! Code shared by the tests that cross layers: the fixtures with NumPy's answers, and NumPy itself.

pub mod archives;
mod cases;
mod command;
mod dice;
pub mod documents;
#[cfg(target_os = "linux")]
pub mod faults;
pub mod fuzz;
pub mod fuzz_table;
pub mod fuzz_text;
mod items;
mod numpy;
pub mod references;
#[cfg(unix)]
pub mod signals;
mod started;
#[cfg(unix)]
pub mod terminal;

pub use cases::{Answer, Case, cases, sha256};
pub use command::{
    Ran, archive_of, built, command_path, failed, not_found, ran, run, sample_archives,
    sample_folder, shell, stdout_of,
};
pub use dice::Dice;
pub use items::{hex, random_item, unhex, unhex_text};
pub use numpy::{NumPy, numpy_has, python};

use std::io::Write;
use std::path::{Path, PathBuf};

/// The folder of fixtures.
pub fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

/// The files that other programs wrote; they are not part of the project. `None`, with a printed message,
/// if they are missing.
pub fn corpus() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus");
    if folder.join("manifest.json").is_file() {
        return Some(folder);
    }
    skipped("no corpus of foreign files beside the project");
    None
}

/// Prints why the test of this thread is skipped, even though the output of passing tests is otherwise captured.
pub fn skipped(why: &str) {
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("a test");
    let _ = writeln!(std::io::stderr(), "SKIPPED {test}: {why}");
}

/// The code in the documents is run as documentation tests of this package.
#[cfg(doctest)]
mod doctested {
    #[doc = include_str!("../../docs/metadata.md")]
    struct Metadata;
    #[doc = include_str!("../../crates/dtype/README.md")]
    struct DtypeReadme;
    #[doc = include_str!("../../crates/dtype-derive/README.md")]
    struct DeriveReadme;
    #[doc = include_str!("../../crates/npy-header/README.md")]
    struct HeaderReadme;
    #[doc = include_str!("../../crates/flatfile/README.md")]
    struct FlatfileReadme;
    #[doc = include_str!("../../crates/npz/README.md")]
    struct NpzReadme;
    #[doc = include_str!("../../crates/npmeta/README.md")]
    struct NpmetaReadme;
    #[doc = include_str!("../../crates/npio/README.md")]
    struct NpioReadme;
}
