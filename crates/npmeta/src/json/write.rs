//! Writing JSON.

use super::base64::encode_base64;
use crate::pickle::MAX_DEPTH;
use crate::value::{Description, Part, Text, check_lists, value_from_bytes};
use crate::{Dict, Error, ErrorKind, Value};
use flatfile::show::{push_json_string, python_float};
use std::fmt::Write as _;
use std::io::{self, Write};

/// A style of JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// As Python's `json.dumps`: a space after `,` and `:`. Values that it refuses are an error, except
    /// arrays and NumPy's scalars.
    Python,
    /// For display, on one line without spaces, including values that JSON has no form for. Complex numbers
    /// are `[re,im]`, dates and times ISO 8601, spans of time seconds, bytes text if they are ASCII, else
    /// `{"base64":"…"}`, sets lists, keys that are not texts Python's `repr`. Dtypes, ranges, slices and opaque
    /// objects are `{"__class__":"types.SimpleNamespace","args":[…],"state":…}`, with `kwargs`, `entries` and `items`
    /// if there are any; names are `{"__name__":"numpy.float64"}`.
    Compact,
}

/// `value` as JSON in the style of Python. Tuples become lists, arrays nested lists, and keys that are
/// numbers, `None` or a `bool` texts.
///
/// # Errors
/// `Unsupported`: values that Python's `json.dumps` also refuses, such as bytes, dates and sets. `Limit`: more text
/// than there is memory.
pub fn to_string(value: &Value) -> Result<String, Error> {
    Style::Python.to_string(value)
}

/// Bytes that are collected before they are written.
const FLUSH_BYTES: usize = 1 << 16;

impl Style {
    /// `value` as JSON in this style.
    ///
    /// # Errors
    /// As [`to_string`], if this style refuses anything; `Limit`: more than 100 levels, or more text than there is
    /// memory.
    pub fn to_string(self, value: &Value) -> Result<String, Error> {
        let mut text = GrowingText(Vec::new());
        match self.write(value, &mut text) {
            Err(error) if error.is_io() => {
                return Err(ErrorKind::Limit("a text of more bytes than there is memory").into());
            }
            written => written?,
        }
        String::from_utf8(text.0).map_err(|_| {
            let expected = "a text in UTF-8";
            ErrorKind::Syntax { expected }.into()
        })
    }

    /// Writes `value` as JSON in this style, without a line end. The text is not collected in memory: it may be much
    /// longer than the value, which may refer any number of times to one long text.
    ///
    /// # Errors
    /// As [`to_string`](Style::to_string), after a part has been written; `Array` with the I/O error of `out`.
    pub fn write(self, value: &Value, out: impl Write) -> Result<(), Error> {
        let mut writer = Writer {
            out,
            style: self,
            text: String::new(),
            depth: 0,
        };
        writer.value(value)?;
        writer.flush()
    }
}

/// A text in memory that grows by as much as there is.
struct GrowingText(Vec<u8>);

impl Write for GrowingText {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.try_reserve(bytes.len())?;
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct Writer<W> {
    out: W,
    style: Style,
    /// Text that is not yet written.
    text: String,
    depth: usize,
}

impl<W: Write> Writer<W> {
    fn value(&mut self, value: &Value) -> Result<(), Error> {
        if self.depth >= MAX_DEPTH {
            return Err(ErrorKind::Limit("more than 100 levels of values").into());
        }
        self.depth += 1;
        let written = self.write_value(value);
        self.depth -= 1;
        if self.text.len() >= FLUSH_BYTES {
            self.flush()?;
        }
        written
    }

    fn flush(&mut self) -> Result<(), Error> {
        let written = self.out.write_all(self.text.as_bytes());
        self.text.clear();
        written.map_err(|error| flatfile::Error::from(error).into())
    }

    fn write_value(&mut self, value: &Value) -> Result<(), Error> {
        match value {
            Value::None => self.text.push_str("null"),
            Value::Bool(value) => self.text.push_str(if *value { "true" } else { "false" }),
            Value::Int(int) => self.push(int),
            Value::Float(value) => self.float(*value),
            Value::Str(text) => self.string(text),
            Value::List(items) | Value::Tuple(items) => self.list(items)?,
            Value::Dict(dict) => self.dict(dict)?,
            Value::Array(array) => {
                check_lists(array.shape(), array.as_bytes().len())?;
                let view = array.strided();
                let mut items = view.items();
                self.nested(array.shape(), &mut |writer| {
                    let item = items.next().unwrap_or_default();
                    writer.value(&value_from_bytes(array.dtype(), item)?)
                })?;
            }
            Value::Objects(objects) => {
                check_lists(objects.shape(), objects.items().len())?;
                let mut items = objects.items().iter();
                self.nested(objects.shape(), &mut |writer| {
                    writer.value(items.next().unwrap_or(&Value::None))
                })?;
            }
            Value::Scalar(array) => match value.clone().into_item()? {
                Value::Scalar(_) if self.style == Style::Python => return Err(refused(value)),
                Value::Scalar(_) => {
                    let mut json = Vec::new();
                    flatfile::show::json(&(&**array).into(), &mut json)?;
                    self.text.push_str(&String::from_utf8_lossy(&json));
                }
                item => self.write_value(&item)?,
            },
            other if self.style == Style::Python => return Err(refused(other)),
            Value::Complex(real, imaginary) => {
                self.list(&[Value::Float(*real), Value::Float(*imaginary)])?;
            }
            Value::Set(items) | Value::FrozenSet(items) => self.list(items)?,
            Value::Date(date) => self.quoted(date),
            Value::Time(time) => self.quoted(time),
            Value::DateTime(time) => self.quoted(time),
            Value::Delta(delta) => self.float(delta.microseconds() as f64 / 1e6),
            Value::Bytes(bytes) if bytes.is_ascii() => {
                self.string(&Text::from_points(bytes.iter().map(|byte| (*byte).into())));
            }
            Value::Bytes(bytes) => {
                self.text.push_str("{\"base64\":\"");
                encode_base64(bytes, &mut self.text);
                self.text.push_str("\"}");
            }
            Value::DType(_)
            | Value::Range(_)
            | Value::Slice(_)
            | Value::Name(_)
            | Value::Opaque(_) => {
                let described = Description::of(value).into_iter();
                self.description(described.flat_map(|described| described.0))?;
            }
        }
        Ok(())
    }

