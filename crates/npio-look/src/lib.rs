//! Pictures of NumPy's arrays, of any size, in terminals and files.
//!
//! An array is an [`npio::OpenArray`], of which [`Values`] are a part, as numbers. [`Grid`], [`Line`] and [`Bins`] are as many of
//! them as a picture needs, a [`Ramp`] says where in a range each is, and a [`Colormap`] in which colour. [`cells`] is a
//! picture of characters.

#![forbid(unsafe_code)]

pub mod cells;
mod colormap;
mod error;
mod pixels;
mod range;
mod sample;
mod values;
pub mod view;

pub use colormap::{Colormap, Rgb};
pub use error::Error;
pub use pixels::{Dots, Pixels};
pub use range::{Limits, Ramp, Scale};
pub use sample::{Bins, Column, Grid, Line, Tally, WHOLE};
pub use values::{Block, ComplexPart, Meaning, Values};
