//! The table: the rows and columns around the cursor, as texts.

use super::canvas::{AlignedText, Canvas, GAP, Role, width_of};
use super::contents::Contents;
use super::plane::Plane;
use super::session::Session;
use super::window::{Request, TextColumn, Window};
use npio::Error;
use ratatui_core::layout::Rect;
use std::collections::HashMap;
use std::ops::Range;

/// Texts in a column are cut after this many characters; the one under the cursor is on the line below.
const MAX_TEXT: usize = 40;

/// The number of bytes that are read for a table, at most, unless a single item is longer.
const MAX_BYTES: usize = 8 << 20;

/// How often the first column is looked for, while the widths grow.
const MAX_TRIES: usize = 4;

/// A column on the screen.
struct Shown {
    index: usize,
    column: TextColumn,
    width: usize,
}

/// What is on the screen of a plane.
struct Visible {
    columns: Vec<Shown>,
    /// What was read for it.
    request: Request,
    /// The first column of that.
    first: usize,
}

/// Draws the table, and returns the line about the item under the cursor.
pub(crate) fn draw_table(
    session: &mut Session,
    canvas: &mut Canvas<'_>,
    area: Rect,
) -> Result<String, Error> {
    let (Some(viewed), Some(plane)) = (&session.viewed, &mut session.model.plane) else {
        return Ok(String::new());
    };
    if plane.is_empty() {
        canvas.text(area, 0, 0, "no items", Role::Label);
        return Ok(String::new());
    }
    // Of very large items, fewer are read.
    let most = (MAX_BYTES / plane.dtype().itemsize().max(1)).max(1);
    let page = usize::from(area.height).saturating_sub(1).clamp(1, most);
    plane.set_page(page);
    let rows = plane.top..plane.row_count().min(plane.top + page);
    let labels: Vec<String> = rows.clone().map(|row| plane.row_label(row)).collect();
    let gutter = labels.iter().map(String::len).max().unwrap_or(0);
    let room = usize::from(area.width).saturating_sub(gutter + GAP).max(1);
    let mut reading = Reading {
        contents: &viewed.contents,
        window: &mut session.window,
        widths: &mut session.widths,
    };
    let visible = reading.visible(plane, rows.clone(), room)?;
    let mut x = gutter + GAP;
    for shown in &visible.columns {
        let label = plane.column_label(shown.index);
        let cell = AlignedText {
            text: &label,
            width: shown.width,
            is_right: shown.column.is_number,
        };
        canvas.cell(area, (x, 0), cell, Role::Label);
        let cells = shown.column.cells.iter().zip(rows.clone());
        for (y, (text, row)) in (1..).zip(cells) {
            let role = if row == plane.row() && shown.index == plane.column() {
                Role::Cursor
            } else if shown.column.is_missing(text) {
                Role::Missing
            } else {
                Role::Plain
            };
            canvas.cell(area, (x, y), AlignedText { text, ..cell }, role);
        }
        x += shown.width + GAP;
    }
    for (y, label) in (1..).zip(&labels) {
        let cell = AlignedText {
            text: label,
            width: gutter,
            is_right: true,
        };
        canvas.cell(area, (0, y), cell, Role::Label);
    }
    let table = session.window.load(&viewed.contents, &visible.request)?;
    let row = plane.row().saturating_sub(rows.start);
    let column = plane.column().saturating_sub(visible.first);
    let text = match plane.field() {
        Some(field) => table.item(row, 0, Some(field))?,
        None => table.item(row, column, None)?,
    };
    Ok(format!("{} = {text}", plane.place()))
}

/// The items are read, and the widths of columns found out.
struct Reading<'a> {
    contents: &'a Contents,
    window: &'a mut Window,
    widths: &'a mut HashMap<usize, usize>,
}

impl Reading<'_> {
    /// The columns that fit into this width, among them that of the cursor. The first one stays what it is if possible.
    fn visible(
        &mut self,
        plane: &mut Plane,
        rows: Range<usize>,
        room: usize,
    ) -> Result<Visible, Error> {
        let cursor = plane.column();
        // As many as there can be: each has a character.
        let most = room / (1 + GAP) + 1;
        let row = rows.len().saturating_mul(plane.dtype().itemsize()).max(1);
        let most = most.min(MAX_BYTES / row).max(1);
        plane.left = plane.left.clamp((cursor + 1).saturating_sub(most), cursor);
        let mut tries = 0;
        loop {
            tries += 1;
            let range = plane.left..plane.column_count().min(plane.left + most);
            let request = plane.request(rows.clone(), range.clone());
            let columns = self.columns(plane, &request, range.clone())?;
            let count = fitting(columns.iter(), room);
            if cursor < plane.left + count || tries == MAX_TRIES {
                let columns = columns.into_iter().take(count).collect();
                return Ok(Visible {
                    columns,
                    request,
                    first: range.start,
                });
            }
            // The cursor's column becomes the last one.
            let until = columns.iter().take(cursor + 1 - plane.left).rev();
            plane.left = (cursor + 1).saturating_sub(fitting(until, room));
        }
    }

    fn columns(
        &mut self,
        plane: &Plane,
        request: &Request,
        range: Range<usize>,
    ) -> Result<Vec<Shown>, Error> {
        let table = self.window.load(self.contents, request)?;
        let mut shown = Vec::new();
        for index in range.clone() {
            let column = match plane.field_at(index) {
                Some(field) => table.field(field, plane.digits)?,
                None => table.column(index - range.start, plane.digits)?,
            };
            let widest = column.cells.iter().map(|text| width_of(text)).max();
            let most = if column.is_number {
                usize::MAX
            } else {
                MAX_TEXT
            };
            let label = width_of(&plane.column_label(index));
            let width = widest.unwrap_or(0).min(most).max(label).max(1);
            let known = self.widths.entry(index).or_default();
            *known = width.max(*known);
            shown.push(Shown {
                index,
                column,
                width: *known,
            });
        }
        Ok(shown)
    }
}

/// How many of these columns fit, but at least one.
fn fitting<'a>(columns: impl Iterator<Item = &'a Shown>, room: usize) -> usize {
    let ends = columns.scan(0, |end, shown| {
        *end += shown.width + GAP;
        Some(*end - GAP)
    });
    ends.take_while(|end| *end <= room).count().max(1)
}
