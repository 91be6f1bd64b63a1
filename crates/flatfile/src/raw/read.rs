//! Reading items whose layout is known, in one copy from the source to where they stay.

use super::partial::Data;
use super::turn::{Turn, target};
use crate::element::{Fit, check_element, conversion, item};
use crate::longdouble::{Proof, Watch, has_long_double};
use crate::places::Places;
use crate::{
    Array, Buffer, Cast, Error, ErrorKind, LongDouble, ReadAt, Slice, Strided, refuse_objects,
};
use dtype::{ByteOrder, Casting, DType, Element, Layout, Order};
use std::io::Read;

/// How to read items.
///
/// ```
/// use flatfile::{raw, dtype::{ByteOrder, DType, Layout, Order}};
/// let layout = Layout::new(DType::U16, [2], Order::C)?;
/// let array = raw::ReadOptions::new().byte_order(ByteOrder::Big).read(&[1, 0, 2, 0][..], &layout)?;
/// assert_eq!((array.dtype().to_string().as_str(), array.as_bytes()), (">u2", &[0, 1, 0, 2][..]));
/// # Ok::<(), flatfile::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct ReadOptions {
    pub(super) byte_order: Option<ByteOrder>,
    order: Option<Order>,
    element: Option<Wanted>,
    astype: Option<(DType, Casting)>,
    longdouble: Option<LongDouble>,
    /// Shared by the blocks of one array.
    pub(super) proof: Option<Proof>,
}

/// What a Rust type wants of the array.
#[derive(Clone, Copy, Debug)]
struct Wanted {
    alignment: usize,
    item: fn() -> DType,
    check: fn(&Layout) -> Result<Fit, Error>,
}

impl ReadOptions {
    /// The defaults: items as they are in the source.
    pub fn new() -> ReadOptions {
        ReadOptions::default()
    }

    /// Turns the items into this byte order while they are read.
    #[must_use]
    pub fn byte_order(mut self, order: ByteOrder) -> ReadOptions {
        self.byte_order = Some(order);
        self
    }

    /// Turns the items into this memory order while they are read. From a source that is read at
    /// positions that takes 8 MiB beside the array; from a stream ([`read`](ReadOptions::read)) the memory of both orders.
    ///
    /// ```
    /// use flatfile::{raw, dtype::{DType, Layout, Order}};
    /// let columns = Layout::new(DType::U8, [2, 3], Order::Fortran)?;
    /// let bytes = [1, 4, 2, 5, 3, 6];
    /// let array = raw::ReadOptions::new().order(Order::C).read(&bytes[..], &columns)?;
    /// assert_eq!((array.layout().order(), array.as_bytes()), (Order::C, &[1, 2, 3, 4, 5, 6][..]));
    /// # Ok::<(), flatfile::Error>(())
    /// ```
    #[must_use]
    pub fn order(mut self, order: Order) -> ReadOptions {
        self.order = Some(order);
        self
    }

    /// Makes items of this dtype of them while they are read, as [`Array::astype`] does, without a
    /// second array. (From a stream it takes the memory of both.)
    ///
    /// ```
    /// use flatfile::{raw, dtype::{Casting, DType, Layout, Order}};
    /// let layout = Layout::new(DType::U8, [3], Order::C)?;
    /// let read = raw::ReadOptions::new().astype(DType::F32, Casting::Safe);
    /// assert_eq!(read.read(&[1, 2, 3][..], &layout)?.to_vec::<f32>()?, [1.0, 2.0, 3.0]);
    /// # Ok::<(), flatfile::Error>(())
    /// ```
    #[must_use]
    pub fn astype(mut self, dtype: DType, casting: Casting) -> ReadOptions {
        self.astype = Some((dtype, casting));
        self
    }