    fn description<'v>(
        &mut self,
        parts: impl Iterator<Item = (&'static str, Part<'v>)>,
    ) -> Result<(), Error> {
        self.text.push('{');
        for (i, (name, part)) in parts.enumerate() {
            self.separator(i);
            self.push(format_args!("\"{name}\":"));
            match part {
                Part::Text(text) => self.string(text),
                Part::Name(name) => self.string(&name.into()),
                Part::Value(value) => self.value(value)?,
                Part::List(items) => self.list(items)?,
                Part::Made(items) => self.list(&items)?,
                Part::Dict(dict) => self.dict(dict)?,
            }
        }
        self.text.push('}');
        Ok(())
    }

    fn dict(&mut self, dict: &Dict) -> Result<(), Error> {
        self.text.push('{');
        for (i, (key, value)) in dict.iter().enumerate() {
            self.separator(i);
            self.key(key)?;
            self.text.push_str(if self.style == Style::Python {
                ": "
            } else {
                ":"
            });
            self.value(value)?;
        }
        self.text.push('}');
        Ok(())
    }

    /// The items of an array in nested lists.
    fn nested(
        &mut self,
        shape: &[usize],
        item: &mut impl FnMut(&mut Self) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let Some((length, inner)) = shape.split_first() else {
            return item(self);
        };
        self.text.push('[');
        for i in 0..*length {
            self.separator(i);
            self.nested(inner, item)?;
        }
        self.text.push(']');
        Ok(())
    }

    fn list(&mut self, items: &[Value]) -> Result<(), Error> {
        self.text.push('[');
        for (i, item) in items.iter().enumerate() {
            self.separator(i);
            self.value(item)?;
        }
        self.text.push(']');
        Ok(())
    }

    fn separator(&mut self, i: usize) {
        if i > 0 {
            self.text.push_str(if self.style == Style::Python {
                ", "
            } else {
                ","
            });
        }
    }

    fn key(&mut self, key: &Value) -> Result<(), Error> {
        match key {
            Value::Str(text) => self.string(text),
            Value::None | Value::Bool(_) | Value::Int(_) | Value::Float(_) => {
                self.text.push('"');
                self.write_value(key)?;
                self.text.push('"');
            }
            other if self.style == Style::Python => {
                let what = format!("a key of JSON that is a {}", other.type_name());
                return Err(Error::unsupported(what));
            }
            other => {
                self.text.push('"');
                let mut escaped = EscapedText {
                    writer: self,
                    error: None,
                };
                // It fails only with an error of its own.
                let _ = write!(escaped, "{other}");
                if let Some(error) = escaped.error {
                    return Err(error);
                }
                self.text.push('"');
            }
        }
        Ok(())
    }

    fn float(&mut self, value: f64) {
        match value {
            f64::INFINITY => self.text.push_str("Infinity"),
            f64::NEG_INFINITY => self.text.push_str("-Infinity"),
            nan if nan.is_nan() => self.text.push_str("NaN"),
            finite => self.push(python_float(finite)),
        }
    }

    fn quoted(&mut self, value: impl std::fmt::Display) {
        self.push(format_args!("\"{value}\""));
    }

    /// A text in which everything but ASCII is escaped.
    fn string(&mut self, text: &Text) {
        push_json_string(text.points(), |c| matches!(c, ' '..='~'), &mut self.text);
    }

    fn push(&mut self, value: impl std::fmt::Display) {
        // Writing to a string cannot fail.
        let _ = write!(self.text, "{value}");
    }
}

/// Text inside quotes, which is escaped as it is written.
struct EscapedText<'w, W> {
    writer: &'w mut Writer<W>,
    error: Option<Error>,
}

impl<W: Write> std::fmt::Write for EscapedText<'_, W> {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        let mut quoted = String::new();
        let points = text.chars().map(u32::from);
        push_json_string(points, |c| matches!(c, ' '..='~'), &mut quoted);
        let inner = quoted.get(1..quoted.len().saturating_sub(1));
        self.writer.text.push_str(inner.unwrap_or_default());
        if self.writer.text.len() >= FLUSH_BYTES
            && let Err(error) = self.writer.flush()
        {
            self.error = Some(error);
            return Err(std::fmt::Error);
        }
        Ok(())
    }
}

fn refused(value: &Value) -> Error {
    Error::unsupported(format!("a {} in JSON", value.type_name()))
}
