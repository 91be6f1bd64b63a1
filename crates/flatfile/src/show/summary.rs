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

    /// The summary of the corners of a larger array, whose axes have the indices that [`summary_indices`] returns.
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

/// The indices along an axis of this length that are read for a summary: all of a short one, else those at its ends
/// and, so that it still counts as long, one between them.
pub(crate) fn summary_indices(length: usize) -> impl Iterator<Item = usize> + Clone {
    let head = if length > 2 * EDGE_ITEMS {
        EDGE_ITEMS + 1
    } else {
        length
    };
    let tail = if length > 2 * EDGE_ITEMS {
        length - EDGE_ITEMS
    } else {
        length
    };
    (0..head).chain(tail..length)
}
