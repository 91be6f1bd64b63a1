//! The visible items of an array, and their texts.

use super::contents::{Contents, Loaded};
use super::selection::{Part, Selection};
use npio::dtype::python::printable;
use npio::flatfile::show;
use npio::meta::Objects;
use npio::{DType, Error, Strided, Value};
use std::fmt::{self, Write};

/// The number of characters of an object's text that are kept.
const MAX_OBJECT_TEXT: usize = 1000;

/// The number of items of a field's own array that are shown.
const SUBARRAY_ITEMS: usize = 8;

/// Longer than the text of any item that is shown on a line.
const LINE_WIDTH: usize = 1 << 24;

/// A column of the table on the screen.
#[derive(Clone, Debug, Default)]
pub(crate) struct TextColumn {
    pub(crate) cells: Vec<String>,
    /// Whether the texts are aligned to the right.
    pub(crate) is_number: bool,
}

impl TextColumn {
    /// Whether this text is that of a value that is not finite, or missing.
    pub(crate) fn is_missing(&self, text: &str) -> bool {
        self.is_number && (text.contains("nan") || text.contains("inf") || text.contains("NaT"))
    }
}

/// Which items are read: rows and columns of a plane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) selection: Selection,
    pub(crate) parts: Vec<Part>,
    /// Whether the axis of the columns comes before that of the rows.
    pub(crate) is_transposed: bool,
}

/// The items that were read last.
#[derive(Debug, Default)]
pub(crate) struct Window {
    last: Option<(Request, Loaded)>,
}

impl Window {
    /// Forgets the items.
    pub(crate) fn clear(&mut self) {
        self.last = None;
    }

    /// The items of a request, in rows and columns.
    pub(crate) fn load(
        &mut self,
        contents: &Contents,
        request: &Request,
    ) -> Result<Table<'_>, Error> {
        if self.last.as_ref().is_none_or(|(last, _)| last != request) {
            let loaded = contents.read(&request.selection, &request.parts)?;
            self.last = Some((request.clone(), in_two_axes(loaded)?));
        }
        match &self.last {
            Some((_, Loaded::Items(array))) => {
                let items = array.strided();
                Ok(Table::Items(if request.is_transposed {
                    items.transposed()
                } else {
                    items
                }))
            }
            Some((_, Loaded::Objects(objects))) => {
                Ok(Table::Objects(objects, request.is_transposed))
            }
            None => Ok(Table::Empty),
        }
    }
}

/// The same items with two axes: what has one axis is a column.
fn in_two_axes(loaded: Loaded) -> Result<Loaded, Error> {
    Ok(match loaded {
        Loaded::Items(array) if array.shape().len() < 2 => {
            let count = array.layout().count() as isize;
            Loaded::Items(array.reshape([count, 1])?)
        }
        Loaded::Objects(objects) if objects.shape().len() < 2 => {
            let count = objects.items().len();
            Loaded::Objects(Objects::new([count, 1], objects.into_items())?)
        }
        loaded => loaded,
    })
}

