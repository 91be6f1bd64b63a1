//! The text of an array of which only the corners were read: [`Summary`].

use super::printed_items::EDGE_ITEMS;
use super::{Options, Show};
use crate::array::Array;
use crate::error::Error;
use std::fmt;

/// The text of an array that was read only for this purpose: see [`Reader::summary`](crate::Reader::summary).
#[derive(Clone, Debug)]
pub struct Summary {
    array: Array,
    options: Options,
    is_corners: bool,
}

impl Summary {
    /// The summary of an array that was read as a whole.
    pub(crate) fn whole(array: Array, options: &Options) -> Result<Summary, Error> {
        Summary::checked(array, options, false)
    }

    /// The summary of the corners of a larger array, whose axes have the indices that
    /// [`summary_indices`](Options::summary_indices) returns.
    pub(crate) fn corners(array: Array, options: &Options) -> Result<Summary, Error> {
        Summary::checked(array, options, true)
    }

    fn checked(array: Array, options: &Options, is_corners: bool) -> Result<Summary, Error> {
        let options = options.clone();
        let summary = Summary {
            array,
            options,
            is_corners,
        };
        summary.options.array(&summary.array.strided())?;
        Ok(summary)
    }

    /// The number of axes of the array.
    pub fn ndim(&self) -> usize {
        self.array.shape().len()
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let show = Show {
            view: self.array.strided(),
            object: None,
            options: self.options.clone(),
            is_corners: self.is_corners,
        };
        show.fmt(f)
    }
}

impl Options {
    /// The indices along an axis of this length that are read for a summary: all of a short one, else those at its ends
    /// and, so that it still counts as long, one between them.
    pub(crate) fn summary_indices(
        &self,
        axis: usize,
        length: usize,
    ) -> impl Iterator<Item = usize> + Clone + use<> {
        let is_long = length > 2 * EDGE_ITEMS && !(self.all_rows && axis == 0);
        let (head, tail) = if is_long {
            (EDGE_ITEMS + 1, length - EDGE_ITEMS)
        } else {
            (length, length)
        };
        (0..head).chain(tail..length)
    }
}
