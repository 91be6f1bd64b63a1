//! Reading items into memory that the caller has.

use super::ReadOptions;
use super::fill::{fill_next, swap_all};
use super::panels::turn_stream;
use crate::{Error, ErrorKind, Strided};
use bytemuck::Pod;
use dtype::{ByteOrder, Element, Layout, Order};
use npy_header::Header;
use std::fs::File;
use std::io::Read;

impl ReadOptions {
    /// Reads one array into `items`, which take all of it in C order and native byte order, whatever
    /// other options say; the answer is its layout there. The source stays right behind the array.
    ///
    /// ```
    /// use flatfile::{Array, npy};
    /// let file = npy::to_bytes(&Array::from_slice(&[1.5f32, 2.5, 3.5, 4.5], [2, 2])?)?;
    /// let mut items = [0f32; 4];
    /// let layout = npy::ReadOptions::new().read_into(&file[..], &mut items)?;
    /// assert_eq!((layout.shape(), items), (&[2, 2][..], [1.5, 2.5, 3.5, 4.5]));
    ///
    /// let error = npy::ReadOptions::new().read_into(&file[..], &mut items[1..]).unwrap_err();
    /// assert_eq!(error.to_string(), "the array has another number of items: expected 3, found 4");
    /// # Ok::<(), flatfile::Error>(())
    /// ```
    ///
    /// # Errors
    /// `Mismatch` or `Count`, before `items` are touched; `Header`, `Short`, `Object`, `Io`. After an error
    /// while reading, `items` hold some of the new values.
    pub fn read_into<T: Element + Pod>(
        &self,
        mut source: impl Read,
        items: &mut [T],
    ) -> Result<Layout, Error> {
        let options = self.for_items::<T>();
        let (header, _) = options.read_header(&mut source)?;
        let layout = options.fitting(header, items)?;
        let swap = Some((layout.dtype(), ByteOrder::NATIVE));
        let bytes = bytemuck::cast_slice_mut(items);
        let whole = layout.nbytes();
        let mut source = source.take(whole as u64);
        let mut read = |part: &mut [u8]| fill_next(&mut source, part, swap);
        let filled = match layout.is_c_contiguous() {
            true => read(bytes),
            false => turn_stream(&layout, bytes, read),
        };
        filled.map_err(|error| error.of_whole(whole, whole - source.limit() as usize))?;
        options.as_read(&layout, layout.shape())
    }

    /// The same from byte `offset` of a regular file on; large arrays are read by several threads. This
    /// takes 8 MiB beside `items` at most.
    ///
    /// # Errors
    /// As [`read_into`](ReadOptions::read_into).
    pub fn read_into_at<T: Element + Pod>(
        &self,
        file: &File,
        offset: u64,
        items: &mut [T],
    ) -> Result<Layout, Error> {
        let options = self.for_items::<T>();
        let head = options.head(file, offset)?;
        let layout = options.fitting(head.header, items)?;
        let bytes = bytemuck::cast_slice_mut(items);
        let there = head.block.get(head.data_offset..).unwrap_or_default();
        match Strided::contiguous(&layout, there) {
            Ok(there) => {
                there.copy_to(Order::C, bytes)?;
                swap_all(Some((layout.dtype(), ByteOrder::NATIVE)), bytes);
            }
            Err(_) => {
                let begin = offset + head.data_offset as u64;
                let data = options.data(file, begin, layout.clone())?;
                data.read_in(Order::C, &data.places(), bytes)?;
            }
        }
        options.as_read(&layout, layout.shape())
    }

    fn for_items<T: Element>(&self) -> ReadOptions {
        self.clone().element::<T>().order(Order::C)
    }

    /// The layout in the file, of as many items as there is room for.
    fn fitting<T>(&self, header: Header, items: &[T]) -> Result<Layout, Error> {
        let layout = self.checked(header)?;
        let found = layout.nbytes().checked_div(size_of::<T>());
        match (items.len(), found.unwrap_or(layout.count())) {
            (expected, found) if expected == found => Ok(layout),
            (expected, found) => Err(ErrorKind::Count { expected, found }.into()),
        }
    }
}
