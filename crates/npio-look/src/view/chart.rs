//! Pictures of a plane: heatmap, image, line, histogram.

use super::canvas::{AlignedText, Canvas, Role, width_of};
use super::contents::Contents;
use super::plane::{Mode, Plane};
use super::session::Session;
use crate::cells::Cells;
use crate::{
    Bins, Colormap, Dots, Error, Grid, Limits, Line, Pixels, Ramp, Rgb, Scale, Tally, Values,
};
use npio::dtype::python::printable;
use npio::flatfile::show::python_float;
use npio::{FieldIndex, OpenArray, Slice};
use ratatui_core::layout::Rect;

/// More bytes than this are sampled, so that a key is answered at once.
const WHOLE: u64 = 8 << 20;

/// How many times larger than it is a small picture may become.
const MAX_ZOOM: usize = 8;

/// The eighths of a character, from below.
const BARS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// What is drawn, and everything that it depends on.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Request {
    mode: Mode,
    slice: Slice,
    field: String,
    is_transposed: bool,
    width: usize,
    height: usize,
}

/// What was read of an array for its picture.
#[derive(Debug)]
pub(crate) enum Chart {
    Heatmap(Grid),
    /// Pixels, and how many values each has.
    Image(Vec<f64>, usize, usize),
    Line(Line),
    Histogram(Bins),
}

/// The picture that was read last, or why it cannot be drawn.
#[derive(Debug, Default)]
pub(crate) struct ChartCache {
    last: Option<(Request, Result<Chart, String>)>,
}

impl ChartCache {
    /// Forgets it.
    pub(crate) fn clear(&mut self) {
        self.last = None;
    }

    /// Keeps the result of a request.
    pub(crate) fn set(&mut self, request: Request, chart: Result<Chart, String>) {
        self.last = Some((request, chart));
    }

    fn get(&self, request: &Request) -> Option<&Result<Chart, String>> {
        let last = self.last.as_ref().filter(|(last, _)| last == request);
        last.map(|(_, chart)| chart)
    }
}

/// Reads what a picture needs.
pub(crate) fn read_chart(contents: &Contents, request: &Request) -> Result<Chart, String> {
    let message = |error: Error| printable(&error.to_string());
    match contents.as_items() {
        Some(array) => read(array, request).map_err(message),
        None => Err("Python objects have no picture".to_owned()),
    }
}

fn read(array: &OpenArray<'_>, request: &Request) -> Result<Chart, Error> {
    let array = if request.field.is_empty() {
        array.clone()
    } else {
        let field = FieldIndex::one(&request.field);
        array.clone().fields(&field)?
    };
    let values = Values::new(&array, &request.slice)?;
    let (width, height) = (request.width, request.height);
    Ok(match request.mode {
        Mode::Heatmap if request.is_transposed => {
            Chart::Heatmap(transposed(Grid::of(&values, height, width, WHOLE)?))
        }
        Mode::Heatmap | Mode::Table => Chart::Heatmap(Grid::of(&values, width, height, WHOLE)?),
        Mode::Image => {
            let (rows, columns) = values.rows_and_columns();
            // Pixels keep their shape.
            let step = rows
                .div_ceil(height.max(1))
                .max(columns.div_ceil(width.max(1)))
                .max(1);
            let (rows, columns) = (rows.div_ceil(step), columns.div_ceil(step));
            let read = values.read_steps(&[(0, rows, step), (0, columns, step)])?;
            Chart::Image(read, columns, values.depth().max(1))
        }
        Mode::Line => Chart::Line(Line::of(&values, width, WHOLE)?),
        Mode::Histogram => {
            let limits = (Limits::All, Scale::Linear);
            Chart::Histogram(Bins::of(&values, width, limits, WHOLE)?)
        }
    })
}

/// Rows become columns.
fn transposed(grid: Grid) -> Grid {
    let mut values = Vec::with_capacity(grid.values.len());
    for column in 0..grid.width {
        let column = grid.values.iter().skip(column);
        values.extend(column.step_by(grid.width.max(1)));
    }
    Grid {
        width: grid.height,
        height: grid.width,
        depth: grid.depth,
        values,
        tally: grid.tally,
    }
}

