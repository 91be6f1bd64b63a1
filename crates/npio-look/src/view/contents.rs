//! The values of an open array: reading what is visible of them.

use super::selection::{Part, Selection};
use npio::dtype::Field;
use npio::flatfile::Conversion;
use npio::meta::Objects;
use npio::{Array, DType, Error, LongDouble, OpenArray, Order};

/// An array that is looked at.
#[derive(Debug)]
pub enum Contents {
    /// Items, read at their positions when they are needed: see [`items`](Contents::items).
    Items(Box<OpenArray<'static>>),
    /// Python objects, which are in memory.
    Objects(Objects),
}

/// Part of an array, in memory.
#[derive(Debug)]
pub(crate) enum Loaded {
    Items(Array),
    Objects(Objects),
}

impl Contents {
    /// The items of an array that can be read at any position. If the format of long doubles is not given, those that
    /// are not numbers of the x87 are errors.
    pub fn items(array: OpenArray<'static>, longdouble: Option<LongDouble>) -> Contents {
        let longdouble = longdouble.unwrap_or(LongDouble::Checked);
        let conversion = Conversion::new().longdouble(longdouble);
        Contents::Items(Box::new(array.conversion(conversion)))
    }

    pub(crate) fn dtype(&self) -> &DType {
        match self {
            Contents::Items(array) => array.layout().dtype(),
            Contents::Objects(objects) => objects.dtype(),
        }
    }

    pub(crate) fn shape(&self) -> &[usize] {
        match self {
            Contents::Items(array) => array.layout().shape(),
            Contents::Objects(objects) => objects.shape(),
        }
    }

    /// The order in which all items are read fastest.
    pub(crate) fn order(&self) -> Order {
        match self {
            Contents::Items(array) => array.layout().order(),
            Contents::Objects(_) => Order::C,
        }
    }

    /// The items, if they are no objects.
    pub(crate) fn as_items(&self) -> Option<&OpenArray<'static>> {
        match self {
            Contents::Items(array) => Some(array),
            Contents::Objects(_) => None,
        }
    }

    /// The size of all items in bytes, of which objects have none.
    pub(crate) fn nbytes(&self) -> Option<usize> {
        match self {
            Contents::Items(array) => Some(array.layout().nbytes()),
            Contents::Objects(_) => None,
        }
    }

    /// The fields of records, which are the columns.
    pub(crate) fn fields(&self) -> &[Field] {
        match self {
            Contents::Items(_) => self.dtype().as_record().map_or(&[], |r| r.fields()),
            Contents::Objects(_) => &[],
        }
    }

    /// The items in these parts of a selection. Little else is read.
    pub(crate) fn read(&self, selection: &Selection, parts: &[Part]) -> Result<Loaded, Error> {
        let slice = selection.slice(parts);
        match self {
            Contents::Items(array) => Ok(Loaded::Items(array.slice(&slice)?)),
            Contents::Objects(objects) => Ok(Loaded::Objects(objects.slice(&slice)?)),
        }
    }
}
