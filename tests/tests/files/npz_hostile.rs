//! Inconsistent archives: the text of every error, and NumPy's result for the same bytes.

use conformance::archives::{Archived, Contents, archives, contents, streamed};
use npz::{Archive, Error};
use std::env;
use std::fmt::Write;
use std::fs;
use std::io::Cursor;
use std::path::Path;
use std::sync::Mutex;

/// The texts of all errors, reviewed by hand. `NPIO_BLESS=1` rewrites them.
const ERRORS: &str = "tests/npz_hostile.txt";

fn message(read: &Result<Contents, Error>) -> String {
    match read {
        Ok(contents) => {
            let names: Vec<_> = contents
                .iter()
                .map(|(name, _)| format!("{name:?}"))
                .collect();
            format!("reads {}", names.join(", "))
        }
        Err(error) => error.to_string(),
    }
}

/// All members through every entry point that seeks, which have to agree.
fn read(case: &Archived, bytes: &[u8]) -> Result<Contents, Error> {
    let name = &case.name;
    let slice = Archive::new(bytes).and_then(|archive| contents(&archive));
    let seekable =
        Archive::new(Mutex::new(Cursor::new(bytes))).and_then(|archive| contents(&archive));
    let file = fs::File::open(case.path()).unwrap();
    let file = Archive::open(file).and_then(|archive| contents(&archive));
    for other in [seekable, file] {
        assert_eq!(message(&slice), message(&other), "{name}");
        assert_eq!(slice.as_ref().ok(), other.as_ref().ok(), "{name}");
    }
    slice
}

#[test]
fn every_lie_has_its_error() {
    let mut texts = String::new();
    for case in archives("hostile-npz") {
        let bytes = case.bytes();
        let (archive, stream) = (read(&case, &bytes), streamed(&bytes[..]));
        if let (Ok(archive), Ok(stream)) = (&archive, &stream) {
            assert_eq!(archive, stream, "{}", case.name);
        }
        let name = &case.name;
        let (archive, stream) = (message(&archive), message(&stream));
        writeln!(texts, "{name}\n  archive: {archive}\n  stream:  {stream}").unwrap();
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(ERRORS);
    if env::var_os("NPIO_BLESS").is_some() {
        fs::write(path, texts).unwrap();
        return;
    }
    let expected = fs::read_to_string(path).unwrap();
    for (found, expected) in texts.lines().zip(expected.lines()) {
        // A length that addresses of 32 bits cannot have is wrong before the file is known to be too short for it.
        if usize::BITS < 64 && found.contains("the integer is too large") {
            assert!(expected.contains("the data is too short"), "{expected}");
            continue;
        }
        assert_eq!(found, expected);
    }
    assert_eq!(texts.lines().count(), expected.lines().count());
}
