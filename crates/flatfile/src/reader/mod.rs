//! Arrays that are open but not yet read: [`Reader`].

mod accumulate;
mod forward;
mod item_blocks;
mod positions;
mod ranges;
mod request;
mod rows;
mod source;
mod summary;
mod turned;
mod view;

pub use forward::Forward;
pub use item_blocks::ItemBlocks;
pub use ranges::Ranges;
pub use request::Request;
pub use rows::RowBlocks;
pub use source::{AnySource, Source};

use crate::array::{Array, ArrayView};
use crate::buffer::Buffer;
use crate::conversion::{Conversion, ElementRequirements, Plan};
use crate::error::{Error, ErrorKind, refuse_objects};
use crate::npy::RowLayout;
use crate::read_at::ReadAt;
use crate::slice::Slice;
use crate::strided_layout::StridedLayout;
use bytemuck::Pod;
use dtype::{Casting, DType, Element, Layout, Order};
use npy_header::Header;
use std::borrow::Cow;
use std::path::PathBuf;
use view::View;

/// An open array: its layout is known, and its items are read on request.
///
/// `S` is the source of the items. It can be anything that is read at positions ([`ReadAt`](crate::ReadAt): a file,
/// bytes in memory), or a stream, as a [`Forward`]. A `.npy` is opened by
/// [`npy::ReadOptions`](crate::npy::ReadOptions), items without a header by [`Reader::raw`].
///
/// ```
/// use flatfile::{Array, npy};
/// let file = npy::to_bytes(&Array::from_slice(&[1.0, 2.0, 3.0, 4.0], [2, 2])?)?;
/// let reader = npy::open(&file)?;
/// assert_eq!(reader.layout().shape(), [2, 2]);
/// assert_eq!(reader.slice(&"1".parse()?)?.to_vec::<f64>()?, [3.0, 4.0]);
/// assert_eq!(reader.read_vec::<f64>()?, [1.0, 2.0, 3.0, 4.0]);
/// assert_eq!(reader.data_offset(), Some(128));
/// # Ok::<(), flatfile::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Reader<S> {
    source: S,
    header: Option<Header>,
    /// The layout of the array that is read, apart from the conversion.
    layout: Layout,
    /// Where its items are, if they are not all of the source's.
    view: Option<Box<View>>,
    /// Where they begin in it, if they have a position there.
    begin: Option<u64>,
    conversion: Conversion,
    /// The first items, if they were read with the header.
    head: Vec<u8>,
}

impl<S> Reader<S> {
    /// Items of this layout without a header, from byte `begin` of a source on; for a [`Forward`], the next ones.
    ///
    /// ```
    /// use flatfile::{Reader, dtype::{DType, Layout, Order}};
    /// let layout = Layout::new(DType::U8, [2, 2], Order::C)?;
    /// let reader = Reader::raw(&b"..abcd"[..], layout, 2);
    /// assert_eq!(reader.slice(&":, 1".parse()?)?.as_bytes(), b"bd");
    /// # Ok::<(), flatfile::Error>(())
    /// ```
    pub fn raw(source: S, layout: Layout, begin: u64) -> Reader<S> {
        Reader {
            source,
            header: None,
            layout,
            view: None,
            begin: Some(begin),
            conversion: Conversion::new(),
            head: Vec::new(),
        }
    }

    /// The array of a `.npy` whose header was already read: its items begin at byte `begin` of the source, if they
    /// are stored there as they are; those of a [`Forward`] come next.
    pub fn with_header(source: S, header: Header, begin: Option<u64>) -> Reader<S> {
        let layout = header.layout().clone();
        Reader {
            header: Some(header),
            begin,
            ..Reader::raw(source, layout, 0)
        }
    }

    /// The same if these bytes, from the beginning of the items on, were already read; they are kept if they are
    /// all of the items.
    pub(crate) fn with_head(mut self, head: &[u8]) -> Reader<S> {
        let items = head.get(..self.layout.nbytes());
        self.head = items.unwrap_or_default().to_vec();
        self
    }

    /// Converts the items while they are read.
    #[must_use]
    pub fn conversion(mut self, conversion: Conversion) -> Reader<S> {
        self.conversion = conversion;
        self
    }

