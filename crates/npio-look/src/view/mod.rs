//! The viewer: arrays of any number of axes on a terminal, of which only what is visible is read.
//!
//! A [`Catalog`] lists what can be opened. The `Model` is the state, which keys change; `Window` reads the items on the
//! screen; `draw` makes a frame of both; [`run`] shows frames on a terminal, and [`frame`] makes one of them.

mod canvas;
mod catalog;
mod chart;
mod contents;
mod draw;
mod frame;
mod keys;
mod list;
mod model;
mod plane;
mod selection;
mod session;
mod table;
mod terminal;
#[cfg(test)]
mod tests;
mod walk;
mod window;
mod work;

pub use catalog::{Catalog, Details, Opened, Viewed, Work};
pub use contents::Contents;
pub use frame::frame;
pub use terminal::{Ended, restore, run};

use crate::cells::Palette;
use npio::{CancelToken, Slice};

/// How to look.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The slice of the array that is shown at first.
    pub slice: Option<Slice>,
    /// The colours of the terminal.
    pub palette: Palette,
    /// Ends the viewer when it is cancelled.
    pub stop: CancelToken,
}
