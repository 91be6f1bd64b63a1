//! Archives whose source fails, is interrupted, or gives a few bytes at a time.

use conformance::archives::{archives, contents, streamed};
use npz::{Archive, ErrorKind};
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::sync::Mutex;

/// A source that fails at its call number `at`, and at all later ones if `forever`.
struct Failing<'a> {
    source: Cursor<&'a [u8]>,
    calls: usize,
    at: usize,
    forever: bool,
    kind: io::ErrorKind,
    most: usize,
}

impl Failing<'_> {
    fn call(&mut self) -> io::Result<()> {
        self.calls += 1;
        if self.calls == self.at || self.forever && self.calls > self.at {
            Err(self.kind.into())
        } else {
            Ok(())
        }
    }
}

impl Read for Failing<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.call()?;
        let most = bytes.len().min(self.most);
        self.source.read(bytes.get_mut(..most).unwrap_or_default())
    }
}

impl Seek for Failing<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.source.seek(to)
    }
}

fn failing(
    bytes: &[u8],
    at: usize,
    forever: bool,
    kind: io::ErrorKind,
    most: usize,
) -> Failing<'_> {
    Failing {
        source: Cursor::new(bytes),
        calls: 0,
        at,
        forever,
        kind,
        most,
    }
}

#[test]
fn a_source_that_fails_is_an_error_and_one_that_waits_is_none() {
    let seeds = [
        "stored",
        "compressed",
        "streamed",
        "compressed-streamed",
        "longer",
        "behind-a-prefix",
    ];
    let cases = archives("npz").into_iter();
    for case in cases.filter(|case| seeds.contains(&case.name.as_str())) {
        let (name, bytes) = (case.name.as_str(), case.bytes());
        let expected = contents(&Archive::new(&bytes).unwrap()).unwrap();
        // There are many calls if each gives a few bytes.
        for (most, step) in [(usize::MAX, 1), (1 + bytes.len() / 60, 1), (7, 13)] {
            for at in (1..).step_by(step) {
                let source = |kind, forever| failing(&bytes, at, forever, kind, most);
                let open = |kind, forever| {
                    let archive = Archive::new(Mutex::new(source(kind, forever)))?;
                    contents(&archive)
                };
                let waited = open(io::ErrorKind::Interrupted, false).unwrap();
                assert!(waited == expected, "{name}: interrupted at {at}");
                let mut is_over = true;
                for forever in [false, true] {
                    match open(io::ErrorKind::StorageFull, forever) {
                        Ok(read) => assert!(read == expected, "{name}: failed at {at}"),
                        Err(error) => {
                            is_over = false;
                            assert!(matches!(error.kind(), ErrorKind::Io(_)), "{name}: {error}");
                        }
                    }
                    if name == "behind-a-prefix" {
                        continue;
                    }
                    match streamed(source(io::ErrorKind::StorageFull, forever)) {
                        Ok(read) => assert!(read == expected, "{name}: failed at {at}"),
                        Err(error) => {
                            is_over = false;
                            assert!(matches!(error.kind(), ErrorKind::Io(_)), "{name}: {error}");
                        }
                    }
                }
                if name != "behind-a-prefix" {
                    let waited = streamed(source(io::ErrorKind::Interrupted, false)).unwrap();
                    assert!(waited == expected, "{name}: interrupted at {at}");
                }
                if is_over {
                    break;
                }
            }
        }
    }
}
