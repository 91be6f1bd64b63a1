//! Arrays of records, by items and by columns.

use crate::array::Array;
use crate::buffer::Buffer;
use crate::conversion::{Conversion, ElementRequirements, Plan};
use crate::error::{Error, ErrorKind};
use crate::gather::gather;
use crate::strided::Strided;
use dtype::{DType, Element, Layout, Order, Record, WriteFields, shape_tuple};

impl<B: AsRef<[u8]>> Array<B> {
    /// The column of a record array, in place: see [`Strided::field`].
    ///
    /// ```
    /// use flatfile::{Array, raw, dtype::{DType, Layout, Order}};
    /// let dtype: DType = "[('id', 'u1'), ('x', '<f4')]".parse().unwrap();
    /// let layout = Layout::new(dtype, [2], Order::C)?;
    /// let array = Array::new(layout, [1, 0, 0, 192, 63, 2, 0, 0, 32, 64])?;
    /// assert_eq!(array.field("x")?.to_vec::<f32>()?, [1.5, 2.5]);
    /// let error = array.field("y").unwrap_err().to_string();
    /// assert_eq!(error, "field 'y': no such field among ['id', 'x']");
    /// # Ok::<(), flatfile::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Strided::field`].
    pub fn field(&self, name: &str) -> Result<Strided<'_>, Error> {
        self.strided().field(name)
    }
}

impl Strided<'_> {
    /// A copy of the items in C order, in native byte order: see [`Array::to_vec`].
    ///
    /// # Errors
    /// `Mismatch`, `MissingField`, `FieldMismatch`, `InvalidValue`, `Memory`.
    pub fn to_vec<T: Element>(&self) -> Result<Vec<T>, Error> {
        let layout = self.layout(Order::C)?;
        let plan = Plan::new(
            &layout,
            &Conversion::new(),
            Some(ElementRequirements::of::<T>()),
        )?;
        plan.copy(self)?.into_vec()
    }
}

impl Array {
    /// A copy of `items` as an array of this shape in C order, field by field: for structs with padding, which
    /// becomes zeros. Structs without padding can be [`NoUninit`](bytemuck::NoUninit), and
    /// [`from_slice`](Array::from_slice) takes them as they are.
    ///
    /// # Errors
    /// `Short` if the number of `items` does not fit the shape; `ElementSize`; `Memory`.
    pub fn from_records<T: WriteFields>(
        items: &[T],
        shape: impl Into<Vec<usize>>,
    ) -> Result<Array, Error> {
        let layout = Layout::new(T::dtype(), shape, Order::C)?;
        crate::element::check_element::<T>(&layout)?;
        let found = size_of_val(items);
        if found != layout.nbytes() {
            return Err(Error::short(layout.nbytes(), found));
        }
        let mut bytes = Buffer::zeroed(layout.nbytes(), layout.dtype().alignment())?;
        let places = bytes.as_mut().chunks_exact_mut(size_of::<T>().max(1));
        items
            .iter()
            .zip(places)
            .for_each(|(item, place)| item.copy_to(place));
        Array::new(layout, bytes)
    }

    /// The record array, in C order and without padding, of these columns, which all have its shape.
    ///
    /// ```
    /// use flatfile::Array;
    /// let id = Array::from_slice(&[1u8, 2], [2])?;
    /// let xy = Array::from_slice(&[0.5f32, 1.5, 2.5, 3.5], [2, 2])?;
    /// let (x, y) = (xy.strided().index_axis(1, 0), xy.strided().index_axis(1, 1));
    /// let columns = [("id", id.strided()), ("x", x.unwrap()), ("y", y.unwrap())];
    /// let records = Array::from_columns(columns)?;
    /// assert_eq!(*records.dtype(), "[('id', 'u1'), ('x', 'f4'), ('y', 'f4')]".parse().unwrap());
    /// assert_eq!(records.to_string(), "[(1, 0.5, 1.5) (2, 2.5, 3.5)]");
    /// # Ok::<(), flatfile::Error>(())
    /// ```
    ///
    /// # Errors
    /// `Shape` if one has another shape, or there are no columns; `Layout` if two have the same name; `Object`,
    /// `Memory`.
    pub fn from_columns<'a, N: Into<String>, A: Into<Strided<'a>>>(
        columns: impl IntoIterator<Item = (N, A)>,
    ) -> Result<Array, Error> {
        let columns: Vec<(String, Strided<'a>)> = columns
            .into_iter()
            .map(|(name, column)| (name.into(), column.into()))
            .collect();
        let Some((first, like)) = columns.first() else {
            return Err(ErrorKind::Shape("a record array has one column at least".into()).into());
        };
        for (name, column) in &columns {
            if column.shape() != like.shape() {
                let (expected, found) = (shape_tuple(like.shape()), shape_tuple(column.shape()));
                let why = format!("column '{first}' is {expected}, '{name}' is {found}");
                return Err(ErrorKind::Shape(why).into());
            }
        }
        let types = columns
            .iter()
            .map(|(name, column)| (&**name, column.dtype().clone()));
        let record = Record::packed(types)?;
        let offsets: Vec<usize> = record.fields().iter().map(|field| field.offset).collect();
        let layout = Layout::new(DType::from(record), like.shape(), Order::C)?;
        let mut bytes = Buffer::zeroed(layout.nbytes(), layout.dtype().alignment())?;
        let steps = layout.strides();
        for ((_, column), offset) in columns.iter().zip(offsets) {
            let out = bytes.as_mut().get_mut(offset..).unwrap_or_default();
            gather(column, &steps, out);
        }
        Array::new(layout, bytes)
    }
}
