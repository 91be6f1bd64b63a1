//! The crate from outside.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod append;
mod append_faults;
mod array;
mod astype;
#[cfg(feature = "half")]
mod bfloat;
mod blocks;
mod cancel;
mod cast;
#[cfg(feature = "text")]
mod genfromtxt;
#[cfg(feature = "text")]
mod long_doubles;
#[cfg(feature = "text")]
mod longdouble;
#[cfg(feature = "text")]
mod longdouble_stated;
mod map;
mod npy;
mod raw;
mod read_at;
mod reader;
mod show;
mod slice;
mod stats;
mod strided;
#[cfg(feature = "text")]
mod table;
mod table_errors;
#[cfg(feature = "text")]
mod table_exchange;
#[cfg(feature = "text")]
mod text_errors;
#[cfg(feature = "text")]
mod text_integers;
mod verify;
mod view;

use dtype::Layout;
use flatfile::{Conversion, Forward, ReadAt, Reader};
use std::io::Read;

/// Opens raw items with a conversion.
trait Open {
    fn at<S: ReadAt>(&self, source: S, offset: u64, layout: &Layout) -> Reader<S>;
    fn stream<R: Read>(&self, source: R, layout: &Layout) -> Reader<Forward<R>>;
    fn sure_stream<R: Read>(
        &self,
        source: R,
        available: u64,
        layout: &Layout,
    ) -> Reader<Forward<R>>;
}

impl Open for Conversion {
    fn at<S: ReadAt>(&self, source: S, offset: u64, layout: &Layout) -> Reader<S> {
        Reader::raw(source, layout.clone(), offset).conversion(self.clone())
    }

    fn stream<R: Read>(&self, source: R, layout: &Layout) -> Reader<Forward<R>> {
        Reader::raw(Forward::new(source), layout.clone(), 0).conversion(self.clone())
    }

    fn sure_stream<R: Read>(
        &self,
        source: R,
        available: u64,
        layout: &Layout,
    ) -> Reader<Forward<R>> {
        let source = Forward::with_length(source, available);
        Reader::raw(source, layout.clone(), 0).conversion(self.clone())
    }
}
