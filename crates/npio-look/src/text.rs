//! A picture as characters.

use crate::axis::{Axis, Tick};
use crate::cells::{Cell, Cells, Palette};
use crate::chart::{Body, Chart, LINES, Marks, colors};
use crate::colormap::{Colormap, Rgb};
use crate::layout::parts;
use crate::pixels::{Dots, Pixels};
use crate::sample::Grid;
use crate::terminal::Graphics;

/// The columns before a picture, at least: the labels of its axis, and the axis.
const GUTTER: usize = 10;

/// How pictures are made of characters.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style {
    pub(crate) graphics: Graphics,
    pub(crate) palette: Palette,
}

impl Style {
    /// The number of points in a character.
    fn points(self) -> (usize, usize) {
        match self.graphics {
            Graphics::Braille => (2, 4),
            Graphics::Ascii => (1, 1),
            _ => (1, 2),
        }
    }

    fn has_colors(self) -> bool {
        self.palette != Palette::None && self.graphics != Graphics::Ascii
    }

    /// The number of points of heatmaps, and of lines, that there is room for.
    pub(crate) fn room(self, width: usize, height: usize, is_colored: bool) -> (usize, usize) {
        let (columns, rows) = (
            width.saturating_sub(GUTTER).max(1),
            height.saturating_sub(5).max(1),
        );
        if is_colored {
            return (columns, if self.has_colors() { 2 * rows } else { rows });
        }
        let (wide, high) = self.points();
        (columns * wide, rows * high)
    }
}

/// The picture in this many columns and rows of characters.
pub(crate) fn cells(chart: &Chart, (width, height): (usize, usize), style: Style) -> Cells {
    let mut cells = Cells::default();
    for line in heading(chart, width) {
        cells
            .rows
            .push(line.chars().take(width).map(Cell::plain).collect());
    }
    let columns = width.saturating_sub(GUTTER).max(1);
    let rows = height.saturating_sub(5).max(1);
    match &chart.body {
        Body::Plot { x, y, marks } => {
            let columns = width.saturating_sub(gutter(y, rows)).max(1);
            let picture = marks_cells(marks, x, y, (columns, rows), style);
            with_axes(&mut cells, picture, x, y, (columns, rows), style);
        }
        Body::Heat {
            grid,
            x,
            y,
            scale,
            colormap,
            size,
        } => {
            let room = if style.has_colors() {
                (columns, 2 * rows)
            } else {
                (columns, rows)
            };
            let (wide, high) = fit(room, *size, if style.has_colors() { 1.0 } else { 2.0 });
            let picture = heat_cells(grid, scale, *colormap, (wide, high), style);
            let high = picture.height();
            with_axes(&mut cells, picture, x, y, (wide, high), style);
            let has_nan = grid.values.iter().any(|value| value.is_nan());
            cells.rows.push(scale_row(scale, *colormap, has_nan, style));
        }
        Body::Image { pixels, size } => {
            let (wide, high) = fit((width, 2 * (rows + 2)), *size, 1.0);
            cells
                .rows
                .extend(pixel_cells(&pixels.resized(wide, high), style).rows);
        }
        Body::Montage {
            tiles,
            across,
            size,
            scale,
            colormap,
        } => {
            let down = tiles.len().div_ceil(*across).max(1);
            let colored = style.has_colors();
            let room = (width / across, (rows / down).max(2));
            let high = room.1 - 1;
            let inner = (
                room.0.saturating_sub(1).max(1),
                if colored { 2 * high } else { high },
            );
            for row in tiles.chunks((*across).max(1)) {
                let mut captions = Vec::new();
                let mut pictures: Vec<Cells> = Vec::new();
                let (wide, high) = fit(inner, *size, if colored { 1.0 } else { 2.0 });
                for tile in row {
                    let label = format!("{:<wide$}", tile.index, wide = wide + 1);
                    captions.extend(label.chars().take(wide + 1).map(Cell::plain));
                    pictures.push(heat_cells(
                        &tile.grid,
                        scale,
                        *colormap,
                        (wide, high),
                        style,
                    ));
                }
                cells.rows.push(captions);
                for line in 0..pictures.first().map_or(0, Cells::height) {
                    let parts = pictures.iter().filter_map(|picture| picture.rows.get(line));
                    let row = parts.flat_map(|part| part.iter().copied().chain([Cell::plain(' ')]));
                    cells.rows.push(row.collect());
                }
            }
            let mut all = tiles.iter().flat_map(|tile| &tile.grid.values);
            let has_nan = all.any(|value| value.is_nan());
            cells.rows.push(scale_row(scale, *colormap, has_nan, style));
        }
    }
    cells
}

/// The title, and the notes in as many lines as they need.
fn heading(chart: &Chart, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for note in &chart.notes {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 2 + note.chars().count() <= width => {
                *line = format!("{line}, {note}");
            }
            _ => lines.push(note.clone()),
        }
    }
    let title = (!chart.title.is_empty()).then(|| chart.title.clone());
    title.into_iter().chain(lines).collect()
}