    /// The same bytes read as items of another type of the same size, as NumPy's `view` does: `bfloat16` of what a
    /// header says is `<V2`. The header stays as it was read.
    ///
    /// ```
    /// use flatfile::{Reader, dtype::{DType, Layout, Order}};
    /// let layout = Layout::new("V1".parse()?, [2], Order::C)?;
    /// let reader = Reader::raw(&[0x38, 0xb8][..], layout, 0).with_dtype(DType::F8E4M3FN)?;
    /// assert_eq!(reader.read()?.to_string(), "[ 1. -1.]");
    /// # Ok::<(), flatfile::Error>(())
    /// ```
    ///
    /// # Errors
    /// `Mismatch` if the sizes differ; `Object` if either holds Python objects.
    pub fn with_dtype(mut self, dtype: DType) -> Result<Reader<S>, Error> {
        if dtype.has_object() {
            return Err(ErrorKind::Object.into());
        }
        refuse_objects(self.layout.dtype())?;
        if dtype.itemsize() != self.layout.dtype().itemsize() {
            let (expected, found) = (dtype, self.layout.dtype().clone());
            return Err(ErrorKind::Mismatch { expected, found }.into());
        }
        if let Some(view) = &mut self.view {
            // Several fields may have something between them.
            if view.items.dtype() != self.layout.dtype() {
                let (expected, found) = (dtype, view.items.dtype().clone());
                return Err(ErrorKind::Mismatch { expected, found }.into());
            }
            view.items = view.items.with_dtype(dtype.clone())?;
        }
        self.layout = self.layout.with_dtype(dtype)?;
        Ok(self)
    }

    /// The header of a `.npy`; `None` for items without one.
    pub fn header(&self) -> Option<&Header> {
        self.header.as_ref()
    }

    /// Dtype, shape and memory order of the array as it is stored or, of a part of it ([`fields`](Reader::fields),
    /// [`transposed`](Reader::transposed), [`sliced`](Reader::sliced)), as it is read without a conversion.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Where the items begin in the source, if they are stored there as they are; compressed ones are not.
    pub fn data_offset(&self) -> Option<u64> {
        self.begin
    }

    /// The same array as the content of a compressed file, in which its items have no position.
    #[must_use]
    pub fn in_compressed_file(mut self) -> Reader<S> {
        self.begin = None;
        self
    }

    /// Where they end in the source, if they have a position there; else their size in bytes.
    pub fn end(&self) -> u64 {
        let begin = self.begin.unwrap_or(0);
        begin.saturating_add(self.stored().nbytes() as u64)
    }

    /// The source.
    pub fn source(&self) -> &S {
        &self.source
    }

    /// Closes the array and returns the source. A stream is right after the bytes that were read from it.
    pub fn into_source(self) -> S {
        self.source
    }

    /// The same as an array in a file, whose path its errors then include. The type is the same for every source.
    pub fn in_file<'a>(self, path: impl Into<PathBuf>) -> Reader<AnySource<'a>>
    where
        S: Source + Send + Sync + 'a,
    {
        Reader {
            source: AnySource::new(self.source, path.into()),
            header: self.header,
            layout: self.layout,
            view: self.view,
            begin: self.begin,
            conversion: self.conversion,
            head: self.head,
        }
    }

    fn plan(&self, wanted: Option<ElementRequirements>) -> Result<Plan, Error> {
        self.plan_of(&self.conversion, wanted)
    }

    fn plan_of(
        &self,
        conversion: &Conversion,
        wanted: Option<ElementRequirements>,
    ) -> Result<Plan, Error> {
        let plan = Plan::new(self.items(), &self.packing(conversion), wanted)?;
        match plan.dtype() {
            // Its axes would become those of the array.
            to @ DType::Subarray(_) => Err(conversion.cannot_cast(self.layout.dtype(), to)),
            _ => Ok(plan),
        }
    }

