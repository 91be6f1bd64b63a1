//! The small pictures of an array on a page.

use crate::axis::{Axis, Labels};
use crate::error::Error;
use crate::layout::parts;
use crate::legend::number;
use crate::plot::Plot;
use crate::png;
use crate::range::{Limits, Ramp, Scale};
use crate::sample::{Bins, Grid, Line, Tally};
use crate::values::{Meaning, Values};
use crate::{Colormap, Image};
use std::fmt::Write;

/// The pictures of an array, as parts of a page.
#[derive(Clone, Debug, Default)]
pub struct Pictures {
    /// What the values look like, as an element of HTML, and what that is.
    pub(super) thumbnail: Option<(String, String)>,
    /// How many values are where, as SVG, and from where to where.
    pub(super) histogram: Option<(String, String)>,
}

/// How large thumbnails are, in cells: of many arrays they are smaller.
#[derive(Clone, Copy, Debug)]
pub struct Size(usize);

impl Size {
    /// The size of the thumbnails of so many arrays.
    pub fn for_arrays(count: usize) -> Size {
        Size(match count {
            0..=60 => 128,
            61..=150 => 96,
            _ => 64,
        })
    }
}

/// The size of pictures on the page, in pixels.
const WIDTH: usize = 170;
const HEIGHT: usize = 110;

const BINS: usize = 34;

impl Pictures {
    /// The pictures of some values, and what these are.
    ///
    /// # Errors
    /// What the array's reader says.
    pub fn of(values: &Values<'_, '_>, size: Size, whole: u64) -> Result<(Pictures, Tally), Error> {
        let bins = Bins::of(values, BINS, (Limits::All, Scale::Linear), whole)?;
        let ends = [bins.ramp.low(), bins.ramp.high()];
        let [low, high] = ends.map(|end| crate::legend::format_value(values.meaning(), end));
        let histogram = bins
            .tally
            .range
            .map(|_| (bars(&bins.counts), format!("{low} … {high}")));
        let thumbnail = thumbnail(values, size, whole)?;
        Ok((
            Pictures {
                thumbnail,
                histogram,
            },
            bins.tally,
        ))
    }
}

fn thumbnail(
    values: &Values<'_, '_>,
    Size(size): Size,
    whole: u64,
) -> Result<Option<(String, String)>, Error> {
    let values = values.squeezed();
    match values.shape() {
        [] => Ok(None),
        [0] | [1] => Ok(None),
        [_] => {
            let line = Line::of(&values, WIDTH, whole)?;
            Ok(line
                .tally
                .range
                .map(|range| (polyline(&line, range), "values by index".to_owned())))
        }
        [_, _, 3 | 4] if values.meaning() == Meaning::Byte => {
            let grid = Grid::of(&values, size, size, whole)?;
            let image = Image::of_grid(&Plot::default(), &values, &grid)?;
            let png = image.png()?;
            Ok(Some((
                img(&png, values.rows_and_columns()),
                "pixels".to_owned(),
            )))
        }
        _ => {
            let mut plane = values.clone();
            let mut caption = "values".to_owned();
            while plane.shape().len() > 2 {
                let Some(first) = plane.plane(0) else {
                    return Ok(None);
                };
                plane = first;
                caption = if caption == "values" {
                    "[0".to_owned()
                } else {
                    caption + ", 0"
                };
            }
            if caption != "values" {
                caption += ", :, :]";
            }
            if plane.count() == 0 || plane.shape().len() != 2 {
                return Ok(None);
            }
            let grid = Grid::of(&plane, size, size, whole)?;
            let ramp = if plane.meaning() == Meaning::Bool {
                Ramp::between(Some((0.0, 1.0)), Scale::Linear)
            } else {
                Ramp::new(&grid.values, Limits::All, Scale::Linear)?
            };
            let colormap = if plane.meaning() == Meaning::Bool {
                Colormap::Gray
            } else {
                Colormap::Viridis
            };
            let png = indexed(&grid, ramp, colormap)?;
            Ok(Some((img(&png, plane.rows_and_columns()), caption)))
        }
    }
}

