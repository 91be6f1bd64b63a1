//! Arrays that grow in a file whose operations fail, one after another.

use flatfile::Array;
use flatfile::npy::{self, Appender, RowWriter};
use flatfile::npy_header::Header;
use std::io::{self, Cursor, Read, Seek, SeekFrom, Write};

/// Rows of three numbers that count on from `first`.
fn rows(first: usize, count: usize) -> Array {
    let items: Vec<u16> = (first * 3..(first + count) * 3).map(|i| i as u16).collect();
    Array::from_vec(items, [count, 3]).unwrap()
}

/// The way in which an operation fails.
#[derive(Clone, Copy, Debug)]
enum Fault {
    Error,
    /// Half of it is done, then it fails.
    Half,
    /// It and all later ones fail.
    Forever,
    /// It is interrupted, which is not a failure.
    Interrupted,
}

/// A file that fails at the operation with this number.
struct Faulty {
    file: Cursor<Vec<u8>>,
    left: usize,
    fault: Fault,
}

impl Faulty {
    /// `Some` if this operation is to fail.
    fn fault(&mut self) -> Option<Fault> {
        match (self.left, self.fault) {
            (0, Fault::Forever) => Some(self.fault),
            (0, _) => None,
            (1, fault) => {
                self.left = 0;
                Some(fault)
            }
            _ => {
                self.left -= 1;
                None
            }
        }
    }
}

fn failure(fault: Fault) -> io::Error {
    match fault {
        Fault::Interrupted => io::ErrorKind::Interrupted.into(),
        _ => io::ErrorKind::StorageFull.into(),
    }
}

impl Read for Faulty {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        match self.fault() {
            None => self.file.read(bytes),
            Some(fault) => Err(failure(fault)),
        }
    }
}

impl Write for Faulty {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.fault() {
            None => self.file.write(bytes),
            // A sector is written atomically.
            Some(Fault::Half) if self.file.position() >= 128 => {
                self.left = 1;
                self.fault = Fault::Error;
                self.file.write(&bytes[..bytes.len().div_ceil(2)])
            }
            Some(fault) => Err(failure(fault)),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self.fault() {
            None | Some(Fault::Interrupted) => Ok(()),
            Some(fault) => Err(failure(fault)),
        }
    }
}

impl Seek for Faulty {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        match self.fault() {
            None | Some(Fault::Interrupted) => self.file.seek(to),
            Some(fault) => Err(failure(fault)),
        }
    }
}

/// Whichever operation fails, and however, the file holds the old array or the new one.
#[test]
fn a_failure_leaves_the_old_array_or_the_new_one() {
    let (old, new) = (rows(0, 9), rows(0, 12));
    let begin = npy::to_bytes(&old).unwrap();
    let append = |file: &mut Faulty| {
        let mut appender = Appender::open(file)?;
        appender.push(&rows(9, 1))?;
        appender.push(&rows(10, 2))?;
        let result = appender.commit();
        if result.is_err() {
            // Whatever failed, it is not tried again.
            assert!(appender.commit().is_err());
            assert!(appender.push(&rows(12, 1)).is_err());
        }
        result
    };
    let mut failures = 0;
    for fault in [
        Fault::Error,
        Fault::Half,
        Fault::Forever,
        Fault::Interrupted,
    ] {
        for left in 1.. {
            let file = Cursor::new(begin.clone());
            let mut faulty = Faulty { file, left, fault };
            let result = append(&mut faulty);
            let bytes = faulty.file.get_ref();
            let (found, _) = npy::parse(bytes).unwrap();
            let expected = match result {
                Ok(()) => &new,
                Err(_) if found.shape() == old.shape() => &old,
                Err(_) => &new,
            };
            failures += usize::from(result.is_err());
            assert_eq!(found.as_bytes(), expected.as_bytes(), "{fault:?} {left}");
            if faulty.left > 0 {
                break;
            }
        }
    }
    assert!(failures > 30, "{failures}");
}

#[test]
fn rows_that_failed_half_way_are_no_array() {
    let header = Header::new(rows(0, 2).layout().clone());
    let (file, fault) = (Cursor::new(Vec::new()), Fault::Error);
    let mut writer = RowWriter::new(
        Faulty {
            file,
            left: 2,
            fault,
        },
        &header,
    )
    .unwrap();
    assert!(writer.push(&rows(0, 1)).is_err());
    assert!(writer.push(&rows(0, 2)).is_err());
    assert!(writer.finish().is_err());
}