/// The size of a picture in a room, so that cells are about square: `aspect` is the height of a point by its width.
fn fit(
    (width, height): (usize, usize),
    (rows, columns): (usize, usize),
    aspect: f64,
) -> (usize, usize) {
    let (rows, columns) = (rows.max(1) as f64, columns.max(1) as f64);
    let side = (width as f64 / columns).min(height as f64 * aspect / rows);
    let (wide, high) = (
        (side * columns).round() as usize,
        (side * rows / aspect).round() as usize,
    );
    if wide < width / 4 || high < height / 4 {
        return (width, height);
    }
    (wide.clamp(1, width.max(1)), high.clamp(1, height.max(1)))
}

fn heat_cells(
    grid: &Grid,
    scale: &Axis,
    colormap: Colormap,
    (wide, high): (usize, usize),
    style: Style,
) -> Cells {
    if style.has_colors() {
        return Cells::half_blocks(&colors(grid, scale, colormap).resized(wide, high));
    }
    let mut places = Vec::with_capacity(wide * high);
    for row in 0..high {
        for column in 0..wide {
            let (x, y) = (column * grid.width / wide, row * grid.height / high);
            let value = grid.values.get(y * grid.width + x);
            places.push(value.map_or(f64::NAN, |value| scale.ramp.place(*value)));
        }
    }
    Cells::shades(&places, wide, style.graphics == Graphics::Ascii)
}

/// Pixels without colours are shades of their brightness.
fn pixel_cells(pixels: &Pixels, style: Style) -> Cells {
    if style.has_colors() {
        return Cells::half_blocks(pixels);
    }
    let small = pixels.resized(pixels.width(), pixels.height().div_ceil(2));
    let places: Vec<f64> = small
        .colors()
        .iter()
        .map(|color| color.luminance())
        .collect();
    Cells::shades(&places, small.width(), style.graphics == Graphics::Ascii)
}

fn marks_cells(
    marks: &Marks,
    x: &Axis,
    y: &Axis,
    (columns, rows): (usize, usize),
    style: Style,
) -> Cells {
    let (wide, high) = style.points();
    let (width, height) = (columns * wide, rows * high);
    let across = |value: f64| x.place(value).clamp(0.0, 1.0) * (width - 1) as f64 + 0.5;
    let up = |value: f64| (1.0 - y.place(value).clamp(0.0, 1.0)) * (height - 1) as f64 + 0.5;
    let layer = |draw: &dyn Fn(&mut Dots), color: Rgb| {
        let mut dots = Dots::new(width, height);
        draw(&mut dots);
        let color = style.has_colors().then_some(color);
        match style.graphics {
            Graphics::Braille => Cells::braille(&dots, color),
            Graphics::Ascii => Cells::ascii(&dots),
            _ => Cells::half_dots(&dots, color),
        }
    };
    match marks {
        Marks::Lines(lines) => {
            let mut all = Cells::default();
            for (line, color) in lines.iter().zip(LINES.iter().cycle()) {
                let draw = |dots: &mut Dots| {
                    for part in parts(
                        line,
                        |value| !x.place(value).is_nan(),
                        |value| !y.place(value).is_nan(),
                    ) {
                        if let Some((x, y)) = part.first() {
                            dots.set_at(across(*x), up(*y));
                        }
                        for pair in part.windows(2) {
                            if let [from, to] = pair {
                                dots.line((across(from.0), up(from.1)), (across(to.0), up(to.1)));
                            }
                        }
                    }
                };
                overlay(&mut all, layer(&draw, *color));
            }
            all
        }
        Marks::Points(points) => {
            let draw = |dots: &mut Dots| {
                let is_inside = |place: f64| (0.0..=1.0).contains(&place);
                for (a, b) in points
                    .iter()
                    .filter(|(a, b)| is_inside(x.place(*a)) && is_inside(y.place(*b)))
                {
                    dots.set_at(across(*a), up(*b));
                }
            };
            layer(&draw, LINES[0])
        }
        Marks::Bars(counts) => {
            let draw = |dots: &mut Dots| {
                for column in 0..width {
                    let bin = column * counts.len() / width.max(1);
                    let Some(count) = counts.get(bin).filter(|count| **count > 0) else {
                        continue;
                    };
                    let from = (up(*count as f64)) as usize;
                    (from..height).for_each(|row| dots.set(column, row));
                }
            };
            layer(&draw, LINES[0])
        }
    }
}

/// Puts one picture on another; characters of both in one place are joined if they are of dots.
fn overlay(below: &mut Cells, above: Cells) {
    if below.rows.is_empty() {
        *below = above;
        return;
    }
    for (below, above) in below.rows.iter_mut().zip(above.rows) {
        for (old, new) in below.iter_mut().zip(above) {
            if new.text == ' ' {
                continue;
            }
            let bits = [old.text, new.text]
                .map(|c| (c as u32).checked_sub(0x2800).filter(|bits| *bits < 256));
            let joined = match bits {
                [Some(a), Some(b)] => char::from_u32(0x2800 + (a | b)),
                _ => None,
            };
            *old = Cell {
                text: joined.unwrap_or(new.text),
                ..new
            };
        }
    }
}

