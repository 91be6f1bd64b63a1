//! Frames: what the state looks like.

use super::canvas::{AlignedText, Canvas, GAP, Role, width_of};
use super::chart::draw_chart;
use super::list::List;
use super::model::Panel;
use super::plane::{Mode, Plane};
use super::session::Session;
use super::table::draw_table;
use npio::dtype::python::printable;
use ratatui_core::buffer::Buffer;
use ratatui_core::layout::Rect;
use std::iter;

/// From this width on, the list stays beside an array.
const WIDE: u16 = 100;

/// The width of a list beside an array.
const SIDE: u16 = 32;

/// Draws what there is into a buffer, all of it.
pub(crate) fn draw(session: &mut Session, buffer: &mut Buffer) {
    let area = buffer.area;
    if area.height == 0 || area.width == 0 {
        return;
    }
    let mut canvas = Canvas {
        palette: session.options.palette,
        buffer,
    };
    let (body, status) = split_bottom(area, 1);
    let has_list = !session.model.lists.is_empty();
    if session.model.plane.is_none() {
        if has_list {
            draw_list(session, &mut canvas, body, true);
        }
    } else if has_list && area.width >= WIDE {
        let side = Rect {
            width: SIDE,
            ..body
        };
        draw_list(session, &mut canvas, side, false);
        let rest = Rect {
            x: body.x + SIDE + 1,
            width: body.width - SIDE - 1,
            ..body
        };
        draw_plane(session, &mut canvas, rest);
    } else {
        draw_plane(session, &mut canvas, body);
    }
    if let Some(panel) = &mut session.model.panel {
        draw_panel(panel, &mut canvas, body);
    }
    draw_status(session, &mut canvas, status);
}

/// All but the last lines, and those.
fn split_bottom(area: Rect, lines: u16) -> (Rect, Rect) {
    let lines = lines.min(area.height);
    let top = Rect {
        height: area.height - lines,
        ..area
    };
    let bottom = Rect {
        y: area.y + top.height,
        height: lines,
        ..area
    };
    (top, bottom)
}

/// All but the first lines.
fn below(area: Rect, lines: u16) -> Rect {
    let lines = lines.min(area.height);
    Rect {
        y: area.y + lines,
        height: area.height - lines,
        ..area
    }
}

fn draw_status(session: &Session, canvas: &mut Canvas<'_>, area: Rect) {
    let model = &session.model;
    if let Some(prompt) = &model.prompt {
        let end = canvas.text(area, 0, 0, &prompt.kind.label(), Role::Chosen);
        let end = canvas.text(area, end, 0, &prompt.text, Role::Plain);
        canvas.text(area, end, 0, " ", Role::Cursor);
        return;
    }
    let (text, role) = match (&model.work, &model.message) {
        (Some(work), _) => (work.as_str(), Role::Chosen),
        (None, Some(message)) => (message.as_str(), Role::Message),
        (None, None) if model.plane.is_none() => {
            ("Enter open  / filter  q quit  ? help", Role::Label)
        }
        (None, None) => (
            "[ ] plane  v mode  s statistics  n NaN  : go to  q quit  ? help",
            Role::Label,
        ),
    };
    canvas.text(area, 0, 0, text, role);
}

fn draw_panel(panel: &mut Panel, canvas: &mut Canvas<'_>, area: Rect) {
    let longest = panel.lines.iter().map(|line| width_of(line)).max();
    let width = longest.unwrap_or(0).max(panel.title.len()) + 4;
    let width = width.min(area.width.into()) as u16;
    let height = area.height.min(panel.lines.len() as u16 + 2);
    let area = Rect {
        x: area.x + (area.width - width) / 2,
        y: area.y + (area.height - height) / 2,
        width,
        height,
    };
    let inside = usize::from(width.saturating_sub(2));
    let rows = usize::from(height.saturating_sub(2));
    panel.top = panel.top.min(panel.lines.len().saturating_sub(rows));
    let title = format!(" {} ", panel.title);
    canvas.text(area, 0, 0, &format!("┌{:─^inside$}┐", title), Role::Label);
    let lines = panel.lines.iter().skip(panel.top).take(rows);
    for (y, line) in (1..).zip(lines) {
        let blank = format!("│{:inside$}│", "");
        canvas.text(area, 0, y, &blank, Role::Label);
        canvas.text(area, 2, y, line, Role::Plain);
    }
    let last = height.saturating_sub(1);
    canvas.text(area, 0, last, &format!("└{:─^inside$}┘", ""), Role::Label);
}

