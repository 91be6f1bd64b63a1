//! Parts of an open array that are not read yet: fields of its records, its axes in another order, slices.

use super::Reader;
use crate::error::{Error, ErrorKind, refuse_objects};
use crate::field_index::FieldIndex;
use crate::slice::Slice;
use crate::strided_layout::StridedLayout;
use dtype::{DType, Layout};

/// Which items of a stored array are read, and where they are.
#[derive(Clone, Debug)]
pub(super) struct View {
    /// The whole array.
    pub(super) stored: Layout,
    /// The items with the type that they have in the file: several fields with what is between them.
    pub(super) items: Layout,
    pub(super) places: StridedLayout,
    /// Whether some of the array's items are left out.
    pub(super) is_partial: bool,
}

impl View {
    /// The view as a layout of its own, with items of this type, which may leave out what is between fields.
    fn layout(&self, dtype: DType) -> Result<Layout, Error> {
        let places = &self.places;
        Ok(Layout::new(
            dtype,
            places.shape.clone(),
            places.stored_order(),
        )?)
    }
}

impl<S> Reader<S> {
    /// Only these fields of an array of records, as NumPy's `x['a']` and, for several, `x[['a', 'b']]`; these become
    /// records of their own without the bytes between them, as by `repack_fields`. The axes of a field that is a
    /// subarray come after those of the array. Only the fields are read and converted, except for gaps of less than a
    /// disk block.
    ///
    /// ```
    /// use flatfile::{FieldIndex, Reader, dtype::{Layout, Order}};
    /// let layout = Layout::new("[('x', 'u1'), ('p', [('y', 'u1', (2,))])]".parse()?, [2], Order::C)?;
    /// let reader = Reader::raw(&[1, 2, 3, 4, 5, 6][..], layout, 0);
    /// let y = reader.clone().fields(&FieldIndex::one("p.y"))?;
    /// assert_eq!(y.layout().shape(), [2, 2]);
    /// assert_eq!(y.read_vec::<u8>()?, [2, 3, 5, 6]);
    /// let x = reader.fields(&FieldIndex::several(["x"]))?;
    /// assert_eq!(x.layout().dtype().to_string(), "[('x', '|u1')]");
    /// # Ok::<(), flatfile::Error>(())
    /// ```
    ///
    /// # Errors
    /// `MissingField`, `Fields`; `Object` if any field holds Python objects: the file is a pickle then.
    pub fn fields(self, index: &FieldIndex) -> Result<Reader<S>, Error> {
        refuse_objects(self.layout.dtype())?;
        let view = self.into_view();
        let selected = index.of(view.view.items.dtype())?;
        let mut places = view.view.places.clone();
        if places.count() > 0 {
            places.first += selected.offset;
        }
        places.shape.extend(&selected.shape);
        places.strides.extend(&selected.strides);
        view.with(places, selected.stored, selected.packed, false)
    }

    /// The array with its axes in reverse order, NumPy's `x.T`. It is read in the memory order in which its items are
    /// stored then, unless another is asked for.
    ///
    /// # Errors
    /// `Layout`, which cannot occur for an existing layout.
    pub fn transposed(self) -> Result<Reader<S>, Error> {
        let axes: Vec<isize> = (0..self.layout.ndim() as isize).rev().collect();
        self.transposed_axes(&axes)
    }

    /// The array with its axes in this order, NumPy's `x.transpose(axes)`; negative ones count from the last.
    ///
    /// ```
    /// use flatfile::{Reader, dtype::{DType, Layout, Order}};
    /// let layout = Layout::new(DType::U8, [2, 1, 3], Order::C)?;
    /// let reader = Reader::raw(&b"abcdef"[..], layout, 0).transposed_axes(&[-1, 0, 1])?;
    /// assert_eq!(reader.layout().shape(), [3, 2, 1]);
    /// assert_eq!(reader.read_vec::<u8>()?, b"adbecf");
    /// # Ok::<(), flatfile::Error>(())
    /// ```
    ///
    /// # Errors
    /// `Slice` if these are not all axes, each once.
    pub fn transposed_axes(self, axes: &[isize]) -> Result<Reader<S>, Error> {
        let ndim = self.layout.ndim();
        let mut order = Vec::new();
        for axis in axes {
            let from_start = if *axis < 0 {
                axis.saturating_add_unsigned(ndim)
            } else {
                *axis
            };
            match usize::try_from(from_start) {
                Ok(from_start) if from_start < ndim && !order.contains(&from_start) => {
                    order.push(from_start);
                }
                _ => break,
            }
        }
        if order.len() != ndim || axes.len() != ndim {
            let listed: Vec<String> = axes.iter().map(isize::to_string).collect();
            let why = format!(
                "invalid order of axes {}: expected each of the {ndim} axes once",
                listed.join(",")
            );
            return Err(ErrorKind::Slice(why).into());
        }
        let view = self.into_view();
        let places = view.view.places.permuted(&order);
        view.with_same_items(places, false)
    }

    /// The items that `slice` selects, as an array that is still to be read, like this one.
    ///
    /// ```
    /// use flatfile::{Array, npy};
    /// let file = npy::to_bytes(&Array::from_vec((0..9).collect::<Vec<i32>>(), [9])?)?;
    /// let reader = npy::open(&file)?.sliced(&"::4".parse()?)?;
    /// assert_eq!(reader.layout().shape(), [3]);
    /// assert_eq!(reader.read_vec::<i32>()?, [0, 4, 8]);
    /// # Ok::<(), flatfile::Error>(())
    /// ```
    ///
    /// # Errors
    /// `Slice`.
    pub fn sliced(self, slice: &Slice) -> Result<Reader<S>, Error> {
        let places = slice.of(&self.places())?;
        self.into_view().with_same_items(places, true)
    }

    /// All items along as few axes as possible, in the order in which they are stored: one axis, unless something is
    /// between them.
    ///
    /// # Errors
    /// `Layout`, which cannot occur for an existing layout.
    pub fn flattened(mut self) -> Result<Reader<S>, Error> {
        if self.view.is_none() {
            let layout = &self.layout;
            self.layout = Layout::new(layout.dtype().clone(), [layout.count()], dtype::Order::C)?;
            self.header = None;
            return Ok(self);
        }
        let places = self.places().flattened();
        self.into_view().with_same_items(places, false)
    }

    fn into_view(self) -> Viewed<S> {
        let view = self.view.as_deref().cloned().unwrap_or_else(|| View {
            stored: self.layout.clone(),
            items: self.layout.clone(),
            places: StridedLayout::of(&self.layout),
            is_partial: false,
        });
        Viewed { reader: self, view }
    }
}

/// A reader, and its view.
struct Viewed<S> {
    reader: Reader<S>,
    view: View,
}

impl<S> Viewed<S> {
    fn with_same_items(self, places: StridedLayout, is_partial: bool) -> Result<Reader<S>, Error> {
        let stored = self.view.items.dtype().clone();
        let packed = self.reader.layout.dtype().clone();
        self.with(places, stored, packed, is_partial)
    }

    /// The reader of the items at these places, which have the first type in the file, and the second one when read.
    fn with(
        self,
        places: StridedLayout,
        stored: DType,
        packed: DType,
        is_partial: bool,
    ) -> Result<Reader<S>, Error> {
        let Viewed {
            mut reader,
            mut view,
        } = self;
        view.places = places;
        view.is_partial |= is_partial;
        view.items = view.layout(stored)?;
        reader.layout = view.layout(packed)?;
        reader.view = Some(Box::new(view));
        Ok(reader)
    }
}