/// The lines around a picture: vertical, with a mark, corner, horizontal, with a mark.
fn border(style: Style) -> [char; 5] {
    if style.graphics == Graphics::Ascii {
        ['|', '+', '+', '-', '+']
    } else {
        ['│', '┤', '└', '─', '┬']
    }
}

fn with_axes(
    cells: &mut Cells,
    picture: Cells,
    x: &Axis,
    y: &Axis,
    (columns, rows): (usize, usize),
    style: Style,
) {
    let [vertical, mark, corner, horizontal, mark_below] = border(style);
    let gutter = gutter(y, rows);
    let ticks = y_ticks(y, rows);
    let labels: Vec<(usize, &Tick)> = ticks
        .iter()
        .map(|tick| (place(1.0 - tick.place, rows), tick))
        .collect();
    for (row, picture) in picture.rows.into_iter().enumerate() {
        let label = labels
            .iter()
            .find(|(at, _)| *at == row)
            .map(|(_, tick)| tick.label.as_str());
        let text: String = label.unwrap_or("").chars().take(gutter - 2).collect();
        let edge = if label.is_some() { mark } else { vertical };
        let before = format!("{text:>wide$} {edge}", wide = gutter - 2);
        cells
            .rows
            .push(before.chars().map(Cell::plain).chain(picture).collect());
    }
    let ticks = x.ticks((columns / 12).max(4));
    let mut line = vec![horizontal; columns];
    let mut below = vec![' '; gutter + columns + 8];
    let mut free = 0;
    for tick in &ticks {
        let at = place(tick.place, columns);
        let length = tick.label.chars().count();
        let start = (gutter + at).saturating_sub(length / 2);
        if start < free || start + length > below.len() {
            continue;
        }
        if let Some(edge) = line.get_mut(at) {
            *edge = mark_below;
        }
        below
            .iter_mut()
            .skip(start)
            .zip(tick.label.chars())
            .for_each(|(old, new)| *old = new);
        free = start + length + 1;
    }
    let before = format!("{:>wide$}{corner}", "", wide = gutter - 1);
    cells
        .rows
        .push(before.chars().chain(line).map(Cell::plain).collect());
    let name: Vec<char> = x.name.chars().collect();
    let after = free + 2;
    if !name.is_empty() && after + name.len() <= gutter + columns {
        let start = gutter + columns - name.len();
        below
            .iter_mut()
            .skip(start)
            .zip(name)
            .for_each(|(old, new)| *old = new);
    }
    cells
        .rows
        .push(below.into_iter().map(Cell::plain).collect());
}

/// The marks of the axis from bottom to top.
fn y_ticks(y: &Axis, rows: usize) -> Vec<Tick> {
    y.ticks((rows / 3).max(3))
}

/// The columns before a picture with this axis.
fn gutter(y: &Axis, rows: usize) -> usize {
    let widths = y_ticks(y, rows)
        .into_iter()
        .map(|tick| tick.label.chars().count() + 2);
    widths.fold(GUTTER, usize::max)
}

/// The column or row of a place from 0 to 1.
fn place(place: f64, count: usize) -> usize {
    ((place * count as f64) as usize).min(count.saturating_sub(1))
}

/// The scale of colours, or of shades.
fn scale_row(scale: &Axis, colormap: Colormap, has_nan: bool, style: Style) -> Vec<Cell> {
    const LENGTH: usize = 24;
    let places: Vec<f64> = (0..LENGTH)
        .map(|i| i as f64 / (LENGTH - 1) as f64)
        .collect();
    let colored = |places: &[f64]| -> Vec<Cell> {
        let color = |place: &f64| Cell {
            text: ' ',
            foreground: None,
            background: Some(colormap.color(*place)),
        };
        places.iter().map(color).collect()
    };
    let bar = if style.has_colors() {
        colored(&places)
    } else {
        let shades = Cells::shades(&places, LENGTH, style.graphics == Graphics::Ascii);
        shades.rows.into_iter().flatten().collect()
    };
    let [low, high] = scale.ends();
    let plain = |text: String| text.chars().map(Cell::plain).collect::<Vec<_>>();
    let nan = if style.has_colors() {
        colored(&[f64::NAN])
    } else {
        plain("?".to_owned())
    };
    let mut row = plain(format!("{:>wide$} ", low, wide = GUTTER - 1));
    row.extend(bar);
    row.extend(plain(format!(" {high}")));
    if has_nan {
        row.extend(plain("   ".to_owned()));
        row.extend(nan);
        row.extend(plain(" NaN".to_owned()));
    }
    row
}