    /// The same conversion of the items as they are in the source: without what is between several fields.
    fn packing<'c>(&self, conversion: &'c Conversion) -> Cow<'c, Conversion> {
        let dtype = self.layout.dtype();
        if conversion.requested_dtype().is_some() || self.items().dtype() == dtype {
            return Cow::Borrowed(conversion);
        }
        // The cast is by the names of the fields, and so puts them into the order that was asked for.
        Cow::Owned(conversion.clone().astype(dtype.clone(), Casting::Safe))
    }

    /// The whole array in the source.
    fn stored(&self) -> &Layout {
        self.view.as_ref().map_or(&self.layout, |view| &view.stored)
    }

    /// The array that is read, with the type that its items have in the source.
    fn items(&self) -> &Layout {
        self.view.as_ref().map_or(&self.layout, |view| &view.items)
    }

    fn request<'a>(&'a self, plan: &'a Plan, places: StridedLayout) -> Request<'a> {
        let is_partial = self.view.as_ref().is_some_and(|view| view.is_partial);
        Request {
            stored: self.stored(),
            dtype: self.items().dtype(),
            begin: self.begin.unwrap_or(0),
            places,
            total: (!is_partial).then(|| self.layout.count()),
            plan,
            by_rows: false,
        }
    }

    /// The same for rows that are read in sequence.
    fn rows_request<'a>(&'a self, plan: &'a Plan, places: StridedLayout) -> Request<'a> {
        Request {
            by_rows: true,
            ..self.request(plan, places)
        }
    }

    fn places(&self) -> StridedLayout {
        match &self.view {
            Some(view) => view.places.clone(),
            None => StridedLayout::of(&self.layout),
        }
    }

    /// The bytes of all items of the stored array, if they were read with the header.
    fn in_head(&self) -> Option<&[u8]> {
        Some(self.head.as_slice()).filter(|head| !head.is_empty())
    }
}

impl<S: ReadAt> Reader<S> {
    /// The same with only the whole rows that the source holds, if it is shorter than its header says: the rest was cut
    /// off, or was not written. In Fortran order these are parts along the last axis. The header stays as it is.
    ///
    /// ```
    /// use flatfile::{Array, npy};
    /// let mut file = npy::to_bytes(&Array::from_slice(&[1u16, 2, 3, 4, 5, 6], [3, 2])?)?;
    /// file.truncate(file.len() - 1);
    /// assert!(npy::open(&file)?.read().is_err());
    /// let rows = npy::open(&file)?.whole_rows()?;
    /// assert_eq!(rows.layout().shape(), [2, 2]);
    /// assert_eq!(rows.read_vec::<u16>()?, [1, 2, 3, 4]);
    /// # Ok::<(), flatfile::Error>(())
    /// ```
    ///
    /// # Errors
    /// `NotRowMajor` for a 0-d array that is not whole, and for a part of an array; `Object`, `Io`.
    pub fn whole_rows(mut self) -> Result<Reader<S>, Error> {
        if self.view.is_some() {
            return Err(ErrorKind::NotRowMajor(self.layout.clone()).into());
        }
        let left = self.source.len()?.saturating_sub(self.begin.unwrap_or(0));
        if left < self.layout.nbytes() as u64 {
            self.layout = RowLayout::of_any_order(&self.layout)?
                .fitting(left)?
                .layout()?;
        }
        Ok(self)
    }
}

impl<S: Source> Reader<S> {
    /// The layout of the array that [`read`](Reader::read) returns.
    ///
    /// # Errors
    /// `Object`, `Cast`.
    pub fn converted_layout(&self) -> Result<Layout, Error> {
        self.located(|| self.plan(None)?.layout(self.layout.shape()))
    }

    /// Reads the array. Large arrays are read at positions by several threads; from a stream of unknown length,
    /// memory grows with the bytes that arrive.
    ///
    /// # Errors
    /// `Short`, `Object`, `Cast`, `InvalidItem`, `LongDouble`, `Memory`, `Io`; `Forward` if a stream is past it.
    pub fn read(&self) -> Result<Array, Error> {
        self.located(|| self.load_all(&self.plan(None)?))
    }

    /// Reads the array as items of `T`, in memory that [`Array::into_vec`] hands over. The fields of a record are
    /// found by name.
    ///
    /// # Errors
    /// `Mismatch` if the items have another type, before any is read; as [`read`](Reader::read).
    pub fn read_as<T: Element>(&self) -> Result<Array, Error> {
        self.located(|| self.load_all(&self.plan(Some(ElementRequirements::of::<T>()))?))
    }

    /// Reads the array as a vector of `T`, in C order. The fields of a record are found by name.
    ///
    /// # Errors
    /// As [`read_as`](Reader::read_as); `InvalidValue`.
    pub fn read_vec<T: Element>(&self) -> Result<Vec<T>, Error> {
        self.located(|| {
            let conversion = self.conversion.clone().order(Order::C);
            let plan = self.plan_of(&conversion, Some(ElementRequirements::of::<T>()))?;
            self.load_all(&plan)?.into_vec()
        })
    }

