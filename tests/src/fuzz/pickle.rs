//! Any bytes as a pickle.

use npmeta::Value;
use npmeta::flatfile::dtype::Number;
use npmeta::json::{self, Style};
use npmeta::pickle::{self, Options};
use std::fmt::{self, Write};
use std::io;

/// A valid pickle is whole, and its value can be printed; if it has no opaque objects, it is written as a pickle that
/// reads back as the same value. An error's position is in the pickle. None of this takes more memory or levels than the
/// bytes allow.
///
/// # Panics
/// If that does not hold.
pub fn pickle(data: &[u8]) {
    let plain = Options::new().refuse_opaque().parse(data);
    let (value, length) = match pickle::parse(data) {
        Ok(parsed) => parsed,
        Err(error) => {
            assert!(
                error.offset().is_none_or(|at| at <= data.len() as u64),
                "{error}"
            );
            assert!(plain.is_err(), "{error}");
            return;
        }
    };
    let whole = pickle::check(data).expect("what was parsed");
    assert_eq!(whole, length as u64);
    print(&value);
    // One text can occur as often as there are bytes.
    let is_short = data.len() < 1024;
    if is_short && let Ok(text) = Style::Compact.to_string(&value) {
        json::parse(&text).expect("JSON");
    }
    let Ok((plain, plain_length)) = plain else {
        return;
    };
    assert_eq!(length, plain_length);
    let written = pickle::to_bytes(&value).expect("as deep as what was read");
    assert_eq!(pickle::to_bytes(&plain).ok().as_ref(), Some(&written));
    let (again, length) = pickle::parse(&written).expect("what was written");
    assert_eq!(length, written.len());
    if is_short {
        let (text, again) = (value.to_string(), again.to_string());
        // Numbers of ml_dtypes are written as the bytes that they are without it.
        let is_there = |number: &Number| number.is_extension() && text.contains(number.info().name);
        assert!(
            text == again || Number::ALL.iter().any(is_there),
            "{text} was read back as {again}"
        );
    }
    assert_eq!(pickle::to_bytes(&again).ok(), Some(written));
}

/// Prints a value, and what can be made of it, up to some length.
fn print(value: &Value) {
    // These fail at the end of the target.
    let _ = write!(Limited(0), "{value}");
    let _ = Style::Compact.write(value, Limited(0));
    let _ = Style::Python.write(value, Limited(0));
    if let Value::Objects(objects) = value
        && let Ok(array) = objects.to_plain()
    {
        assert!(!array.dtype().has_object());
        assert!(array.shape().starts_with(objects.shape()));
    }
}

/// A target that is full after 64 KiB.
struct Limited(usize);

impl Write for Limited {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0 += text.len();
        if self.0 > 64 << 10 {
            Err(fmt::Error)
        } else {
            Ok(())
        }
    }
}

impl io::Write for Limited {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        if self.0 > 64 << 10 {
            return Err(io::ErrorKind::StorageFull.into());
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
