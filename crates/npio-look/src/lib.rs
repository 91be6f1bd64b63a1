//! Pictures of NumPy's arrays, of any size, in terminals and files.
//!
//! An array is an [`npio::OpenArray`], of which [`Values`] are a part, as numbers. [`Grid`], [`Line`] and [`Bins`] are as many of
//! them as a picture needs, a [`Ramp`] says where in a range each is, and a [`Colormap`] in which colour. A [`Plot`] makes a
//! [`Chart`] of them, which becomes SVG, PNG, or what a [`Terminal`] shows; [`cells`] is a picture of characters.
//! [`report`] is a page about files.

#![forbid(unsafe_code)]

mod axis;
pub mod cells;
mod chart;
mod colormap;
mod error;
mod escape;
mod font;
mod image;
mod layout;
mod legend;
mod pixels;
mod plot;
mod png;
mod range;
mod raster;
pub mod report;
mod sample;
mod scene;
mod svg;
mod terminal;
mod text;
mod values;
pub mod view;

pub use axis::{Axis, Labels, Tick};
pub use chart::{Body, Chart, Marks, Tile};
pub use colormap::{Colormap, Rgb};
pub use error::Error;
pub use image::Image;
pub use legend::{dtype_name, format_value, grouped};
pub use pixels::{Dots, Pixels};
pub use plot::{Abscissa, Kind, Plot};
pub use range::{Limits, Ramp, Scale};
pub use sample::{Bins, Column, Grid, Line, Tally, WHOLE};
pub use terminal::{Graphics, Terminal};
pub use values::{Block, ComplexPart, Meaning, Values};
