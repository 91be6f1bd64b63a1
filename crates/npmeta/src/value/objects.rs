//! Arrays of Python objects: [`Objects`].

use super::Value;
use crate::Error;
use flatfile::dtype::{DType, Layout, Order};

/// An array whose items are Python values, each of any type, in C order.
///
/// ```
/// use npmeta::{Objects, Value};
/// let row = Objects::new([2], vec![Value::from("a"), Value::None])?;
/// assert_eq!(row.to_string(), "['a' None]");
/// # Ok::<(), npmeta::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Objects {
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
