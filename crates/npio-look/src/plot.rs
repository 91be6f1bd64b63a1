//! What to draw of an array, and how: [`Plot`].

use crate::axis::{Axis, Labels, common_date};
use crate::chart::{Body, Chart, Marks, Tile};
use crate::colormap::Colormap;
use crate::error::Error;
use crate::image::Image;
use crate::legend;
use crate::range::{Limits, Ramp, Scale};
use crate::sample::{Bins, Column, Grid, Line, Tally, WHOLE, sample};
use crate::values::{Meaning, Values};

/// The kind of a picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// A line of one axis, an image of `uint8` with 3 or 4 of them for each pixel, and a heatmap of any other two axes.
    #[default]
    Auto,
    /// Lines from value to value.
    Line,
    /// A point for each pair of values.
    Scatter,
    /// A colour for each value of two axes.
    Heat,
    /// The pixels themselves.
    Image,
    /// How many values are in each of some intervals.
    Hist,
    /// A heatmap of each index of the first of three axes.
    Montage,
}

/// What to draw, and how.
#[derive(Clone, Debug)]
pub struct Plot {
    /// The kind.
    pub kind: Kind,
    /// What is written above: the name of the array.
    pub title: String,
    /// Which axes are logarithmic: along the picture, upwards, and the colours.
    pub log: [bool; 3],
    /// From which value to which: of the colours, or of the axis on which the values are.
    pub limits: Limits,
    /// The colours; by default those that suit the values.
    pub colormap: Option<Colormap>,
    /// The size up to which everything is read.
    pub whole: u64,
}

impl Default for Plot {
    fn default() -> Plot {
        Plot {
            kind: Kind::Auto,
            title: String::new(),
            log: [false; 3],
            limits: Limits::All,
            colormap: None,
            whole: WHOLE,
        }
    }
}

/// The greatest number of lines in a picture, and of planes in a montage.
const MAX_LINES: usize = 10;
const MAX_PLANES: usize = 100;

/// The number of intervals of a histogram.
const BINS: usize = 60;

/// The values of the horizontal axis, if they are not indices.
#[derive(Clone, Debug)]
pub struct Abscissa {
    /// One for each value.
    pub values: Vec<f64>,
    /// What they mean.
    pub meaning: Meaning,
    /// What they are called.
    pub name: String,
}

impl Plot {
    /// The picture of these values: with as many columns and rows of points as there is room for.
    ///
    /// # Errors
    /// Values of which there is no such picture; what the array's reader says.
    pub fn chart(
        &self,
        values: &Values<'_, '_>,
        abscissa: Option<&Abscissa>,
        room: (usize, usize),
    ) -> Result<Chart, Error> {
        let values = &values.squeezed();
        let kind = self.kind_of(values)?;
        if abscissa.is_some() && !matches!(kind, Kind::Line | Kind::Scatter) {
            return Err(Error::unsuitable(
                "--x is for lines and points: state --kind line or --kind scatter",
            ));
        }
        match kind {
            Kind::Line => self.line(values, abscissa, room),
            Kind::Scatter => self.scatter(values, abscissa),
            Kind::Hist => self.histogram(values),
            Kind::Image => self.image(values, room),
            Kind::Montage => self.montage(values, room),
            Kind::Auto | Kind::Heat => self.heatmap(values, room),
        }
    }

    /// The kind that suits these values.
    ///
    /// # Errors
    /// Values of which there is no picture.
    pub fn kind_of(&self, values: &Values<'_, '_>) -> Result<Kind, Error> {
        let values = values.squeezed();
        let shape = values.shape();
        let text = npio::dtype::shape_tuple(shape);
        if shape.contains(&0) {
            return Err(Error::unsuitable(format!(
                "an array of shape {text} has no items to draw"
            )));
        }
        if shape.is_empty() {
            return Err(Error::unsuitable(
                "a single item has no picture: npio dump prints it",
            ));
        }
        if self.kind != Kind::Auto {
            return Ok(self.kind);
        }
        match shape {
            [_] => Ok(Kind::Line),
            [_, _] => Ok(Kind::Heat),
            [_, _, 3 | 4] if values.meaning() == Meaning::Byte => Ok(Kind::Image),
            _ => Err(Error::unsuitable(format!(
                "shape {text} has {} axes: select two of them with --slice, or draw each plane of three with --montage",
                shape.len()
            ))),
        }
    }

    fn scale(&self, axis: usize) -> Scale {
        if self.log.get(axis).copied().unwrap_or(false) {
            Scale::Log
        } else {
            Scale::Linear
        }
    }

    /// A picture with its title, and what is known of the values.
    fn with(&self, values: &Values<'_, '_>, tally: &Tally, body: Body) -> Chart {
        Chart {
            title: self.title.clone(),
            notes: legend::notes(values, tally),
            body,
        }
    }

