//! Parsers for the beginning of a text that continues with something else, as a header does.
//!
//! Each skips white space and comments, and returns the value and the rest of the text. Offsets in
//! errors count from the beginning of the text that was passed.

use super::{descr, shape};
use crate::dtype::DType;
use crate::error::Error;
use crate::python::{self, Syntax, finish};
use std::borrow::Cow;

/// White space, comments and line continuations, as Python allows them inside brackets.
pub fn skip_space(text: &str) -> &str {
    python::skip_space(text)
}

/// A Python string literal: `'a'`, `u"a"`, `r'''a'''`, or several adjacent ones.
///
/// # Errors
/// Anything else, including byte strings.
pub fn string_literal(text: &str) -> Result<(Cow<'_, str>, &str), Error> {
    finish(text, python::string(text))
}

/// The descriptor of a dtype as a Python literal: `'<f8'`, `[('x', '<i4'), …]`, `('<f4', (2,))`.
///
/// ```
/// use dtype::{prefix, python::Syntax};
/// let (dtype, rest) = prefix::descr("[('x', '<i4')], 'shape': (3,)", Syntax::Python3)?;
/// assert_eq!((dtype.itemsize(), rest), (4, ", 'shape': (3,)"));
/// # Ok::<(), dtype::Error>(())
/// ```
///
/// # Errors
/// The kind of error, and its position in `text`.
pub fn descr(text: &str, syntax: Syntax) -> Result<(DType, &str), Error> {
    finish(text, descr::descr(text, syntax, 0))
}

/// The shape of an array as a Python literal: `()`, `(2,)`, `(2, 3)`.
///
/// # Errors
/// Anything else: a list, a bare number, a negative one, more than 64 axes.
pub fn shape(text: &str, syntax: Syntax) -> Result<(Vec<usize>, &str), Error> {
    finish(text, shape::tuple(text, syntax))
}
