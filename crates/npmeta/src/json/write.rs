//! Writing JSON.

use super::base64::encode_base64;
use crate::pickle::MAX_DEPTH;
use crate::value::{Text, to_list};
use crate::{Error, ErrorKind, Value};
use flatfile::show::{push_json_string, python_float};
use std::fmt::Write;

/// A style of JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// As Python's `json.dumps`: a space after `,` and `:`. Values that it refuses are an error, except
    /// arrays.
    Python,
    /// For display, on one line without spaces, including values that JSON has no form for. Complex numbers
    /// are `[re,im]`, dates and times ISO 8601, spans of time seconds, bytes text if they are ASCII, else
    /// `{"base64":"…"}`, sets lists, keys that are not texts Python's `repr`.
    Compact,
}

/// `value` as JSON in the style of Python. Tuples become lists, arrays nested lists, and keys that are
/// numbers, `None` or a `bool` texts.
///
/// # Errors
/// `Unsupported`: values that Python's `json.dumps` also refuses, such as bytes, dates and sets.
pub fn to_string(value: &Value) -> Result<String, Error> {
    Style::Python.to_string(value)
}

impl Style {
    /// `value` as JSON in this style.
    ///
    /// # Errors
    /// As [`to_string`], if this style refuses anything; `Limit`: more than 100 levels.
    pub fn to_string(self, value: &Value) -> Result<String, Error> {
        let mut writer = Writer {
            style: self,
            text: String::new(),
            depth: 0,
        };
        writer.value(value)?;
        Ok(writer.text)
    }
}

struct Writer {
    style: Style,
    text: String,
    depth: usize,
}

impl Writer {
    fn value(&mut self, value: &Value) -> Result<(), Error> {
        if self.depth >= MAX_DEPTH {
            return Err(ErrorKind::Limit("more than 100 levels of values").into());
        }
        self.depth += 1;
        let written = self.write_value(value);
        self.depth -= 1;
        written
    }

    fn write_value(&mut self, value: &Value) -> Result<(), Error> {
        match value {
            Value::None => self.text.push_str("null"),
            Value::Bool(value) => self.text.push_str(if *value { "true" } else { "false" }),
            Value::Int(int) => self.push(int),
            Value::Float(value) => self.float(*value),
            Value::Str(text) => self.string(text),
            Value::List(items) | Value::Tuple(items) => self.list(items)?,
            Value::Dict(dict) => {
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
            }
            Value::Array(_) | Value::Objects(_) => {
                let list = to_list(value)?;
                self.write_value(&list)?;
            }
            other if self.style == Style::Python => {
                return Err(Error::unsupported(format!(
                    "a {} in JSON",
                    other.type_name()
                )));
            }
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
            Value::Scalar(array) => {
                let mut json = Vec::new();
                flatfile::show::json(&(&**array).into(), &mut json)?;
                self.text.push_str(&String::from_utf8_lossy(&json));
            }
        }
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
            other => self.string(&other.to_string().into()),
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