    /// The axis on which the values are, with some room at both ends.
    fn value_axis(
        &self,
        values: &Values<'_, '_>,
        tally: &Tally,
        drawn: impl FnOnce() -> Vec<f64>,
    ) -> Result<Axis, Error> {
        let scale = self.scale(1);
        let ramp = match self.limits {
            Limits::All => tally.ramp(scale).padded(),
            Limits::Robust => Ramp::new(&drawn(), Limits::Robust, scale)?.padded(),
            limits @ Limits::Given(..) => Ramp::new(&[], limits, scale)?,
        };
        Ok(axis_of(ramp, values.meaning(), values.unit()))
    }

    fn line(
        &self,
        values: &Values<'_, '_>,
        abscissa: Option<&Abscissa>,
        (width, _): (usize, usize),
    ) -> Result<Chart, Error> {
        if let [_, lines, ..] = values.shape()
            && *lines > MAX_LINES
        {
            return Err(Error::unsuitable(format!(
                "{lines} lines in a picture: expected at most {MAX_LINES}; select some with --slice ':, 0:{MAX_LINES}'"
            )));
        }
        let (lines, tally, x) = match abscissa {
            Some(abscissa) => {
                let y = pairs_of(values, &abscissa.values)?;
                let (columns, tally) = columns_at(&abscissa.values, &y, width, self.scale(0))?;
                let mut x_tally = Tally::default();
                x_tally.add(&abscissa.values);
                (vec![columns], tally, self.abscissa_axis(abscissa, &x_tally))
            }
            None => {
                // Logarithms spread the first indices over many columns.
                let columns = if self.scale(0) == Scale::Log {
                    16 * width
                } else {
                    width
                };
                let line = Line::of(values, columns, self.whole)?;
                let x = self.index_axis(values, 0, false);
                let at = |column: &Column| {
                    let middle = column.start + column.count.saturating_sub(1) / 2;
                    (values.index(0, middle) as f64, *column)
                };
                let lines = line.lines.iter().map(|line| line.iter().map(at).collect());
                (lines.collect::<Vec<Vec<_>>>(), line.tally, x)
            }
        };
        let y = self.value_axis(values, &tally, || {
            let columns = lines.iter().flatten();
            columns
                .flat_map(|(_, column)| [column.range.0, column.range.1])
                .collect()
        })?;
        let marks = Marks::Lines(lines);
        Ok(self.with(values, &tally, Body::Plot { x, y, marks }))
    }

    fn scatter(
        &self,
        values: &Values<'_, '_>,
        abscissa: Option<&Abscissa>,
    ) -> Result<Chart, Error> {
        let nbytes = (values.count() as u64).saturating_mul(8);
        let too_many = nbytes > self.whole && values.has_random_access();
        let (abscissa, y) = match (values.shape(), abscissa) {
            ([_, 2], None) => {
                let pairs = if too_many {
                    sample(values)?
                } else {
                    values.read(&[])?
                };
                let column = |first| {
                    pairs
                        .iter()
                        .skip(first)
                        .step_by(2)
                        .copied()
                        .collect::<Vec<_>>()
                };
                let abscissa = Abscissa {
                    values: column(0),
                    meaning: values.meaning(),
                    name: "column 0".to_owned(),
                };
                (abscissa, column(1))
            }
            ([_], None) => {
                let y = if too_many {
                    sample(values)?
                } else {
                    values.read(&[])?
                };
                let step = values.count() / y.len().max(1);
                let abscissa = Abscissa {
                    values: (0..y.len())
                        .map(|i| values.index(0, i * step) as f64)
                        .collect(),
                    meaning: Meaning::Integer,
                    name: axis_name(values, 0),
                };
                (abscissa, y)
            }
            (_, Some(abscissa)) => (abscissa.clone(), pairs_of(values, &abscissa.values)?),
            _ => {
                return Err(Error::unsuitable(format!(
                    "points have two coordinates: shape (n, 2), or --x with the first ones; found {}",
                    npio::dtype::shape_tuple(values.shape())
                )));
            }
        };
        let mut tallies = [Tally::default(); 2];
        for (tally, values) in tallies.iter_mut().zip([&abscissa.values, &y]) {
            tally.add(values);
            tally.is_sampled = too_many;
        }
        let [x_tally, y_tally] = tallies;
        let mut x = self.abscissa_axis(&abscissa, &x_tally);
        x.ramp = x.ramp.padded();
        let mut y_axis = self.value_axis(values, &y_tally, || y.clone())?;
        if values.shape().len() == 2 && y_axis.name.is_empty() {
            "column 1".clone_into(&mut y_axis.name);
        }
        let points = abscissa.values.into_iter().zip(y);
        let marks = Marks::Points(
            points
                .filter(|(x, y)| x.is_finite() && y.is_finite())
                .collect(),
        );
        Ok(self.with(
            values,
            &y_tally,
            Body::Plot {
                x,
                y: y_axis,
                marks,
            },
        ))
    }