    /// States what long doubles in the source are; they come as numbers of the x87 without padding. Items of other
    /// types are read as without it.
    ///
    /// ```
    /// use flatfile::{LongDouble, raw, dtype::{DType, Layout, Order}};
    /// let layout = Layout::new("<f16".parse()?, [1], Order::C)?;
    /// // 1.5 on a machine whose long doubles are IEEE quads.
    /// let file = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80, 0xff, 0x3f];
    /// let read = raw::ReadOptions::new().longdouble(LongDouble::Quad);
    /// assert_eq!(read.read(&file[..], &layout)?.to_string(), "[1.5]");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn longdouble(mut self, longdouble: LongDouble) -> ReadOptions {
        self.longdouble = Some(longdouble);
        self
    }

    /// Expects items of `T`: another dtype is an error before any data is read, items come in native
    /// byte order, or that of `T`'s fields, and memory is such that [`Array::into_vec`] hands it over. The
    /// fields of a record are found by name, as in [`Array::to_vec`].
    #[must_use]
    pub fn element<T: Element>(mut self) -> ReadOptions {
        self.byte_order = item::<T>().is_native().then_some(ByteOrder::NATIVE);
        self.element = Some(Wanted {
            alignment: align_of::<T>(),
            item: item::<T>,
            check: check_element::<T>,
        });
        self
    }

    /// Reads the items of this layout; the source stays right behind them. Memory grows with what
    /// arrives.
    ///
    /// # Errors
    /// `Short`, `Object`, `Mismatch`, `Memory`, `Io`.
    pub fn read(&self, source: impl Read, layout: &Layout) -> Result<Array, Error> {
        self.check(layout)?;
        let bytes = Buffer::read(source, layout.nbytes(), self.alignment(layout.dtype()))?;
        self.turned(Array::new(layout.clone(), bytes)?)
    }

    /// The array of this layout whose bytes `fill` puts where they stay: for sources that are neither
    /// streams nor files. Nothing is allocated where fewer bytes than that are `available`.
    ///
    /// ```
    /// use flatfile::{Error, raw, dtype::{DType, Layout, Order}};
    /// let layout = Layout::new(DType::U8, [3], Order::C)?;
    /// let array = raw::ReadOptions::new().read_with(&layout, 3, |bytes| {
    ///     bytes.copy_from_slice(b"abc");
    ///     Ok::<(), Error>(())
    /// })?;
    /// assert_eq!(array.as_bytes(), b"abc");
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// `Short`, `Object`, `Mismatch`, `Memory`; those of `fill`.
    pub fn read_with<E: From<Error>>(
        &self,
        layout: &Layout,
        available: u64,
        fill: impl FnOnce(&mut [u8]) -> Result<(), E>,
    ) -> Result<Array, E> {
        self.check(layout)?;
        let nbytes = layout.nbytes();
        if available < nbytes as u64 {
            return Err(Error::short(nbytes, available as usize).into());
        }
        let mut buffer = Buffer::zeroed(nbytes, self.alignment(layout.dtype()))?;
        fill(buffer.as_mut())?;
        Ok(self.turned(Array::new(layout.clone(), buffer)?)?)
    }

    /// Reads the items of this layout from byte `offset` of a source on; large arrays by several threads.
    ///
    /// # Errors
    /// `Short`, `Object`, `Mismatch`, `Memory`, `Io`.
    pub fn read_at<S: ReadAt + ?Sized>(
        &self,
        source: &S,
        offset: u64,
        layout: &Layout,
    ) -> Result<Array, Error> {
        let data = self.data(source, offset, layout)?;
        self.read_items(&data, &data.places())
    }

    /// Reads the items that `slice` takes of the array at byte `offset` of a source, and little else.
    /// They come in the memory order that they have there.
    ///
    /// # Errors
    /// `Slice`, and as [`read_at`](ReadOptions::read_at).
    pub fn read_slice_at<S: ReadAt + ?Sized>(
        &self,
        source: &S,
        offset: u64,
        layout: &Layout,
        slice: &Slice,
    ) -> Result<Array, Error> {
        let data = self.data(source, offset, layout)?;
        let taken = slice.of(&data.places())?;
        self.read_items(&data, &taken)
    }

    /// A copy of the items that `slice` takes of an array of this layout, with which `bytes` begin.
    ///
    /// # Errors
    /// `Slice`, `Short`, `Object`, `Mismatch`, `Memory`.
    pub fn copy_slice(&self, bytes: &[u8], layout: &Layout, slice: &Slice) -> Result<Array, Error> {
        self.check(layout)?;
        let all = Strided::contiguous(layout, bytes)?;
        self.take(&all.slice(slice)?, layout.order())
    }

    /// Whether an array of this layout is what is asked for.
    pub(crate) fn check(&self, layout: &Layout) -> Result<(), Error> {
        refuse_objects(layout.dtype())?;
        match self.element {
            Some(wanted) => (wanted.check)(&self.expected(layout, layout.shape())?).map(drop),
            None => self.cast(layout.dtype()).map(drop),
        }
    }

    /// The items of this layout at byte `begin` of a source that has all of them.
    pub(super) fn data<'a, S: ReadAt + ?Sized>(
        &self,
        source: &'a S,
        begin: u64,
        layout: &Layout,
    ) -> Result<Data<'a, S>, Error> {
        self.check(layout)?;
        let found = source.len()?.saturating_sub(begin);
        match found < layout.nbytes() as u64 {
            true => Err(Error::short(layout.nbytes(), found as usize)),
            false => Ok(Data {
                source,
                begin,
                layout: layout.clone(),
                byte_order: self.byte_order,
                cast: self.cast(layout.dtype())?,
                watch: Watch::at_the_end(self.proof.as_ref()),
            }),
        }
    }

    /// Reads the items at these places.
    pub(super) fn read_items<S: ReadAt + ?Sized>(
        &self,
        data: &Data<'_, S>,
        places: &Places,
    ) -> Result<Array, Error> {
        let layout = self.as_read(&data.layout, &places.shape)?;
        let mut buffer = Buffer::zeroed(layout.nbytes(), self.alignment(layout.dtype()))?;
        data.read_in(layout.order(), places, buffer.as_mut())?;
        Array::new(layout, buffer)
    }

    /// How items of this dtype become those that are asked for, where others are.
    pub(super) fn cast(&self, dtype: &DType) -> Result<Option<Cast>, Error> {
        let wanted = self.element.map(|wanted| (wanted.item)());
        match target(&self.astype, self.byte_order) {
            None => match wanted {
                Some(wanted) => conversion(dtype, &wanted, self.longdouble),
                None if self.longdouble.is_some() && has_long_double(dtype) => {
                    let order = self.byte_order;
                    let to =
                        order.map_or_else(|| dtype.clone(), |order| dtype.with_byte_order(order));
                    Cast::of_stated(dtype, &to, Casting::Unsafe, self.longdouble).map(Some)
                }
                None => Ok(None),
            },
            // Its axes would be the array's.
            Some((to @ DType::Subarray(_), casting)) => {
                let from = dtype.clone();
                Err(ErrorKind::Cast { from, to, casting }.into())
            }
            Some((to, casting)) => {
                // The Rust type may have a byte order of its own.
                let to = wanted
                    .filter(|wanted| is_same_but_order(wanted, &to))
                    .unwrap_or(to);
                Cast::of_stated(dtype, &to, casting, self.longdouble).map(Some)
            }
        }
    }

    /// How items of such a layout are after reading, in this shape.
    pub(super) fn as_read(&self, layout: &Layout, shape: &[usize]) -> Result<Layout, Error> {
        let layout = self.expected(layout, shape)?;
        Ok(match self.byte_order {
            Some(order) => layout.with_byte_order(order),
            None => layout,
        })
    }

    /// The same in the byte order that they have before.
    fn expected(&self, layout: &Layout, shape: &[usize]) -> Result<Layout, Error> {
        let order = self.order.unwrap_or(layout.order());
        let dtype = match self.cast(layout.dtype())? {
            Some(cast) => cast.dtype().clone(),
            None => layout.dtype().clone(),
        };
        Ok(Layout::new(dtype, shape, order)?)
    }

    /// An array that was read as it is.
    pub(super) fn turned(&self, mut array: Array) -> Result<Array, Error> {
        let order = array.layout().order();
        if self.order.is_some_and(|wanted| wanted != order) || self.cast(array.dtype())?.is_some() {
            return self.take(&array.strided(), order);
        }
        if let Some(order) = self.byte_order {
            array.set_byte_order(order);
        }
        Ok(array)
    }

    /// A copy of items that are there already, and come in this order where no other is asked for.
    pub(crate) fn take(&self, items: &Strided<'_>, order: Order) -> Result<Array, Error> {
        let layout = items.layout(self.order.unwrap_or(order))?;
        let layout = self.as_read(&layout, layout.shape())?;
        let cast = self.cast(items.dtype())?;
        let watch = Watch::in_turn(self.proof.as_ref());
        let turn = Turn::new(items.dtype(), self.byte_order, cast.as_ref(), &watch);
        let mut bytes = Buffer::zeroed(layout.nbytes(), self.alignment(layout.dtype()))?;
        let items = items.in_order(layout.order());
        let put = turn.put(&items, bytes.as_mut());
        put.map_err(|error| error.of_item(|item| items.before(item)))?;
        Array::new(layout, bytes)
    }

    pub(super) fn alignment(&self, dtype: &DType) -> usize {
        match self.element {
            Some(wanted) => wanted.alignment,
            None => dtype.alignment(),
        }
    }
}

fn is_same_but_order(a: &DType, b: &DType) -> bool {
    a.with_byte_order(ByteOrder::NATIVE) == b.with_byte_order(ByteOrder::NATIVE)
}
