//! Reading items into memory that the caller has.

use super::ReadOptions;
use super::fill::fill_next;
use super::panels::turn_stream;
use super::turn::Turn;
use crate::longdouble::Watch;
use crate::{Error, ErrorKind, ReadAt};
use bytemuck::Pod;
use dtype::{Element, Layout, Order};
use std::io::Read;

impl ReadOptions {
    /// Reads the items of this layout into `items`, which take all of them in C order and native byte
    /// order, whatever other options say; the answer is their layout there.
    ///
    /// # Errors
    /// `Mismatch` or `Count`, before `items` are touched; `Short`, `Object`, `Io`. After an error while
    /// reading, `items` hold some of the new values.
    pub fn read_into<T: Element + Pod>(
        &self,
        source: impl Read,
        layout: &Layout,
        items: &mut [T],
    ) -> Result<Layout, Error> {
        let options = self.for_items(layout, items)?;
        let cast = options.cast(layout.dtype())?;
        let watch = Watch::in_turn(None);
        let turn = Turn::new(layout.dtype(), options.byte_order, cast.as_ref(), &watch);
        let bytes = bytemuck::cast_slice_mut(items);
        let whole = layout.nbytes();
        let mut source = source.take(whole as u64);
        let size = layout.dtype().itemsize();
        let mut read = |part: &mut [u8]| {
            let before = whole - source.limit() as usize;
            let filled = fill_next(&mut source, part, &turn);
            filled.map_err(|error| error.items_later(before.checked_div(size).unwrap_or(0)))
        };
        let filled = match layout.is_c_contiguous() {
            true => read(bytes),
            false => {
                let dtype = options.as_read(layout, layout.shape())?.dtype().clone();
                turn_stream(&layout.with_dtype(dtype)?, bytes, read)
            }
        };
        filled.map_err(|error| error.of_whole(whole, whole - source.limit() as usize))?;
        options.as_read(layout, layout.shape())
    }

    /// The same from byte `offset` of a source on; large arrays are read by several threads. This
    /// takes 8 MiB beside `items` at most.
    ///
    /// # Errors
    /// As [`read_into`](ReadOptions::read_into).
    pub fn read_into_at<T: Element + Pod, S: ReadAt + ?Sized>(
        &self,
        source: &S,
        offset: u64,
        layout: &Layout,
        items: &mut [T],
    ) -> Result<Layout, Error> {
        let options = self.for_items(layout, items)?;
        let data = options.data(source, offset, layout)?;
        data.read_in(Order::C, &data.places(), bytemuck::cast_slice_mut(items))?;
        options.as_read(layout, layout.shape())
    }

    /// How to read an array of this layout into these items, of which there are as many.
    fn for_items<T: Element>(&self, layout: &Layout, items: &[T]) -> Result<ReadOptions, Error> {
        let options = self.clone().element::<T>().order(Order::C);
        options.check(layout)?;
        let nbytes = options.as_read(layout, layout.shape())?.nbytes();
        let found = nbytes.checked_div(size_of::<T>());
        match (items.len(), found.unwrap_or(layout.count())) {
            (expected, found) if expected == found => Ok(options),
            (expected, found) => Err(ErrorKind::Count { expected, found }.into()),
        }
    }
}
