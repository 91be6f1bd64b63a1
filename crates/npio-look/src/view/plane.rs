//! What is shown of an array: two of its axes, at one index of the others.

use super::contents::Contents;
use super::selection::{Part, Selection};
use super::window::Request;
use crate::Colormap;
use npio::dtype::Number;
use npio::dtype::python::{printable, quoted};
use npio::{DType, Slice};
use std::fmt::Write;
use std::ops::Range;

/// The digits after the point of floats, at first and at most.
const DIGITS: usize = 6;
const MAX_DIGITS: usize = 17;

/// The rows of a page before the screen is known.
const ROWS: usize = 20;

/// How a plane is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Table,
    Heatmap,
    Image,
    Line,
    Histogram,
}

impl Mode {
    const ALL: [Mode; 5] = [
        Mode::Table,
        Mode::Heatmap,
        Mode::Image,
        Mode::Line,
        Mode::Histogram,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Mode::Table => "table",
            Mode::Heatmap => "heatmap",
            Mode::Image => "image",
            Mode::Line => "line",
            Mode::Histogram => "histogram",
        }
    }
}

/// Whether items of this dtype are numbers, or times.
fn is_drawn(dtype: &DType) -> bool {
    matches!(
        dtype,
        DType::Bool | DType::Number(..) | DType::Datetime(..) | DType::Timedelta(..)
    )
}

/// A plane of an array, and the item under the cursor.
#[derive(Clone, Debug)]
pub(crate) struct Plane {
    pub(crate) title: String,
    stem: String,
    dtype: DType,
    /// The names of the fields of records, which are the columns.
    fields: Vec<String>,
    selection: Selection,
    /// The lengths of the axes of the selection.
    shape: Vec<usize>,
    cursor: Vec<usize>,
    /// The column of records.
    field: usize,
    rows: Option<usize>,
    columns: Option<usize>,
    /// The axis whose planes `[` and `]` go through.
    chosen: Option<usize>,
    pub(crate) top: usize,
    pub(crate) left: usize,
    page: usize,
    pub(crate) digits: usize,
    mode: Mode,
    colormap: usize,
    /// The dtypes that can be drawn, those of the fields or of the items.
    is_drawn: Vec<bool>,
}

impl Plane {
    /// A slice of an array.
    ///
    /// # Errors
    /// A slice that the array does not have.
    pub(crate) fn new(
        title: &str,
        stem: &str,
        contents: &Contents,
        slice: &Slice,
    ) -> Result<Plane, npio::Error> {
        let selection = Selection::new(slice, contents.shape())?;
        let fields = contents.fields().iter();
        let mut plane = Plane {
            title: title.to_owned(),
            stem: stem.to_owned(),
            dtype: contents.dtype().clone(),
            fields: fields.map(|field| field.name.clone()).collect(),
            shape: Vec::new(),
            selection,
            cursor: Vec::new(),
            field: 0,
            rows: None,
            columns: None,
            chosen: None,
            top: 0,
            left: 0,
            page: ROWS,
            digits: DIGITS,
            mode: Mode::Table,
            colormap: 0,
            is_drawn: if contents.fields().is_empty() {
                vec![is_drawn(contents.dtype())]
            } else {
                let fields = contents.fields().iter();
                fields.map(|field| is_drawn(&field.dtype)).collect()
            },
        };
        plane.show_all();
        Ok(plane)
    }

    /// Shows the last two axes of the selection, from the beginning.
    fn show_all(&mut self) {
        self.shape = self.selection.shape();
        self.cursor = vec![0; self.shape.len()];
        let ndim = self.shape.len();
        (self.rows, self.columns) = if self.has_fields() || ndim < 2 {
            (ndim.checked_sub(1), None)
        } else {
            (Some(ndim - 2), Some(ndim - 1))
        };
        self.chosen = self.other_axes().next_back();
        (self.top, self.left) = (0, 0);
    }

    pub(crate) fn dtype(&self) -> &DType {
        &self.dtype
    }

    pub(crate) fn selection(&self) -> &Selection {
        &self.selection
    }

    /// The index of the item under the cursor, in the selection.
    pub(crate) fn cursor(&self) -> &[usize] {
        &self.cursor
    }

    pub(crate) fn has_fields(&self) -> bool {
        !self.fields.is_empty()
    }

