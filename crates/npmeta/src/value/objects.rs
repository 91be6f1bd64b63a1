//! Arrays of Python objects: [`Objects`].

use super::Value;
use super::indexed::Indexed;
use crate::Error;
use flatfile::Slice;
use flatfile::dtype::{DType, Layout, Order};

/// An array whose items are Python values, each of any type, in C order; or records with a field of such values, each
/// a tuple.
///
/// It prints as NumPy's `str` of it; see also [`display`](Objects::display).
///
/// ```
/// use npmeta::{Objects, Value};
/// let row = Objects::new([2], vec![Value::from("a"), Value::None])?;
/// assert_eq!(row.to_string(), "['a' None]");
/// # Ok::<(), npmeta::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Objects {
    dtype: DType,
    shape: Vec<usize>,
    items: Vec<Value>,
    pub(crate) order: Order,
    pub(crate) strings: Option<StringType>,
}

/// NumPy's `StringDType`: texts of any length, and one value for missing ones.
#[derive(Clone, Debug, PartialEq)]
pub struct StringType {
    /// Whether values that are not texts are converted to text.
    pub coerce: bool,
    /// The value of a missing text, if there is one.
    pub missing: Option<Value>,
}

impl Objects {
    /// An array of this shape with these items in C order; the shape `[]` is 0-d, one item.
    ///
    /// # Errors
    /// A number of items that does not match the shape.
    pub fn new(shape: impl Into<Vec<usize>>, items: Vec<Value>) -> Result<Objects, Error> {
        let shape = shape.into();
        let layout = Layout::new(DType::Object, shape.clone(), Order::C)?;
        if layout.count() != items.len() {
            let (expected, found) = (layout.count() as u64, items.len() as u64);
            return Err(crate::ErrorKind::Items { expected, found }.into());
        }
        Ok(Objects {
            dtype: DType::Object,
            shape,
            items,
            order: Order::C,
            strings: None,
        })
    }

    /// The same array with this `StringDType`, if there is one.
    #[must_use]
    pub fn with_string_type(mut self, strings: StringType) -> Objects {
        self.strings = Some(strings);
        self
    }

    /// The same items in an array of this dtype: `object`, or records that have a field of objects, each of whose
    /// items is a tuple.
    ///
    /// # Errors
    /// `Unsupported`: a dtype without objects; `Item`: an item that is none of this dtype.
    pub fn with_dtype(mut self, dtype: DType) -> Result<Objects, Error> {
        if !dtype.has_object() {
            let what = format!("the dtype {} for an array of objects", dtype.descr());
            return Err(Error::unsupported(what));
        }
        if dtype != DType::Object {
            Indexed::new(&dtype, &self.shape, &self.items)?;
        }
        self.dtype = dtype;
        Ok(self)
    }

    /// The dtype: `object`, or records with a field of objects.
    pub fn dtype(&self) -> &DType {
        &self.dtype
    }

    /// The part that this slice selects, as NumPy's `arr[slice]`.
    ///
    /// # Errors
    /// `Array`: a slice that does not fit the shape.
    pub fn slice(&self, slice: &Slice) -> Result<Objects, Error> {
        // Each item, also a record, is one object.
        let indexed = Indexed::new(&DType::Object, &self.shape, &self.items)?;
        let part = indexed.strided()?.slice(slice)?;
        let items = part.items().map(|item| {
            let number = item.try_into().map_or(u64::MAX, u64::from_ne_bytes);
            indexed.value(number).clone()
        });
        Ok(Objects {
            dtype: self.dtype.clone(),
            items: items.collect(),
            shape: part.shape().to_vec(),
            order: self.order,
            strings: self.strings.clone(),
        })
    }

    /// The length along each axis.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The items in C order.
    pub fn items(&self) -> &[Value] {
        &self.items
    }

    /// Returns the items in C order.
    pub fn into_items(self) -> Vec<Value> {
        self.items
    }

    /// The type of its items, if that is NumPy's `StringDType`.
    pub fn string_type(&self) -> Option<&StringType> {
        self.strings.as_ref()
    }
}
