//! The description of a raw file: [`RawLayout`].

use super::check_source;
use crate::array::{Array, ArrayView};
use crate::error::{Error, ErrorKind};
use crate::read_at::ReadAt;
use crate::shape::with_one;
use dtype::{DType, Layout, Order};

/// The contents of a raw file: NumPy's `dtype`, `shape`, `order` and `offset`.
///
/// ```
/// use flatfile::raw::RawLayout;
/// use flatfile::dtype::DType;
/// // A file of 100 bytes: 4 bytes of something else, then rows of three numbers.
/// let layout = RawLayout::new(DType::F64).shape([-1, 3]).offset(4).layout(100)?;
/// assert_eq!(layout.shape(), [4, 3]);
/// let error = RawLayout::new(DType::F64).shape([-1, 3]).layout(100).unwrap_err();
/// assert_eq!(error.to_string(), "100 bytes are not a whole number of rows of 24 bytes: 4 are left over");
/// # Ok::<(), flatfile::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct RawLayout {
    dtype: DType,
    shape: Vec<isize>,
    order: Order,
    offset: u64,
    allow_partial: bool,
    is_exact: bool,
    most: Option<usize>,
}

/// As many items of a dtype as there are.
impl From<DType> for RawLayout {
    fn from(dtype: DType) -> RawLayout {
        RawLayout::new(dtype)
    }
}

impl From<&RawLayout> for RawLayout {
    fn from(format: &RawLayout) -> RawLayout {
        format.clone()
    }
}

impl RawLayout {
    /// As many items of `dtype` as there are, from the beginning of the file on.
    pub fn new(dtype: DType) -> RawLayout {
        RawLayout {
            dtype,
            shape: vec![-1],
            order: Order::C,
            offset: 0,
            allow_partial: false,
            is_exact: false,
            most: None,
        }
    }

    /// The lengths of the axes; one of them may be -1, which means as long as the file allows.
    #[must_use]
    pub fn shape(mut self, shape: impl Into<Vec<isize>>) -> RawLayout {
        self.shape = shape.into();
        self
    }

    /// The memory order.
    #[must_use]
    pub fn order(mut self, order: Order) -> RawLayout {
        self.order = order;
        self
    }

    /// The byte at which the items begin.
    #[must_use]
    pub fn offset(mut self, bytes: u64) -> RawLayout {
        self.offset = bytes;
        self
    }

    /// Ignores a partial item at the end if a length is -1; otherwise it is an error.
    #[must_use]
    pub fn allow_partial(mut self) -> RawLayout {
        self.allow_partial = true;
        self
    }

    /// Expects nothing after the items.
    #[must_use]
    pub fn exact(mut self) -> RawLayout {
        self.is_exact = true;
        self
    }

    /// If a length is -1, limits it to this, and ignores the bytes after it: NumPy's `count`.
    ///
    /// ```
    /// use flatfile::raw::RawLayout;
    /// use flatfile::dtype::DType;
    /// let few = RawLayout::new(DType::F64).at_most(3);
    /// assert_eq!(few.layout(100)?.shape(), [3]);
    /// assert_eq!(few.layout(16)?.shape(), [2]);
    /// # Ok::<(), flatfile::Error>(())
    /// ```
    #[must_use]
    pub fn at_most(mut self, length: usize) -> RawLayout {
        self.most = Some(length);
        self
    }

    /// Where the items begin.
    pub fn begin(&self) -> u64 {
        self.offset
    }

    /// The layout of the items in this source. If they are at its beginning, it must not begin like a file of
    /// another format.
    ///
    /// # Errors
    /// `OtherFormat`, `Io`; as [`layout`](RawLayout::layout).
    pub fn in_source<S: ReadAt + ?Sized>(&self, source: &S) -> Result<Layout, Error> {
        if self.offset == 0 {
            check_source(source)?;
        }
        self.layout(source.len()?)
    }