    /// The field under the cursor.
    pub(crate) fn field(&self) -> Option<&str> {
        self.fields.get(self.field).map(String::as_str)
    }

    /// The field in this column.
    pub(crate) fn field_at(&self, column: usize) -> Option<&str> {
        self.fields.get(column).map(String::as_str)
    }

    fn length(&self, axis: Option<usize>) -> usize {
        let length = axis.map(|axis| self.shape.get(axis).copied().unwrap_or(0));
        length.unwrap_or(1)
    }

    pub(crate) fn row_count(&self) -> usize {
        self.length(self.rows)
    }

    pub(crate) fn column_count(&self) -> usize {
        if self.has_fields() {
            return self.fields.len();
        }
        self.length(self.columns)
    }

    fn at(&self, axis: Option<usize>) -> usize {
        let at = axis.and_then(|axis| self.cursor.get(axis));
        at.copied().unwrap_or(0)
    }

    pub(crate) fn row(&self) -> usize {
        self.at(self.rows)
    }

    pub(crate) fn column(&self) -> usize {
        if self.has_fields() {
            return self.field;
        }
        self.at(self.columns)
    }

    /// The label of a row: its index in the array.
    pub(crate) fn row_label(&self, row: usize) -> String {
        let index = self.rows.map(|axis| self.selection.index(axis, row));
        index.map_or_else(String::new, |index| index.to_string())
    }

    /// The label of a column: the index in the array, or the name of a field.
    pub(crate) fn column_label(&self, column: usize) -> String {
        if self.has_fields() {
            return self.field_at(column).map(printable).unwrap_or_default();
        }
        let index = self.columns.map(|axis| self.selection.index(axis, column));
        index.map_or_else(String::new, |index| index.to_string())
    }

    pub(crate) fn page(&self) -> isize {
        self.page.saturating_sub(1).max(1) as isize
    }

    /// The number of rows on the screen; the cursor stays on it.
    pub(crate) fn set_page(&mut self, rows: usize) {
        self.page = rows.max(1);
        let row = self.row();
        let first = (row + 1).saturating_sub(self.page);
        // A longer page shows as many rows as there are.
        let last = self.row_count().saturating_sub(self.page).max(first);
        self.top = self.top.clamp(first, row.max(first)).min(last);
    }

    fn move_axis(&mut self, axis: Option<usize>, by: isize) {
        let last = self.length(axis).saturating_sub(1);
        if let Some(at) = axis.and_then(|axis| self.cursor.get_mut(axis)) {
            *at = at.saturating_add_signed(by).min(last);
        }
    }

    pub(crate) fn move_rows(&mut self, by: isize) {
        self.move_axis(self.rows, by);
    }

    pub(crate) fn move_columns(&mut self, by: isize) {
        if self.has_fields() {
            let last = self.fields.len() - 1;
            self.field = self.field.saturating_add_signed(by).min(last);
        } else {
            self.move_axis(self.columns, by);
        }
    }

    pub(crate) fn move_plane(&mut self, by: isize) {
        self.move_axis(self.chosen, by);
    }

    /// The axes that are neither rows nor columns.
    fn other_axes(&self) -> impl DoubleEndedIterator<Item = usize> + use<> {
        let (rows, columns) = (self.rows, self.columns);
        let is_other = move |axis: &usize| Some(*axis) != rows && Some(*axis) != columns;
        (0..self.shape.len()).filter(is_other)
    }

    /// Chooses the previous or the next of the axes whose planes are gone through.
    pub(crate) fn choose_axis(&mut self, by: isize) {
        let others: Vec<usize> = self.other_axes().collect();
        let at = others.iter().position(|axis| Some(*axis) == self.chosen);
        let last = others.len().saturating_sub(1);
        let at = at.unwrap_or(0).saturating_add_signed(by).min(last);
        self.chosen = others.get(at).copied();
    }

    /// The rows become those of the chosen axis, which is the one of the rows from now on.
    pub(crate) fn show_chosen_axis(&mut self) -> Option<String> {
        if self.chosen.is_none() {
            return Some("there is no other axis".to_owned());
        }
        std::mem::swap(&mut self.rows, &mut self.chosen);
        (self.top, self.left) = (0, 0);
        None
    }