/// Draws a picture of the plane, and returns the line about it.
pub(crate) fn draw_chart(
    session: &mut Session,
    canvas: &mut Canvas<'_>,
    area: Rect,
) -> Result<String, Error> {
    let Some(plane) = &session.model.plane else {
        return Ok(String::new());
    };
    if plane.is_empty() || area.width == 0 || area.height == 0 {
        canvas.text(area, 0, 0, "no items", Role::Label);
        return Ok(String::new());
    }
    let (width, height) = (usize::from(area.width), usize::from(area.height));
    let (width, height) = match plane.mode() {
        // A character has two pixels, one above the other, or without colours one.
        _ if canvas.has_color() => (width, 2 * height),
        _ => (width, height),
    };
    let request = Request {
        mode: plane.mode(),
        slice: plane.chart_slice(),
        field: plane.field().unwrap_or_default().to_owned(),
        is_transposed: plane.is_transposed(),
        width: match plane.mode() {
            Mode::Line => 2 * width.saturating_sub(GUTTER).max(1),
            _ => width,
        },
        height,
    };
    if session.chart.get(&request).is_none() && !session.is_working() {
        session.read_chart(request.clone());
    }
    let Some(plane) = &session.model.plane else {
        return Ok(String::new());
    };
    let chart = match session.chart.get(&request) {
        Some(Ok(chart)) => chart,
        Some(Err(error)) => return Err(Error::Unsuitable(error.clone())),
        None => return Ok("…".to_owned()),
    };
    let colormap = plane.colormap();
    Ok(match chart {
        Chart::Heatmap(grid) => {
            let ramp = Ramp::new(&grid.values, Limits::All, Scale::Linear)?;
            let places: Vec<f64> = grid.values.iter().map(|value| ramp.place(*value)).collect();
            draw_places(canvas, area, &places, grid.width, |place| {
                colormap.color(place)
            });
            let ends = format!("{} … {}", number(ramp.low()), number(ramp.high()));
            format!("{}: {ends}{}", colormap.name(), about(&grid.tally))
        }
        Chart::Image(values, columns, depth) => {
            draw_image(canvas, area, values, *columns, *depth);
            String::new()
        }
        Chart::Line(line) => {
            draw_line(canvas, area, line, plane);
            about(&line.tally).trim_start_matches(", ").to_owned()
        }
        Chart::Histogram(bins) => {
            draw_histogram(canvas, area, bins);
            about(&bins.tally).trim_start_matches(", ").to_owned()
        }
    })
}

/// What is said of values below their picture.
fn about(tally: &Tally) -> String {
    let mut text = String::new();
    if tally.nan > 0 {
        text += &format!(", {} NaN", tally.nan);
    }
    if tally.infinite > 0 {
        text += &format!(", {} infinite", tally.infinite);
    }
    if tally.is_sampled {
        text += &format!(", a sample of {} values", tally.count);
    }
    text
}