/// A third of the bytes of the same in colours. The last colour of the table is that of NaN.
fn indexed(grid: &Grid, ramp: Ramp, colormap: Colormap) -> Result<Vec<u8>, Error> {
    let nan = 255;
    let index = |value: &f64| {
        let place = ramp.place(*value);
        if place.is_nan() {
            nan
        } else {
            (place.clamp(0.0, 1.0) * 254.0).round() as u8
        }
    };
    let samples: Vec<u8> = grid.values.iter().map(index).collect();
    let colors = (0..255)
        .map(|i| colormap.color(f64::from(i) / 254.0))
        .chain([crate::Rgb::NAN]);
    let palette: Vec<u8> = colors
        .flat_map(|color| [color.0, color.1, color.2])
        .collect();
    png::encode_indexed((grid.width, grid.height), palette, &samples)
}

/// A picture whose cells are squares, if there is room for them.
fn img(png: &[u8], (rows, columns): (usize, usize)) -> String {
    let (rows, columns) = (rows.max(1) as f64, columns.max(1) as f64);
    let side = (WIDTH as f64 / columns).min(HEIGHT as f64 / rows);
    let (width, height) = (
        (columns * side).max(24.0).round(),
        (rows * side).max(24.0).round(),
    );
    format!(
        "<img alt=\"\" width=\"{width}\" height=\"{height}\" src=\"{}\">",
        png::data_uri(png)
    )
}

fn svg(content: &str) -> String {
    let bottom = HEIGHT - 1;
    format!(
        "<svg width=\"{WIDTH}\" height=\"{HEIGHT}\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\">\
         <path class=\"axis\" d=\"M0 {bottom}.5H{WIDTH}\"/>{content}</svg>"
    )
}

fn bars(counts: &[u64]) -> String {
    let most = counts.iter().copied().max().unwrap_or(0).max(1) as f64;
    let bottom = HEIGHT - 1;
    let mut path = String::new();
    for (i, count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
        let height = (*count as f64 / most * (HEIGHT - 4) as f64)
            .max(1.0)
            .round();
        // Writing to a String does not fail.
        let _ = write!(path, "M{} {bottom}v-{height}h4v{height}z", i * 5);
    }
    svg(&format!("<path class=\"bars\" d=\"{path}\"/>"))
}

fn polyline(line: &Line, range: (f64, f64)) -> String {
    let y = Axis::new(
        Ramp::between(Some(range), Scale::Linear),
        Labels::Numbers,
        "",
    );
    let columns = line.lines.first().map(Vec::as_slice).unwrap_or_default();
    let last = columns.len().saturating_sub(1).max(1) as f64;
    let places: Vec<_> = columns
        .iter()
        .enumerate()
        .map(|(i, column)| (i as f64 / last, *column))
        .collect();
    let mut path = String::new();
    for part in parts(&places, |_| true, |value| !y.place(value).is_nan()) {
        for (i, (x, value)) in part.iter().enumerate() {
            let command = if i == 0 { 'M' } else { 'L' };
            let x = x * (WIDTH - 2) as f64 + 1.0;
            let y = (1.0 - y.place(*value)) * (HEIGHT - 6) as f64 + 2.0;
            let _ = write!(path, "{command}{x:.0} {y:.0}");
        }
        if part.len() == 1 {
            path += "h1";
        }
    }
    svg(&format!("<path class=\"line\" d=\"{path}\"/>"))
}

/// A number of bytes in units of 1000.
pub(super) fn size(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["kB", "MB", "GB", "TB", "PB", "EB"];
    if bytes < 1000 {
        return format!("{bytes} bytes");
    }
    let mut size = bytes as f64;
    let mut unit = "";
    for next in UNITS {
        if size < 999.5 {
            break;
        }
        (size, unit) = (size / 1000.0, next);
    }
    let digits = if size < 9.95 { 1 } else { 0 };
    format!(
        "{} {unit}",
        number((size * 10f64.powi(digits)).round() / 10f64.powi(digits))
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_two_digits() {
        let texts = [0, 999, 1000, 1450, 999_600, 12_300_000_000].map(size);
        assert_eq!(
            texts,
            ["0 bytes", "999 bytes", "1 kB", "1.5 kB", "1 MB", "12 GB"]
        );
    }
}
