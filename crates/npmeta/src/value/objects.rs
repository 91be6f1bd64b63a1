//! Arrays of Python objects: [`Objects`].

use super::Value;
use crate::Error;
use flatfile::dtype::{DType, Layout, Order};

/// An array whose items are values of Python, of any type each, in C order.
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

/// NumPy's `StringDType`: texts of any length, and one value for what is missing.
#[derive(Clone, Debug, PartialEq)]
pub struct StringType {
    /// Whether what is no text is made one.
    pub coerce: bool,
    /// What stands for a missing text, where there is such.
    pub missing: Option<Value>,
}

impl Objects {
    /// The array of this shape of these items in C order; `[]` is 0-d, one item.
    ///
    /// # Errors
    /// Another number of items than the shape says.
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

    /// The same as an array of `StringDType`, if that is what items are.
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

    /// The items in C order, to keep.
    pub fn into_items(self) -> Vec<Value> {
        self.items
    }

    /// The type of its items, where that is NumPy's `StringDType`.
    pub fn string_type(&self) -> Option<&StringType> {
        self.strings.as_ref()
    }
}