    /// Rows become columns. Returns why they do not.
    pub(crate) fn swap_axes(&mut self) -> Option<String> {
        if self.has_fields() {
            return Some("the columns are the fields".to_owned());
        }
        if self.shape.is_empty() {
            return Some("there are no axes".to_owned());
        }
        std::mem::swap(&mut self.rows, &mut self.columns);
        std::mem::swap(&mut self.top, &mut self.left);
        None
    }

    pub(crate) fn change_digits(&mut self, by: isize) {
        self.digits = self.digits.saturating_add_signed(by).min(MAX_DIGITS);
    }

    pub(crate) fn next_colormap(&mut self) {
        self.colormap = self.colormap.wrapping_add(1);
    }

    /// How it is drawn: as a table, if the field under the cursor cannot be drawn in the mode that was chosen.
    pub(crate) fn mode(&self) -> Mode {
        if self.has_mode(self.mode) {
            self.mode
        } else {
            Mode::Table
        }
    }

    /// The next way to draw it. Returns why there is no other.
    pub(crate) fn next_mode(&mut self) -> Option<String> {
        let at = Mode::ALL.iter().position(|mode| *mode == self.mode());
        let after = at.map_or(0, |at| at + 1);
        let next = Mode::ALL.iter().cycle().skip(after);
        let next = next
            .take(Mode::ALL.len())
            .find(|mode| self.has_mode(**mode));
        match next {
            Some(mode) if *mode != self.mode() => self.mode = *mode,
            _ => return Some(format!("items of {} are only shown in a table", self.dtype)),
        }
        None
    }

    fn has_mode(&self, mode: Mode) -> bool {
        let is_plane = self.rows.is_some() && self.columns.is_some();
        match mode {
            Mode::Table => true,
            _ if self.is_drawn.get(self.field) != Some(&true) => false,
            Mode::Heatmap => is_plane,
            Mode::Image => self.image_axes().is_some(),
            Mode::Line | Mode::Histogram => !self.shape.is_empty(),
        }
    }

    /// The rows, the columns and the colours of an image: bytes or truth values.
    fn image_axes(&self) -> Option<(usize, usize, Option<usize>)> {
        if !matches!(self.dtype, DType::Number(Number::U8, _) | DType::Bool) {
            return None;
        }
        match self.shape.as_slice() {
            [.., _, _, 3 | 4] => {
                let last = self.shape.len() - 1;
                Some((last - 2, last - 1, Some(last)))
            }
            _ => Some((self.rows?, self.columns?, None)),
        }
    }

    /// The slice that a picture is of.
    pub(crate) fn chart_slice(&self) -> Slice {
        let shown = match self.mode() {
            Mode::Table | Mode::Heatmap | Mode::Histogram => vec![self.rows, self.columns],
            Mode::Line => vec![self.columns.or(self.rows)],
            Mode::Image => match self.image_axes() {
                Some((rows, columns, colors)) => vec![Some(rows), Some(columns), colors],
                None => Vec::new(),
            },
        };
        let parts = self.cursor.iter().zip(&self.shape).enumerate();
        let parts = parts.map(|(axis, (at, length))| {
            if shown.contains(&Some(axis)) {
                Part::Range(0..*length)
            } else {
                Part::At(*at)
            }
        });
        self.selection.slice(&parts.collect::<Vec<_>>())
    }

    /// The indices at the ends of a line.
    pub(crate) fn line_labels(&self) -> (String, String) {
        let last = |count: usize| count.saturating_sub(1);
        if self.columns.is_some() {
            let last = last(self.column_count());
            return (self.column_label(0), self.column_label(last));
        }
        (self.row_label(0), self.row_label(last(self.row_count())))
    }

    /// Whether the axis of the columns comes before that of the rows.
    pub(crate) fn is_transposed(&self) -> bool {
        self.rows > self.columns && self.columns.is_some()
    }

    pub(crate) fn colormap(&self) -> Colormap {
        let all = Colormap::ALL;
        all.get(self.colormap % all.len())
            .copied()
            .unwrap_or_default()
    }

    /// The parts of the axes that are shown: the plane.
    pub(crate) fn parts(&self) -> Vec<Part> {
        self.parts_with(0..self.row_count(), 0..self.length(self.columns))
    }

    /// All of the selection.
    pub(crate) fn all_parts(&self) -> Vec<Part> {
        let all = |length: &usize| Part::Range(0..*length);
        self.shape.iter().map(all).collect()
    }

