//! From text to [`DType`].

mod datetime;
mod descr;
mod longdouble;
mod names;
pub mod prefix;
mod shape;
mod typestr;

use crate::dtype::DType;
use crate::error::{Error, ErrorKind};
use crate::python::{Syntax, skip_space};
use std::str::FromStr;

impl FromStr for DType {
    type Err = Error;

    /// Parses any string that `np.dtype` takes, and the list of fields in a header.
    fn from_str(text: &str) -> Result<DType, Error> {
        let literal = match text.trim_start().as_bytes() {
            [b'[' | b'\'' | b'"' | b'{', ..] => true,
            [b'(', rest @ ..] => {
                matches!(rest.trim_ascii_start(), [b'[' | b'\'' | b'"' | b'(', ..])
            }
            _ => false,
        };
        if !literal {
            return typestr::typestr(text);
        }
        let (dtype, rest) = prefix::descr(text, Syntax::Python3)?;
        match skip_space(rest) {
            "" => Ok(dtype),
            rest => Err(Error::at(
                ErrorKind::Expected("the end of the descriptor"),
                text.len() - rest.len(),
            )),
        }
    }
}