    /// Reads the array into `items`, which take all of it in C order and native byte order, regardless of the
    /// conversion. Returns its layout there. This takes at most 8 MiB in addition to `items`.
    ///
    /// ```
    /// use flatfile::{Array, npy};
    /// let file = npy::to_bytes(&Array::from_slice(&[1.5f32, 2.5, 3.5, 4.5], [2, 2])?)?;
    /// let mut items = [0f32; 4];
    /// let layout = npy::open(&file)?.read_into(&mut items)?;
    /// assert_eq!((layout.shape(), items), (&[2, 2][..], [1.5, 2.5, 3.5, 4.5]));
    ///
    /// let error = npy::open(&file)?.read_into(&mut items[1..]).unwrap_err();
    /// assert_eq!(error.to_string(), "the array has another number of items: expected 3, found 4");
    /// # Ok::<(), flatfile::Error>(())
    /// ```
    ///
    /// # Errors
    /// `Mismatch` or `Count`, before `items` are changed; as [`read`](Reader::read). After an error while reading,
    /// `items` hold some of the new values.
    pub fn read_into<T: Element + Pod>(&self, items: &mut [T]) -> Result<Layout, Error> {
        self.located(|| {
            let conversion = self.conversion.clone().order(Order::C);
            let plan = self.plan_of(&conversion, Some(ElementRequirements::of::<T>()))?;
            let layout = plan.layout(self.layout.shape())?;
            let found = layout.nbytes().checked_div(size_of::<T>());
            match (items.len(), found.unwrap_or(self.layout.count())) {
                (expected, found) if expected == found => {}
                (expected, found) => return Err(ErrorKind::Count { expected, found }.into()),
            }
            self.fill(&plan, self.places(), bytemuck::cast_slice_mut(items))?;
            Ok(layout)
        })
    }

    /// Reads the array into bytes with this layout: its dtype, including byte order, and its memory order. Values
    /// change only by the cast that the conversion allows.
    ///
    /// ```
    /// use flatfile::{Array, npy, dtype::{DType, Layout, Order}};
    /// let file = npy::to_bytes(&Array::from_slice(&[1u16, 2, 3, 4], [2, 2])?)?;
    /// let mut bytes = [0; 8];
    /// let layout = Layout::new(">u2".parse()?, [2, 2], Order::Fortran)?;
    /// npy::open(&file)?.read_into_bytes(&layout, &mut bytes)?;
    /// assert_eq!(bytes, [0, 1, 0, 3, 0, 2, 0, 4]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// `Shape` if the array has another one, `Cast` if its items would have to be cast, and `Short` or `TooLong` if
    /// the length of `bytes` is not that of the layout, before they are changed; as [`read`](Reader::read).
    pub fn read_into_bytes(&self, layout: &Layout, bytes: &mut [u8]) -> Result<(), Error> {
        self.located(|| self.try_into_bytes(layout, bytes))
    }

    fn try_into_bytes(&self, layout: &Layout, bytes: &mut [u8]) -> Result<(), Error> {
        if layout.shape() != self.layout.shape() {
            let (expected, found) = (layout.shape_tuple(), self.layout.shape_tuple());
            let why = format!("expected {expected}, found {found}");
            return Err(ErrorKind::Shape(why).into());
        }
        let conversion = self.packing(&self.conversion).exactly(layout.dtype());
        let plan = self.plan_of(&conversion.order(layout.order()), None)?;
        let (expected, found) = (layout.nbytes(), bytes.len());
        if found < expected {
            return Err(Error::short(expected, found));
        }
        if found > expected {
            let (expected, found) = (expected as u64, found as u64);
            return Err(ErrorKind::TooLong { expected, found }.into());
        }
        self.fill(&plan, self.places(), bytes)
    }

    /// Reads the items that `slice` selects, and little else: at positions, no disk block that holds none of them;
    /// from a stream, nothing after the last one. They are returned in their stored memory order, unless another is
    /// asked for.
    ///
    /// # Errors
    /// `Slice`, and as [`read`](Reader::read).
    pub fn slice(&self, slice: &Slice) -> Result<Array, Error> {
        self.located(|| {
            let plan = self.plan(None)?;
            let taken = slice.of(&self.places())?;
            self.load(&plan, taken)
        })
    }

