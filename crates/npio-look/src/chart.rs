//! A picture before it is drawn: [`Chart`].

use crate::axis::Axis;
use crate::colormap::{Colormap, Rgb};
use crate::error::Error;
use crate::layout;
use crate::pixels::Pixels;
use crate::png;
use crate::raster;
use crate::sample::{Column, Grid};
use crate::svg;

/// A picture before it is drawn: what is where, on axes, with what is written beside it.
#[derive(Clone, Debug)]
pub struct Chart {
    /// What is drawn.
    pub title: String,
    /// What is known of the values.
    pub notes: Vec<String>,
    /// The picture itself.
    pub body: Body,
}

/// What a picture is made of.
#[derive(Clone, Debug)]
pub enum Body {
    /// Marks between two axes.
    Plot {
        /// The axis from left to right.
        x: Axis,
        /// The axis from bottom to top.
        y: Axis,
        /// What is drawn.
        marks: Marks,
    },
    /// A colour for each cell.
    Heat {
        /// The cells.
        grid: Grid,
        /// The numbers of rows and columns that they have in the array.
        size: (usize, usize),
        /// The axis from left to right.
        x: Axis,
        /// The axis from bottom to top.
        y: Axis,
        /// Which values the colours are.
        scale: Axis,
        /// The colours.
        colormap: Colormap,
    },
    /// Pixels.
    Image {
        /// As many as there is room for.
        pixels: Pixels,
        /// The numbers of rows and columns in the array.
        size: (usize, usize),
    },
    /// Heatmaps side by side.
    Montage {
        /// The heatmaps, row by row.
        tiles: Vec<Tile>,
        /// The number of them in a row.
        across: usize,
        /// The numbers of rows and columns that each has in the array.
        size: (usize, usize),
        /// Which values the colours are.
        scale: Axis,
        /// The colours.
        colormap: Colormap,
    },
}

/// What is drawn between axes.
#[derive(Clone, Debug)]
pub enum Marks {
    /// Lines: the place and the values of each column.
    Lines(Vec<Vec<(f64, Column)>>),
    /// Points.
    Points(Vec<(f64, f64)>),
    /// The number of values in each interval, which divide the axis into equal parts.
    Bars(Vec<u64>),
}

/// One heatmap among others.
#[derive(Clone, Debug)]
pub struct Tile {
    /// The index in the array.
    pub index: usize,
    /// The cells.
    pub grid: Grid,
}

/// The colours of lines, in this order.
pub(crate) const LINES: [Rgb; 10] = [
    Rgb(0x1f, 0x6f, 0xb4),
    Rgb(0xd9, 0x5f, 0x02),
    Rgb(0x1b, 0x9e, 0x77),
    Rgb(0xc5, 0x3a, 0x56),
    Rgb(0x75, 0x70, 0xb3),
    Rgb(0x8c, 0x6d, 0x31),
    Rgb(0xe7, 0x6a, 0xb5),
    Rgb(0x66, 0x66, 0x66),
    Rgb(0xa6, 0xa6, 0x1d),
    Rgb(0x17, 0xae, 0xbf),
];

impl Chart {
    /// The picture as SVG, of this width and height.
    ///
    /// # Errors
    /// A picture in it that is too large.
    pub fn svg(&self, width: usize, height: usize) -> Result<String, Error> {
        svg::svg(&layout::scene(self, width, height))
    }

    /// The picture as pixels, of this width and height.
    ///
    /// # Errors
    /// Letters that cannot be drawn.
    pub fn pixels(&self, width: usize, height: usize) -> Result<Pixels, Error> {
        // Large pictures are looked at from farther away, or on denser screens.
        let scale = (width / 1200).clamp(1, 4);
        let pixels = raster::pixels(&layout::scene(self, width / scale, height / scale), scale)?;
        if (pixels.width(), pixels.height()) == (width, height) {
            return Ok(pixels);
        }
        Ok(pixels.resized(width, height))
    }

    /// The picture as a PNG, of this width and height.
    ///
    /// # Errors
    /// As [`pixels`](Chart::pixels); a picture that is too large.
    pub fn png(&self, width: usize, height: usize) -> Result<Vec<u8>, Error> {
        png::rgb(&self.pixels(width, height)?)
    }
}

/// The colours of cells.
pub(crate) fn colors(grid: &Grid, scale: &Axis, colormap: Colormap) -> Pixels {
    let color = |value: &f64| colormap.color(scale.ramp.place(*value));
    Pixels::from_colors(
        grid.width,
        grid.height,
        grid.values.iter().map(color).collect(),
    )
}
