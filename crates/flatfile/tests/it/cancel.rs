//! Cancelled work stops soon, with an error for the cancellation.

use flatfile::dtype::{ByteOrder, Casting, DType, Layout, Order};
use flatfile::{Array, CancelToken, Cancellable, Cancelled, Conversion, Error, ErrorKind, Forward};
use flatfile::{ReadAt, Reader, npy, raw};
use std::io::{self, Read, Write};
use std::sync::atomic::{AtomicU64, Ordering};

/// The most that several threads may still read or write afterwards: the current piece of each.
const PIECES: u64 = 64 << 20;

/// An endless source and a target, either of which cancels its token after this many bytes.
struct Canceller {
    token: CancelToken,
    after: u64,
    passed: AtomicU64,
}

impl Canceller {
    fn after(bytes: u64) -> Canceller {
        Canceller {
            token: CancelToken::new(),
            after: bytes,
            passed: AtomicU64::new(0),
        }
    }

    fn pass(&self, bytes: usize) -> usize {
        let passed = self.passed.fetch_add(bytes as u64, Ordering::Relaxed);
        if passed + bytes as u64 >= self.after {
            self.token.cancel();
        }
        bytes
    }

    fn cancellable(&self) -> Cancellable<&Canceller> {
        Cancellable::new(self, self.token.clone())
    }

    fn assert_stopped(&self, error: Error) {
        let ErrorKind::Io(error) = error.into_kind() else {
            panic!("not an error of I/O");
        };
        assert!(Cancelled::is_cause_of(&error), "{error}");
        let passed = self.passed.load(Ordering::Relaxed);
        assert!(
            (self.after..self.after + PIECES).contains(&passed),
            "{passed}"
        );
    }
}

/// The length of the largest array of these tests.
const LENGTH: usize = 96 << 20;

impl ReadAt for Canceller {
    fn len(&self) -> io::Result<u64> {
        Ok(LENGTH as u64)
    }

    fn read_at(&self, bytes: &mut [u8], _: u64) -> io::Result<usize> {
        Ok(self.pass(bytes.len()))
    }
}

impl Read for &Canceller {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        Ok(self.pass(bytes.len()))
    }
}

impl Write for &Canceller {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(self.pass(bytes.len()))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Conversions, some of which change items, and some of which need every byte before they return anything.
fn conversions() -> [Conversion; 4] {
    [
        Conversion::new(),
        Conversion::new().byte_order(ByteOrder::Big),
        Conversion::new().order(Order::Fortran),
        Conversion::new().astype(DType::F32, Casting::SameKind),
    ]
}

fn layout() -> Layout {
    Layout::new(DType::F64, vec![LENGTH / 8 / 64, 64], Order::C).unwrap()
}

#[test]
fn reading_at_positions_stops() {
    for conversion in conversions() {
        for after in [1, 20 << 20] {
            let source = Canceller::after(after);
            let reader = Reader::raw(source.cancellable(), layout(), 0);
            let read = reader.conversion(conversion.clone()).read();
            source.assert_stopped(read.unwrap_err());
        }
    }
}

#[test]
fn reading_a_stream_stops() {
    for conversion in conversions() {
        let source = Canceller::after(20 << 20);
        let reader = Reader::raw(Forward::new(source.cancellable()), layout(), 0);
        let read = reader.conversion(conversion).read();
        source.assert_stopped(read.unwrap_err());
    }
}

#[test]
fn row_blocks_stop_between_blocks() {
    let source = Canceller::after(20 << 20);
    let reader = Reader::raw(source.cancellable(), layout(), 0);
    let mut count = 0;
    for block in reader.row_blocks(10_000).unwrap() {
        match block {
            Ok(_) => count += 1,
            Err(error) => source.assert_stopped(error),
        }
    }
    // The next one is read in two pieces; the second one is not read.
    assert_eq!(count, (20 << 20) / (10_000 * 64 * 8));
}

#[test]
fn writing_stops() {
    let array = Array::from_vec(vec![0f64; 5 << 20], [1 << 19, 10]).unwrap();
    for conversion in conversions() {
        let target = Canceller::after(10 << 20);
        let options = npy::WriteOptions::new().conversion(conversion.clone());
        let written = options.write(target.cancellable(), &array);
        target.assert_stopped(written.unwrap_err());

        let target = Canceller::after(10 << 20);
        let options = raw::WriteOptions::new().conversion(conversion);
        let written = options.write(target.cancellable(), &array);
        target.assert_stopped(written.unwrap_err());
    }
}

#[cfg(feature = "text")]
#[test]
fn text_stops() {
    use flatfile::text;
    // Zeros are not numbers, so the text is spaces that never end.
    struct Spaces<'a>(&'a Canceller);
    impl Read for Spaces<'_> {
        fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
            bytes.fill(b' ');
            Ok(self.0.pass(bytes.len()))
        }
    }
    let source = Canceller::after(10 << 20);
    let text = Cancellable::new(Spaces(&source), source.token.clone());
    let read = text::read(text, DType::F64, " ");
    source.assert_stopped(read.unwrap_err());

    let array = Array::from_vec(vec![0f64; 5 << 20], [1 << 19, 10]).unwrap();
    let target = Canceller::after(10 << 20);
    let written = text::table::WriteOptions::new().write(target.cancellable(), &array);
    target.assert_stopped(written.unwrap_err());
}

/// If a token is not cancelled, everything is as without a token, memory included.
#[test]
fn without_a_token_nothing_changes() {
    let bytes = vec![1u8, 2, 3];
    let plain = Cancellable::from(&bytes);
    assert_eq!(plain.as_bytes(), Some(&bytes[..]));
    let mut kept = CancelToken::new().check().map(|()| Vec::new()).unwrap();
    Cancellable::from(&bytes[..])
        .read_to_end(&mut kept)
        .unwrap();
    assert_eq!(kept, bytes);
}
