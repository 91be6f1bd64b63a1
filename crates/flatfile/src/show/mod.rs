//! Arrays as text: the output of NumPy's `str(arr)` and `repr(arr)`, and JSON.
//!
//! ```
//! use flatfile::{Array, show};
//!
//! let array = Array::from_slice(&[0.5f64, 100.0, -1.0, f64::NAN], [2, 2])?;
//! let view = (&array).into();
//! assert_eq!(show::array(&view)?.to_string(), "[[  0.5 100. ]\n [ -1.    nan]]");
//!
//! let mut json = Vec::new();
//! show::json(&view, &mut json)?;
//! assert_eq!(json, b"[[0.5,100.0],[-1.0,NaN]]");
//! # Ok::<(), flatfile::Error>(())
//! ```
//!
//! The text is NumPy's to the last space, for every dtype, except where its arithmetic wraps around (dates far
//! outside the calendar), where it prints nothing itself (`bfloat16`, and dates without a unit), and for
//! [objects](Options::array_of_objects) with very long texts.
//!
//! Source: `numpy/_core/arrayprint.py`.

mod dtype_repr;
mod float;
mod item_formatter;
mod item_writer;
mod json;
mod line_writer;
mod object_text;
mod printed_items;
mod printer;
mod repr;
mod scalar_repr;
mod summary;
mod time;

pub use crate::scalar::{CivilTime, push_json_string, python_complex, python_float};
pub use dtype::python::{quoted_bytes as python_bytes, quoted_points as python_str};
pub use dtype_repr::{dtype_repr, dtype_str};
pub use json::{json, json_with_nulls};
pub use object_text::ObjectText;
pub use scalar_repr::scalar_repr;
pub use summary::Summary;

use crate::array::Array;
use crate::error::{Error, refuse_objects};
use crate::longdouble::{Evidence, LongDoubleCheck};
use crate::scalar::{FloatItem, push_bytes, push_scalar, push_unquoted};
use crate::strided::Strided;
use dtype::DType;
use item_formatter::{FormatOptions, ItemFormatter};
use printed_items::PrintedItems;
use printer::PrintStyle;
use std::fmt;

/// The text that NumPy's `str(arr)` prints: for more than 1000 items, those at the corners.
///
/// # Errors
/// As [`Options::array`].
pub fn array<'a>(array: &Strided<'a>) -> Result<Show<'a>, Error> {
    Options::new().array(array)
}

/// How arrays are printed.
#[derive(Clone, Debug)]
pub struct Options {
    full: bool,
    repr: bool,
    all_rows: bool,
    precision: usize,
    threshold: usize,
    line_width: usize,
    suppress: bool,
}

impl Default for Options {
    fn default() -> Options {
        Options::new()
    }
}

impl Options {
    /// As `str(arr)`.
    pub const fn new() -> Options {
        Options {
            full: false,
            repr: false,
            all_rows: false,
            precision: PRECISION,
            threshold: SUMMARY_THRESHOLD,
            line_width: LINE_WIDTH,
            suppress: false,
        }
    }

    /// The maximum number of digits after the point of floats in arrays; by default 8. This and the next three are
    /// those of `np.printoptions`.
    ///
    /// ```
    /// use flatfile::{Array, show};
    /// let array = Array::from_slice(&[1.0 / 3.0, 2e-7], [2])?;
    /// let options = show::Options::new().precision(4);
    /// assert_eq!(options.array(&array.strided())?.to_string(), "[3.3333e-01 2.0000e-07]");
    /// let options = options.suppress();
    /// assert_eq!(options.array(&array.strided())?.to_string(), "[0.3333 0.    ]");
    /// # Ok::<(), flatfile::Error>(())
    /// ```
    #[must_use]
    pub const fn precision(mut self, digits: usize) -> Options {
        self.precision = digits;
        self
    }

    /// The number of items above which only those at the corners are shown; by default 1000.
    #[must_use]
    pub const fn threshold(mut self, items: usize) -> Options {
        self.threshold = items;
        self
    }

    /// The number of characters on a line, by default 75. A line with a single item may be longer.
    #[must_use]
    pub const fn line_width(mut self, characters: usize) -> Options {
        self.line_width = characters;
        self
    }