    fn abscissa_axis(&self, abscissa: &Abscissa, tally: &Tally) -> Axis {
        axis_of(
            tally.ramp(self.scale(0)),
            abscissa.meaning,
            abscissa.name.clone(),
        )
    }

    fn histogram(&self, values: &Values<'_, '_>) -> Result<Chart, Error> {
        let bins = Bins::of(values, BINS, (self.limits, self.scale(0)), self.whole)?;
        let x = axis_of(bins.ramp, values.meaning(), values.unit());
        let most = bins.counts.iter().copied().max().unwrap_or(0) as f64;
        let ends = match self.scale(1) {
            Scale::Log => (0.7, most.max(1.0) * 1.3),
            Scale::Linear => (0.0, most.max(1.0) * 1.05),
        };
        let y = Axis::new(
            Ramp::between(Some(ends), self.scale(1)),
            Labels::Integers,
            "count",
        );
        let tally = bins.tally;
        let marks = Marks::Bars(bins.counts);
        Ok(self.with(values, &tally, Body::Plot { x, y, marks }))
    }

    fn heatmap(
        &self,
        values: &Values<'_, '_>,
        (width, height): (usize, usize),
    ) -> Result<Chart, Error> {
        if values.shape().len() != 2 {
            return Err(Error::unsuitable(format!(
                "a heatmap has 2 axes, and the shape is {}: select some of it with --slice",
                npio::dtype::shape_tuple(values.shape())
            )));
        }
        let grid = Grid::of(values, width, height, self.whole)?;
        let (ramp, colormap) = self.colors(values, &grid.values)?;
        let x = self.index_axis(values, 1, true);
        let mut y = self.index_axis(values, 0, true);
        // The first row is at the top.
        y.is_reversed = !y.is_reversed;
        let tally = grid.tally;
        let size = values.rows_and_columns();
        let scale = axis_of(ramp, values.meaning(), values.unit());
        let body = Body::Heat {
            grid,
            size,
            x,
            y,
            scale,
            colormap,
        };
        Ok(self.with(values, &tally, body))
    }

    /// Which values have which colours.
    fn colors(&self, values: &Values<'_, '_>, drawn: &[f64]) -> Result<(Ramp, Colormap), Error> {
        let is_bool = values.meaning() == Meaning::Bool;
        let colormap = self.colormap.unwrap_or(if is_bool {
            Colormap::Gray
        } else {
            Colormap::Viridis
        });
        if is_bool && self.limits == Limits::All {
            return Ok((Ramp::between(Some((0.0, 1.0)), Scale::Linear), colormap));
        }
        let ramp = Ramp::new(drawn, self.limits, self.scale(2))?;
        let is_around_zero = colormap == Colormap::RdBu && ramp.low() < 0.0 && ramp.high() > 0.0;
        if is_around_zero && !matches!(self.limits, Limits::Given(..)) {
            // White is zero.
            let far = ramp.high().max(-ramp.low());
            return Ok((Ramp::between(Some((-far, far)), Scale::Linear), colormap));
        }
        Ok((ramp, colormap))
    }

    fn image(
        &self,
        values: &Values<'_, '_>,
        (width, height): (usize, usize),
    ) -> Result<Chart, Error> {
        Image::check(values)?;
        let grid = Grid::of(values, width, height, self.whole)?;
        let image = Image::of_grid(self, values, &grid)?;
        let size = values.rows_and_columns();
        let body = Body::Image {
            pixels: image.pixels(),
            size,
        };
        Ok(self.with(values, &grid.tally, body))
    }

    fn montage(
        &self,
        values: &Values<'_, '_>,
        (width, height): (usize, usize),
    ) -> Result<Chart, Error> {
        let &[planes, rows, columns] = values.shape() else {
            return Err(Error::unsuitable(format!(
                "a montage has 3 axes, and the shape is {}: select some of it with --slice",
                npio::dtype::shape_tuple(values.shape())
            )));
        };
        let shown = planes.min(MAX_PLANES);
        let across = across(shown, (columns, rows), (width, height));
        let room = (width / across, height / shown.div_ceil(across).max(1));
        let mut tally = Tally::default();
        let mut tiles = Vec::new();
        let mut drawn = Vec::new();
        for tile in 0..shown {
            let index = tile * planes / shown;
            let Some(plane) = values.plane(index) else {
                break;
            };
            let grid = Grid::of(
                &plane,
                room.0.max(1),
                room.1.max(1),
                self.whole / shown as u64,
            )?;
            tally.merge(&grid.tally);
            drawn.extend_from_slice(&grid.values);
            tiles.push(Tile {
                index: values.index(0, index),
                grid,
            });
        }
        let (ramp, colormap) = self.colors(values, &drawn)?;
        let scale = axis_of(ramp, values.meaning(), values.unit());
        let mut chart = self.with(
            values,
            &tally,
            Body::Montage {
                tiles,
                across,
                size: (rows, columns),
                scale,
                colormap,
            },
        );
        if shown < planes {
            chart.notes.push(format!("{shown} of {planes} planes"));
        }
        Ok(chart)
    }