    fn parts_with(&self, rows: Range<usize>, columns: Range<usize>) -> Vec<Part> {
        let part = |(axis, at): (usize, &usize)| match Some(axis) {
            axis if axis == self.rows => Part::Range(rows.clone()),
            axis if axis == self.columns => Part::Range(columns.clone()),
            _ => Part::At(*at),
        };
        self.cursor.iter().enumerate().map(part).collect()
    }

    /// Whether any item is shown.
    pub(crate) fn is_empty(&self) -> bool {
        self.shape.contains(&0)
    }

    /// The items in these rows and columns. Records are read with all of their fields.
    pub(crate) fn request(&self, rows: Range<usize>, columns: Range<usize>) -> Request {
        Request {
            selection: self.selection.clone(),
            parts: self.parts_with(rows, columns),
            is_transposed: match (self.rows, self.columns) {
                (Some(rows), Some(columns)) => rows > columns,
                // One axis is read as a column.
                (None, Some(_)) => true,
                _ => false,
            },
        }
    }

    /// The slice that is shown, in the array.
    pub(crate) fn slice(&self) -> Slice {
        self.selection.short_slice(&self.parts())
    }

    /// The bar: one part for each axis of the array, and whether it is chosen.
    pub(crate) fn bar(&self) -> Vec<(String, bool)> {
        let whole = self.parts();
        let shown = self.selection.short_parts(&whole);
        let lengths = self.selection.stored_shape();
        let axes = self.selection.axes().into_iter().zip(shown).zip(lengths);
        axes.map(|((axis, text), length)| match axis {
            Ok(axis) if matches!(whole.get(axis), Some(Part::At(_))) => {
                (format!("{text}/{length}"), Some(axis) == self.chosen)
            }
            _ => (text.to_string(), false),
        })
        .collect()
    }

    /// The index of the item under the cursor in the array, as Python writes it.
    pub(crate) fn place(&self) -> String {
        let indices = self.selection.indices(&self.cursor);
        let texts: Vec<String> = indices.iter().map(usize::to_string).collect();
        let mut place = format!("[{}]", texts.join(", "));
        if texts.is_empty() {
            "[()]".clone_into(&mut place);
        }
        if let Some(field) = self.field() {
            let _ = write!(place, "[{}]", quoted(field));
        }
        place
    }

    /// Moves the cursor to an item of the selection, in a field if there are any.
    pub(crate) fn move_to(&mut self, cursor: Vec<usize>, field: Option<usize>) {
        if cursor.len() == self.shape.len() {
            self.cursor = cursor;
        }
        self.field = field.unwrap_or(self.field);
    }

    /// Goes to an index, or shows a slice of the array; nothing shows all of it.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub(crate) fn go_to(&mut self, text: &str) -> Result<(), String> {
        let text = text.trim().trim_start_matches('[').trim_end_matches(']');
        let message = |error: npio::flatfile::Error| printable(&error.to_string());
        let slice: Slice = text.parse().map_err(message)?;
        let selection = Selection::new(&slice, self.selection.stored_shape()).map_err(message)?;
        let is_index = !text.is_empty() && !text.contains([':', '.']);
        if !is_index {
            self.selection = selection;
            self.show_all();
            return Ok(());
        }
        // The axes that it does not mention stay where they are.
        let named = text.trim_end_matches(',').split(',').count();
        let mut indices = self.selection.indices(&self.cursor);
        let found = selection.axes();
        for (index, axis) in indices.iter_mut().zip(found).take(named) {
            *index = axis.err().unwrap_or(*index);
        }
        if self.selection.find(&indices).is_none() {
            let stored = self.selection.stored_shape().to_vec();
            self.selection = Selection::new(&Slice::default(), &stored).map_err(message)?;
            self.show_all();
        }
        if let Some(cursor) = self.selection.find(&indices) {
            self.move_to(cursor, None);
        }
        Ok(())
    }

    /// A name for the file of the slice.
    pub(crate) fn file_name(&self) -> String {
        let mut name: String = self
            .stem
            .chars()
            .map(|c| if c.is_alphanumeric() { c } else { '_' })
            .collect();
        let indices = self.selection.short_parts(&self.parts());
        for index in indices {
            if let npio::Index::At(i) = index {
                let _ = write!(name, "_{i}");
            }
        }
        name + ".npy"
    }
}