    /// Reads the array in blocks of at most `rows` rows, in C order unless another is asked for.
    ///
    /// # Errors
    /// `NotRowMajor` for a 0-d array, or for a stream in Fortran order; `Slice` if `rows` is 0; as
    /// [`read`](Reader::read), also if the source is too short.
    pub fn row_blocks(mut self, rows: usize) -> Result<RowBlocks<S>, Error> {
        self.conversion = self.conversion.order_or(Order::C);
        RowBlocks::new(self, rows)
    }

    /// Reads the array in blocks of at most this many bytes, whatever its shape, in its own memory order or the one that
    /// is asked for. What is stored in another order is read in blocks of at least 32 MiB: the file has to be passed
    /// once for each.
    ///
    /// # Errors
    /// `NotRowMajor` for a stream whose items come in another order; as [`read`](Reader::read).
    pub fn item_blocks(self, bytes: usize) -> Result<ItemBlocks<S>, Error> {
        ItemBlocks::new(self, bytes)
    }

    /// Whether [`row_blocks`](Reader::row_blocks) can read it: there is an axis, and the rows of a stream are
    /// contiguous.
    pub fn has_rows(&self) -> bool {
        let check = |plan: Plan| self.source.check(&self.rows_request(&plan, self.places()));
        self.layout.ndim() > 0 && self.plan(None).and_then(check).is_ok()
    }

    /// Whether a slice is read without what is before it in the source: from a file, from memory, or from a member
    /// of an archive that is stored as it is; not from a stream, and not from what is compressed.
    pub fn has_random_access(&self) -> bool {
        self.source.has_random_access()
    }

    /// The array in place, without a copy or a conversion.
    ///
    /// # Errors
    /// `NotInPlace` if the source is not in memory; `Short`, `Object`.
    pub fn view(&self) -> Result<ArrayView<'_>, Error> {
        self.located(|| self.try_view())
    }

    fn try_view(&self) -> Result<ArrayView<'_>, Error> {
        refuse_objects(self.layout.dtype())?;
        if self.view.is_some() {
            let why = "fields, transposed axes and slices are not contiguous";
            return Err(ErrorKind::NotInPlace(why).into());
        }
        let Some(bytes) = self.source.in_memory() else {
            let why = "the source is not in memory";
            return Err(ErrorKind::NotInPlace(why).into());
        };
        let begin = usize::try_from(self.begin.unwrap_or(0)).unwrap_or(usize::MAX);
        let there = bytes.get(begin..).unwrap_or_default();
        match there.get(..self.layout.nbytes()) {
            Some(items) => Array::new(self.layout.clone(), items),
            None => Err(Error::short(self.layout.nbytes(), there.len())),
        }
    }

    /// The result of `work`; an error gets its location, as far as the source knows it.
    fn located<T>(&self, work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
        work().map_err(|error| self.source.locate(error))
    }

    /// Reads all items.
    fn load_all(&self, plan: &Plan) -> Result<Array, Error> {
        match self.in_head() {
            // Most small arrays are complete with this copy.
            Some(head) if self.view.is_none() => {
                let mut items = Buffer::zeroed(head.len(), plan.alignment())?;
                items.as_mut().copy_from_slice(head);
                plan.convert(Array::new(self.layout.clone(), items)?)
            }
            _ => self.load(plan, self.places()),
        }
    }

    /// Reads the items at these places.
    fn load(&self, plan: &Plan, places: StridedLayout) -> Result<Array, Error> {
        self.load_request(self.request(plan, places))
    }

    fn load_request(&self, request: Request<'_>) -> Result<Array, Error> {
        match self.in_head() {
            Some(bytes) => request.pick_all((0, bytes)),
            None => self.source.load(&request),
        }
    }

    /// Reads the items at these places into `out`, which has their length.
    fn fill(&self, plan: &Plan, places: StridedLayout, out: &mut [u8]) -> Result<(), Error> {
        let request = self.request(plan, places);
        match self.in_head() {
            Some(bytes) => request.pick_into((0, bytes), out),
            None => self.source.fill(&request, out),
        }
    }
}