    /// The indices along an axis; those of cells have half of one at each end.
    fn index_axis(&self, values: &Values<'_, '_>, axis: usize, is_cells: bool) -> Axis {
        let length = values.shape().get(axis).copied().unwrap_or(1);
        let ends = [0, length.saturating_sub(1)].map(|index| values.index(axis, index) as f64);
        let step = if length > 1 {
            (ends[1] - ends[0]).abs() / (length - 1) as f64
        } else {
            1.0
        };
        let half = if is_cells { step / 2.0 } else { 0.0 };
        let (low, high) = (ends[0].min(ends[1]) - half, ends[0].max(ends[1]) + half);
        let ramp = match self.scale(0) {
            Scale::Log if !is_cells => {
                Ramp::between(Some((low.max(1.0), high.max(1.0))), Scale::Log)
            }
            _ => Ramp::between(Some((low, high)), Scale::Linear),
        };
        let mut axis = Axis::new(ramp, Labels::Integers, axis_name(values, axis));
        axis.is_reversed = ends[0] > ends[1];
        axis
    }
}

/// How many tiles are side by side, so that they are as large as possible.
fn across(tiles: usize, (width, height): (usize, usize), room: (usize, usize)) -> usize {
    let size = |across: usize| {
        let down = tiles.div_ceil(across);
        let (wide, high) = (room.0 as f64 / across as f64, room.1 as f64 / down as f64);
        (wide / width as f64).min(high / height as f64)
    };
    let better = |a: &usize, b: &usize| size(*a).total_cmp(&size(*b)).then(b.cmp(a));
    (1..=tiles).max_by(better).unwrap_or(1)
}

fn axis_of(ramp: Ramp, meaning: Meaning, name: String) -> Axis {
    let labels = match meaning {
        Meaning::Datetime(step) => Labels::Times(step),
        Meaning::Bool => Labels::Integers,
        _ => Labels::Numbers,
    };
    let name = match meaning {
        Meaning::Datetime(step) => match common_date(&ramp, step) {
            Some(date) if name.is_empty() => date,
            Some(date) => format!("{name} {date}"),
            None => name,
        },
        _ => name,
    };
    Axis::new(ramp, labels, name)
}

fn axis_name(values: &Values<'_, '_>, axis: usize) -> String {
    if values.axis_count() == 1 {
        return "index".to_owned();
    }
    format!("axis {}", values.axis_number(axis))
}

/// The values that belong to these others.
fn pairs_of(values: &Values<'_, '_>, others: &[f64]) -> Result<Vec<f64>, Error> {
    let shape = npio::dtype::shape_tuple(values.shape());
    if values.shape().len() != 1 || values.count() != others.len() {
        return Err(Error::unsuitable(format!(
            "--x has {} values for an array of shape {shape}",
            others.len()
        )));
    }
    values.read(&[])
}

/// Values at places that increase, in columns of equal width.
fn columns_at(
    places: &[f64],
    values: &[f64],
    width: usize,
    scale: Scale,
) -> Result<(Vec<(f64, Column)>, Tally), Error> {
    let mut tally = Tally::default();
    tally.add(values);
    let mut x_tally = Tally::default();
    x_tally.add(places);
    let ramp = x_tally.ramp(scale);
    let mut columns: Vec<(f64, Column)> = Vec::new();
    let mut last = (f64::NEG_INFINITY, usize::MAX);
    let is_each = values.len() <= width;
    for (index, (place, value)) in places.iter().zip(values).enumerate() {
        if !place.is_finite() {
            continue;
        }
        if *place < last.0 {
            return Err(Error::unsuitable(format!(
                "the values of --x have to increase for a line, and x[{index}] does not: --kind scatter draws points"
            )));
        }
        let cell = (ramp.place(*place) * width as f64) as usize;
        if cell != last.1 || is_each || columns.is_empty() {
            columns.push((*place, Column::new(index, 0)));
        }
        if let Some((_, column)) = columns.last_mut() {
            column.count += 1;
            column.add(std::iter::once(*value));
        }
        last = (*place, cell);
    }
    Ok((columns, tally))
}