/// The list, with what is known of its entries or only their names.
fn draw_list(session: &mut Session, canvas: &mut Canvas<'_>, area: Rect, is_full: bool) {
    let Some(list) = session.model.lists.last_mut() else {
        return;
    };
    let rows = area.height.saturating_sub(2);
    list.set_rows(rows.into());
    canvas.text(area, 0, 0, &list.catalog.title(), Role::Title);
    let count = list_count(list);
    canvas.text(area, 0, 1, &count, Role::Label);
    let visible: Vec<(usize, bool)> = list.visible().collect();
    let entries: Vec<(String, bool, Vec<String>)> = visible
        .into_iter()
        .map(|(entry, is_selected)| {
            let columns = if is_full {
                list_columns(session, entry)
            } else {
                Vec::new()
            };
            let list = session.model.lists.last();
            let name = list.map_or("", |list| list.name(entry));
            (name.to_owned(), is_selected, columns)
        })
        .collect();
    let area = below(area, 2);
    let mut widths = Vec::new();
    for (name, _, columns) in &entries {
        let texts = iter::once(name).chain(columns);
        for (column, text) in texts.enumerate() {
            if widths.len() <= column {
                widths.push(0);
            }
            if let Some(width) = widths.get_mut(column) {
                *width = width_of(text).max(*width);
            }
        }
    }
    let others: usize = widths.iter().skip(1).map(|width| width + GAP).sum();
    if let Some(name) = widths.first_mut() {
        // The columns after it are seen if it leaves them any room.
        let room = usize::from(area.width).saturating_sub(others);
        *name = (*name).min(room.max(12)).min(area.width.into());
    }
    for (y, (name, is_selected, columns)) in (0..).zip(&entries) {
        let role = if *is_selected {
            Role::Cursor
        } else {
            Role::Plain
        };
        let mut x = 0;
        let texts = iter::once(name).chain(columns);
        for (column, (text, width)) in texts.zip(&widths).enumerate() {
            let cell = AlignedText {
                text,
                width: *width,
                is_right: column == BYTES_COLUMN,
            };
            canvas.cell(area, (x, y), cell, role);
            canvas.text(area, x + width, y, "  ", role);
            x += width + GAP;
        }
    }
}

/// The column of the numbers of bytes in a list.
const BYTES_COLUMN: usize = 3;

fn list_count(list: &List) -> String {
    if list.filter().is_empty() {
        let entries = if list.len() == 1 { "entry" } else { "entries" };
        return format!("{} {entries}", list.len());
    }
    format!(
        "{} of {} entries with {}",
        list.matches(),
        list.len(),
        list.filter()
    )
}

/// The dtype, shape, bytes and storage of an entry, or why it cannot be opened.
fn list_columns(session: &mut Session, entry: usize) -> Vec<String> {
    match session.details(entry) {
        Ok(details) => {
            let nbytes = details.nbytes.map(|nbytes| nbytes.to_string());
            vec![
                details.dtype,
                details.shape,
                nbytes.unwrap_or_default(),
                details.storage,
            ]
        }
        Err(error) => vec![error],
    }
}

/// An array: its title, the bar of its axes, the plane, and the item under the cursor.
fn draw_plane(session: &mut Session, canvas: &mut Canvas<'_>, area: Rect) {
    let (Some(viewed), Some(plane)) = (&session.viewed, &session.model.plane) else {
        return;
    };
    let end = canvas.text(area, 0, 0, &plane.title, Role::Title);
    let shape = npio::dtype::shape_tuple(viewed.contents.shape()).to_string();
    let nbytes = viewed.contents.nbytes();
    let nbytes = nbytes.map_or_else(String::new, |nbytes| format!("  {nbytes} bytes"));
    // The dtype of records may be long.
    let about = format!("  {shape}{nbytes}  {}  {}", viewed.storage, plane.dtype());
    canvas.text(area, end, 0, &about, Role::Label);
    draw_bar(plane, canvas, area);
    let (body, below_body) = split_bottom(below(area, 2), 1);
    let drawn = match plane.mode() {
        Mode::Table => draw_table(session, canvas, body).map_err(crate::Error::from),
        _ => draw_chart(session, canvas, body),
    };
    match drawn {
        Ok(item) => canvas.text(below_body, 0, 0, &item, Role::Plain),
        Err(error) => canvas.text(body, 0, 0, &printable(&error.to_string()), Role::Missing),
    };
}

fn draw_bar(plane: &Plane, canvas: &mut Canvas<'_>, area: Rect) {
    let mut x = canvas.text(area, 0, 1, "[", Role::Plain);
    for (axis, (text, is_chosen)) in plane.bar().into_iter().enumerate() {
        if axis > 0 {
            x = canvas.text(area, x, 1, ", ", Role::Plain);
        }
        let role = if is_chosen { Role::Chosen } else { Role::Plain };
        x = canvas.text(area, x, 1, &text, role);
    }
    canvas.text(
        area,
        x,
        1,
        &format!("]  {}", plane.mode().name()),
        Role::Plain,
    );
}
