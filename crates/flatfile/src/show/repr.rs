//! NumPy's `repr` of an array: its `_array_repr_implementation`.

use super::Show;
use super::dtype_repr::{dtype_is_implied, dtype_short_repr};
use super::printer::PrintStyle;
use dtype::shape_tuple;
use std::fmt::{self, Write};

/// What stands before the items.
const PREFIX: &str = "array(";

/// Writes `array([1., 2.], dtype=float32)`, with the items as `show` has them.
pub(super) fn print_repr(show: &Show<'_>, out: &mut dyn Write) -> fmt::Result {
    let line_width = show.options.line_width;
    let mut out = LastLine { out, characters: 0 };
    out.write_str(PREFIX)?;
    let style = PrintStyle {
        prefix: PREFIX.len(),
        separator: ", ",
        width: line_width.saturating_sub(")".len()),
    };
    show.print_items(style, &mut out)?;
    let (dtype, shape, count) = (show.view.dtype(), show.view.shape(), show.view.count());
    let mut rest = Vec::new();
    if count == 0 && shape != [0] || count > show.options.max_items() {
        rest.push(format!("shape={}", shape_tuple(shape)));
    }
    if count == 0 || !dtype_is_implied(dtype) {
        rest.push(format!("dtype={}", dtype_short_repr(dtype)));
    }
    if !rest.is_empty() {
        out.write_char(',')?;
        let rest = rest.join(", ");
        let length = " ".len() + rest.chars().count() + ")".len();
        if out.characters.saturating_add(length) > line_width {
            write!(out, "\n{:indent$}", "", indent = PREFIX.len())?;
        } else {
            out.write_char(' ')?;
        }
        out.write_str(&rest)?;
    }
    out.write_char(')')
}

/// Counts the characters of the last line.
struct LastLine<'a> {
    out: &'a mut dyn Write,
    characters: usize,
}

impl Write for LastLine<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let (before, line) = match text.rsplit_once('\n') {
            Some((_, line)) => (0, line),
            None => (self.characters, text),
        };
        self.characters = before.saturating_add(line.chars().count());
        self.out.write_str(text)
    }
}