/// Rows and columns in memory.
pub(crate) enum Table<'a> {
    Items(Strided<'a>),
    /// Objects, and whether they are transposed.
    Objects(&'a Objects, bool),
    Empty,
}

impl Table<'_> {
    /// The texts of a column, with this many digits after the point at most.
    pub(crate) fn column(&self, column: usize, digits: usize) -> Result<TextColumn, Error> {
        match self {
            Table::Items(items) => match items.narrow(1, column..column + 1) {
                Some(items) => items_column(&items, digits),
                None => Ok(TextColumn::default()),
            },
            Table::Objects(objects, is_transposed) => {
                let [rows, columns] = objects.shape() else {
                    return Ok(TextColumn::default());
                };
                let (rows, step) = if *is_transposed {
                    (columns, 1)
                } else {
                    (rows, *columns)
                };
                let first = if *is_transposed {
                    column * columns
                } else {
                    column
                };
                let items = (0..*rows).filter_map(|row| objects.items().get(first + row * step));
                Ok(TextColumn {
                    cells: items.map(object_text).collect(),
                    is_number: false,
                })
            }
            Table::Empty => Ok(TextColumn::default()),
        }
    }

    /// The texts of a field of records.
    pub(crate) fn field(&self, name: &str, digits: usize) -> Result<TextColumn, Error> {
        let Table::Items(items) = self else {
            return Ok(TextColumn::default());
        };
        let items = items.field(name)?;
        if items.ndim() <= 2 {
            return items_column(&items, digits);
        }
        let options = show::Options::new()
            .threshold(SUBARRAY_ITEMS)
            .precision(digits);
        let rows = 0..items.shape().first().copied().unwrap_or(0);
        let cells = rows.map(|row| {
            let item = items.index_axis(0, row);
            let Some(item) = item.and_then(|row| row.index_axis(0, 0)) else {
                return Ok(String::new());
            };
            Ok(on_one_line(&options.array(&item)?.to_string()))
        });
        Ok(TextColumn {
            cells: cells.collect::<Result<_, Error>>()?,
            is_number: false,
        })
    }

    /// The whole text of the item in this row and column, or of its field, as `str` in NumPy.
    pub(crate) fn item(
        &self,
        row: usize,
        column: usize,
        field: Option<&str>,
    ) -> Result<String, Error> {
        match self {
            Table::Items(items) => {
                let items = match field {
                    Some(field) => items.field(field)?,
                    None => items.clone(),
                };
                let item = items.index_axis(0, row);
                let Some(item) = item.and_then(|row| row.index_axis(0, column)) else {
                    return Ok(String::new());
                };
                let text = show::Options::new().line_width(LINE_WIDTH).array(&item)?;
                Ok(printable(&on_one_line(&text.to_string())))
            }
            Table::Objects(objects, is_transposed) => {
                let (row, column) = if *is_transposed {
                    (column, row)
                } else {
                    (row, column)
                };
                let columns = objects.shape().get(1).copied().unwrap_or(1);
                let item = objects.items().get(row * columns + column);
                Ok(item.map(object_text).unwrap_or_default())
            }
            Table::Empty => Ok(String::new()),
        }
    }
}

/// The texts of a column, as NumPy prints them below each other.
fn items_column(items: &Strided<'_>, digits: usize) -> Result<TextColumn, Error> {
    let is_number = matches!(
        items.dtype(),
        DType::Bool | DType::Number(..) | DType::Datetime(..) | DType::Timedelta(..)
    );
    let mut column = TextColumn {
        cells: Vec::new(),
        is_number,
    };
    if items.count() == 0 {
        return Ok(column);
    }
    if let DType::Void(0) | DType::Bytes(0) | DType::Str(0, _) = items.dtype() {
        column.cells = vec![String::new(); items.count()];
        return Ok(column);
    }
    let options = show::Options::new().full().precision(digits);
    let text = options.line_width(LINE_WIDTH).array(items)?.to_string();
    // `[[1. ]` in the first line, ` [2.5]` in the others, and another bracket at the end.
    let text = text.strip_suffix(']').unwrap_or(&text);
    column.cells = text
        .lines()
        .map(|line| {
            let line = line.get(2..).unwrap_or_default();
            let item = line.strip_suffix(']').unwrap_or(line);
            printable(match items.dtype() {
                // Their quotes tell nothing in a table.
                DType::Datetime(..) => item.trim().trim_matches('\''),
                // The points of floats are below each other.
                _ if is_number => item,
                _ => item.trim_end(),
            })
        })
        .collect();
    Ok(column)
}

/// A text of several lines on one.
fn on_one_line(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    lines.join(" ")
}

/// The beginning of an object's text.
fn object_text(item: &Value) -> String {
    let mut text = Beginning(String::new());
    let is_whole = write!(text, "{item}").is_ok();
    let text = printable(&on_one_line(&text.0));
    if is_whole { text } else { text + "…" }
}

/// Takes the first characters of a text, and then ends its writing with an error.
struct Beginning(String);

impl Write for Beginning {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let left = MAX_OBJECT_TEXT.saturating_sub(self.0.len());
        if text.len() <= left {
            self.0.push_str(text);
            return Ok(());
        }
        self.0.extend(text.chars().take(left));
        Err(fmt::Error)
    }
}