    /// The layout of the items in a file of this many bytes.
    ///
    /// # Errors
    /// `Short`, `TooLong`, `TruncatedItem` if the length does not fit; `Shape` if a length is negative, or more
    /// than one is -1; `Layout`.
    pub fn layout(&self, file_length: u64) -> Result<Layout, Error> {
        let found = file_length.saturating_sub(self.offset);
        let shape = match with_one(&self.shape)? {
            (Some(axis), one) => self.inferred(axis, one, found)?,
            (None, shape) => shape,
        };
        let layout = Layout::new(self.dtype.clone(), shape, self.order)?;
        let expected = layout.nbytes() as u64;
        match found {
            // There are no bytes, so even zero items do not fit: the offset is too large.
            _ if file_length < self.offset => {
                let (expected, found) = (self.offset.saturating_add(expected), file_length);
                Err(ErrorKind::Short { expected, found }.into())
            }
            _ if found < expected => Err(ErrorKind::Short { expected, found }.into()),
            _ if found > expected && self.is_exact => {
                Err(ErrorKind::TooLong { expected, found }.into())
            }
            _ => Ok(layout),
        }
    }

    /// The layout of the items of a file that is yet to be written.
    ///
    /// # Errors
    /// `Shape` if a length is negative: no file's length says what -1 is; `Layout`.
    pub fn complete(&self) -> Result<Layout, Error> {
        match with_one(&self.shape)? {
            (None, shape) => Ok(Layout::new(self.dtype.clone(), shape, self.order)?),
            (Some(_), _) => {
                let why = "a length of -1 is only known from a file: state the whole shape";
                Err(ErrorKind::Shape(why.into()).into())
            }
        }
    }

    /// The array in these bytes, in place: NumPy's `frombuffer`.
    ///
    /// ```
    /// use flatfile::{raw::RawLayout, dtype::DType};
    /// let bytes = [0xff, 1, 2, 3, 4];
    /// let array = RawLayout::new(DType::U8).shape([2, -1]).offset(1).view(&bytes)?;
    /// assert_eq!(array.as_slice::<u8>()?, [1, 2, 3, 4]);
    /// # Ok::<(), flatfile::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`layout`](RawLayout::layout); `Object`.
    pub fn view<'a>(&self, bytes: &'a [u8]) -> Result<ArrayView<'a>, Error> {
        let layout = self.layout(bytes.len() as u64)?;
        let items = usize::try_from(self.offset)
            .ok()
            .and_then(|offset| bytes.get(offset..)?.get(..layout.nbytes()));
        Array::new(layout, items.unwrap_or_default())
    }

    /// The shape, in which this axis is 1, with the axis as long as this many bytes allow.
    fn inferred(
        &self,
        axis: usize,
        mut shape: Vec<usize>,
        found: u64,
    ) -> Result<Vec<usize>, Error> {
        let part = Layout::new(self.dtype.clone(), shape.clone(), self.order)?;
        let part = part.nbytes() as u64;
        let (Some(count), Some(left)) = (found.checked_div(part), found.checked_rem(part)) else {
            let why = "a length of -1, where an item has no bytes";
            return Err(ErrorKind::Shape(why.into()).into());
        };
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        let most = self.most.unwrap_or(usize::MAX);
        if left > 0 && count < most && !self.allow_partial {
            let unit = part as usize;
            let rows = self.shape.len() > 1;
            return Err(ErrorKind::TruncatedItem { found, unit, rows }.into());
        }
        if let Some(length) = shape.get_mut(axis) {
            *length = count.min(most);
        }
        Ok(shape)
    }
}

/// A layout that a file must have exactly.
impl From<Layout> for RawLayout {
    fn from(layout: Layout) -> RawLayout {
        let lengths = layout.shape().iter();
        // No layout has more bytes than `isize` counts, and without bytes no length matters.
        let lengths = lengths.map(|length| isize::try_from(*length).unwrap_or(isize::MAX));
        RawLayout::new(layout.dtype().clone())
            .shape(lengths.collect::<Vec<_>>())
            .order(layout.order())
            .exact()
    }
}