    /// Small floats do not cause exponents, and are rounded like the others.
    #[must_use]
    pub const fn suppress(mut self) -> Options {
        self.suppress = true;
        self
    }

    /// As `np.array2string(arr, threshold=sys.maxsize)`: every item. It also prints a 0-d array in the form of a
    /// larger one (`1.` instead of `1.0`, and strings in quotes).
    #[must_use]
    pub const fn full(mut self) -> Options {
        self.full = true;
        self
    }

    /// As `repr(arr)`: with commas, and with the dtype and the shape where the items do not imply them. With
    /// [`full`](Self::full) as in `np.printoptions(threshold=sys.maxsize)`.
    ///
    /// ```
    /// use flatfile::{Array, show};
    ///
    /// let array = Array::from_slice(&[0.5f32, 2.0], [1, 2])?;
    /// let repr = show::Options::new().repr();
    /// assert_eq!(repr.array(&array.strided())?.to_string(), "array([[0.5, 2. ]], dtype=float32)");
    /// # Ok::<(), flatfile::Error>(())
    /// ```
    #[must_use]
    pub const fn repr(mut self) -> Options {
        self.repr = true;
        self
    }

    /// Shows every row of a large array, and of each the items at its ends.
    ///
    /// ```
    /// use flatfile::{Array, show};
    ///
    /// let array = Array::from_vec((0..1600).collect::<Vec<i32>>(), [8, 200])?;
    /// let text = show::Options::new().all_rows().array(&array.strided())?.to_string();
    /// assert_eq!(text.lines().count(), 8);
    /// assert!(text.starts_with("[[   0    1    2 ...  197  198  199]"));
    /// # Ok::<(), flatfile::Error>(())
    /// ```
    #[must_use]
    pub const fn all_rows(mut self) -> Options {
        self.all_rows = true;
        self
    }

    /// The number of items above which only those at the corners are shown.
    pub(crate) const fn max_items(&self) -> usize {
        if self.full {
            usize::MAX
        } else {
            self.threshold
        }
    }

    /// How lines are made by `str(arr)`.
    const fn style(&self) -> PrintStyle {
        PrintStyle {
            prefix: 0,
            separator: " ",
            width: self.line_width,
        }
    }

    /// The text of `array`, produced as it is written: in several passes over the shown items, without memory for
    /// more than a line.
    ///
    /// # Errors
    /// `Object`; `LongDouble` for one among the shown items.
    pub fn array<'a>(&self, array: &Strided<'a>) -> Result<Show<'a>, Error> {
        refuse_objects(array.dtype())?;
        self.show(array, None)
    }

    /// The text of an array whose items are objects, or records with objects: the eight bytes of each are a number in
    /// native byte order, and `object` writes the text of the object with this number.
    ///
    /// NumPy prints `repr` of an object, but of a list `list([1, 2])`, and `str` of the object in a 0-d array.
    ///
    /// No text is in memory as a whole: of each, 256 KiB are held back until it is known whether it fits on the line,
    /// and a text with more than that in lines that fit begins another line nevertheless.
    ///
    /// ```
    /// use flatfile::{Strided, dtype::DType, show};
    ///
    /// let names = ["'a'", "array([[1, 2],\n       [3, 4]])"];
    /// let bytes: Vec<u8> = [0u64, 1].into_iter().flat_map(u64::to_ne_bytes).collect();
    /// let view = Strided::new(DType::Object, [2], [8], &bytes, 0)?;
    /// let object = |n: u64, out: &mut dyn std::fmt::Write| out.write_str(names[n as usize]);
    /// let shown = show::Options::new().array_of_objects(&view, &object)?;
    /// assert_eq!(shown.to_string(), "['a' array([[1, 2],\n            [3, 4]])]");
    /// # Ok::<(), flatfile::Error>(())
    /// ```
    ///
    /// # Errors
    /// `LongDouble` for one among the shown items.
    pub fn array_of_objects<'a>(
        &self,
        array: &Strided<'a>,
        object: &'a ObjectText<'a>,
    ) -> Result<Show<'a>, Error> {
        self.show(array, Some(object))
    }

    fn show<'a>(
        &self,
        array: &Strided<'a>,
        object: Option<&'a ObjectText<'a>>,
    ) -> Result<Show<'a>, Error> {
        if let Some(check) = LongDoubleCheck::of(array.dtype()) {
            let items = PrintedItems::new(array, self.max_items());
            let items = items.with_all_rows(self.all_rows);
            check_shown(&check, array, &items)?;
        }
        Ok(Show {
            view: array.clone(),
            object,
            options: self.clone(),
            is_corners: false,
        })
    }
}