/// A number with six digits.
fn number(value: f64) -> String {
    let rounded = format!("{value:.5e}").parse().unwrap_or(value);
    let text = python_float(rounded).to_string();
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

/// Draws values between 0 and 1, larger if there is room.
fn draw_places(
    canvas: &mut Canvas<'_>,
    area: Rect,
    places: &[f64],
    width: usize,
    color: impl Fn(f64) -> Rgb,
) {
    if !canvas.has_color() {
        canvas.cells(area, &Cells::shades(places, width, false));
        return;
    }
    let height = places.len() / width.max(1);
    let colors = places.iter().map(|place| color(*place)).collect();
    draw_pixels(canvas, area, &Pixels::from_colors(width, height, colors));
}

fn draw_pixels(canvas: &mut Canvas<'_>, area: Rect, pixels: &Pixels) {
    let (width, height) = (usize::from(area.width), 2 * usize::from(area.height));
    let zoom = (width / pixels.width().max(1)).min(height / pixels.height().max(1));
    let zoom = zoom.clamp(1, MAX_ZOOM);
    let pixels = pixels.resized(zoom * pixels.width(), zoom * pixels.height());
    canvas.cells(area, &Cells::half_blocks(&pixels));
}

/// Draws pixels of one value (gray), or of three or four (colours, of which the fourth says how much).
fn draw_image(canvas: &mut Canvas<'_>, area: Rect, values: &[f64], columns: usize, depth: usize) {
    let pixels = values.chunks_exact(depth);
    let most = if values.iter().all(|value| *value <= 1.0) {
        1.0
    } else {
        255.0
    };
    if !canvas.has_color() {
        let light = |pixel: &[f64]| {
            let colors = pixel.get(..3).unwrap_or(pixel);
            colors.iter().sum::<f64>() / colors.len().max(1) as f64 / most
        };
        let places: Vec<f64> = pixels.map(light).collect();
        canvas.cells(area, &Cells::shades(&places, columns, false));
        return;
    }
    let byte = |value: f64| (value / most * 255.0) as u8;
    let colors: Vec<Rgb> = pixels
        .map(|pixel| match *pixel {
            [red, green, blue, ..] => Rgb(byte(red), byte(green), byte(blue)),
            [light, ..] => Rgb(byte(light), byte(light), byte(light)),
            [] => Rgb::BLACK,
        })
        .collect();
    let rows = colors.len() / columns.max(1);
    draw_pixels(canvas, area, &Pixels::from_colors(columns, rows, colors));
}

/// The room for numbers beside a line.
const GUTTER: usize = 13;

fn draw_line(canvas: &mut Canvas<'_>, area: Rect, line: &Line, plane: &Plane) {
    let ramp = Ramp::between(line.tally.range, Scale::Linear);
    let below = area.height.saturating_sub(1);
    let picture = Rect {
        x: area.x + GUTTER as u16,
        width: area.width.saturating_sub(GUTTER as u16),
        height: below,
        ..area
    };
    let (width, height) = (2 * usize::from(picture.width), 4 * usize::from(below));
    let mut dots = Dots::new(width, height);
    let y = |value: f64| (1.0 - ramp.place(value)) * (height.saturating_sub(1)) as f64;
    let columns = line.lines.first().map_or(&[][..], Vec::as_slice);
    let x = |column: usize| (column * width / columns.len().max(1)) as f64;
    let mut last = None;
    for (index, column) in columns.iter().enumerate() {
        if column.range.0.is_nan() {
            last = None;
            continue;
        }
        let (low, high) = column.range;
        dots.line((x(index), y(low)), (x(index), y(high)));
        if let Some(last) = last {
            dots.line(last, (x(index), y(column.ends.0)));
        }
        last = Some((x(index), y(column.ends.1)));
    }
    let color = canvas.has_color().then(|| Colormap::Viridis.color(0.5));
    canvas.cells(picture, &Cells::braille(&dots, color));
    let middle = (ramp.low() + ramp.high()) / 2.0;
    let rows = [
        (0, ramp.high()),
        (below / 2, middle),
        (below.saturating_sub(1), ramp.low()),
    ];
    for (row, value) in rows {
        let text = number(value);
        let label = AlignedText {
            text: &text,
            width: GUTTER - 1,
            is_right: true,
        };
        canvas.cell(area, (0, row), label, Role::Label);
    }
    let (first, last) = plane.line_labels();
    draw_ends(canvas, picture, below, (&first, &last));
}

/// Labels at both ends of the line below a picture.
fn draw_ends(canvas: &mut Canvas<'_>, area: Rect, y: u16, (first, last): (&str, &str)) {
    let area = Rect {
        height: y + 1,
        ..area
    };
    canvas.text(area, 0, y, first, Role::Label);
    let start = usize::from(area.width).saturating_sub(width_of(last));
    canvas.text(area, start, y, last, Role::Label);
}

fn draw_histogram(canvas: &mut Canvas<'_>, area: Rect, bins: &Bins) {
    let below = area.height.saturating_sub(1);
    let most = bins.counts.iter().copied().max().unwrap_or(0).max(1);
    let full = u64::from(below) * 8;
    for (x, count) in bins.counts.iter().enumerate() {
        // What is there is seen.
        let eighths = (u128::from(*count) * u128::from(full)).div_ceil(u128::from(most)) as u64;
        for row in 0..below {
            let from_below = u64::from(below - 1 - row) * 8;
            let eighth = eighths.saturating_sub(from_below).min(8) as usize;
            let bar = BARS.get(eighth).copied().unwrap_or(' ');
            if bar != ' ' {
                canvas.text(area, x, row, bar.encode_utf8(&mut [0; 4]), Role::Message);
            }
        }
    }
    canvas.text(area, 0, 0, &format!("{most} "), Role::Label);
    let (low, high) = (number(bins.ramp.low()), number(bins.ramp.high()));
    draw_ends(canvas, area, below, (&low, &high));
}