/// For more items than this NumPy prints those at the corners.
const SUMMARY_THRESHOLD: usize = 1000;

/// The maximum number of digits after the point: `np.get_printoptions()['precision']`.
const PRECISION: usize = 8;

/// Characters on a line: `np.get_printoptions()['linewidth']`.
const LINE_WIDTH: usize = 75;

/// Checks the long doubles that are shown of a view.
fn check_shown(
    check: &LongDoubleCheck,
    view: &Strided<'_>,
    items: &PrintedItems<'_>,
) -> Result<(), Error> {
    let (evidence, mut is_wrong) = (Evidence::in_any_order(None), false);
    items.for_each(|item| is_wrong |= check.check_part(item, &evidence).is_err());
    if is_wrong || evidence.is_undecided() {
        // To find the item, and whether items that are not shown decide, all are checked.
        return check.check_view(view, &Evidence::in_sequence(None));
    }
    Ok(())
}

/// An array that prints as NumPy prints it.
#[derive(Clone)]
pub struct Show<'a> {
    view: Strided<'a>,
    /// Writes the texts of the objects, if the items are or have some.
    object: Option<&'a ObjectText<'a>>,
    options: Options,
    /// Whether these are the corners of a larger array.
    is_corners: bool,
}

impl fmt::Debug for Show<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Show")
            .field("view", &self.view)
            .field("options", &self.options)
            .field("is_corners", &self.is_corners)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for Show<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.options.repr {
            return repr::print_repr(self, f);
        }
        self.print_items(self.options.style(), f)
    }
}

impl Show<'_> {
    fn print_items(&self, style: PrintStyle, out: &mut dyn fmt::Write) -> fmt::Result {
        if self.view.count() == 0 {
            return out.write_str("[]");
        }
        let Options {
            full,
            repr,
            all_rows,
            precision,
            suppress,
            ..
        } = self.options;
        let threshold = self.options.max_items();
        let items = PrintedItems::new(&self.view, if self.is_corners { 0 } else { threshold });
        let items = items.with_all_rows(all_rows);
        let scalar = !full && !repr && items.axes().is_empty();
        if scalar && let Some(text) = scalar_text(&items) {
            return out.write_str(&text);
        }
        let options = FormatOptions {
            threshold,
            scalar,
            precision,
            suppress,
        };
        let formatter = ItemFormatter::of(&items, options);
        printer::print(&items, &formatter, self.object, style, out)
    }
}

/// `str` of a 0-d array's item, if that differs from its text in a larger array.
fn scalar_text(items: &PrintedItems<'_>) -> Option<String> {
    let item = items.item_at(0);
    let mut text = String::new();
    match items.dtype() {
        DType::Number(number, order) => {
            FloatItem::first(*number, *order)?;
            push_scalar(items.dtype(), item, &mut text);
        }
        DType::Bytes(_) => {
            text.push_str("np.bytes_(");
            push_bytes(item, &mut text);
            text.push(')');
        }
        DType::Str(_, order) => push_unquoted(item, *order, &mut text),
        DType::Datetime(..) | DType::Timedelta(..) => {
            push_scalar(items.dtype(), item, &mut text);
        }
        _ => return None,
    }
    Some(text)
}

/// As NumPy's `str(arr)`: the corners of a large array; see [this module](self) for more. If it cannot be shown,
/// such as long doubles that are not x87 numbers, the text is the error.
impl<B: AsRef<[u8]>> fmt::Display for Array<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match array(&self.strided()) {
            Ok(shown) => shown.fmt(f),
            // Printing cannot fail (`to_string` would panic), and must not show other numbers.
            Err(error) => write!(f, "<{error}>"),
        }
    }
}
