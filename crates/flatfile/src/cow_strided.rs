//! Items in place, or a copy of them: [`CowStrided`].

use crate::array::Array;
use crate::strided::Strided;

/// The items of somebody else's array for a writer: in place, or copied where they cannot be borrowed as bytes.
#[derive(Clone, Debug)]
pub enum CowStrided<'a> {
    /// The items themselves.
    Borrowed(Strided<'a>),
    /// A copy.
    Owned(Array),
}

impl CowStrided<'_> {
    /// Whether the items are those of the array, not a copy.
    pub fn is_borrowed(&self) -> bool {
        matches!(self, CowStrided::Borrowed(_))
    }

    /// The items with their strides.
    pub fn strided(&self) -> Strided<'_> {
        match self {
            CowStrided::Borrowed(strided) => strided.clone(),
            CowStrided::Owned(array) => array.strided(),
        }
    }
}

impl<'a> From<Strided<'a>> for CowStrided<'a> {
    fn from(strided: Strided<'a>) -> CowStrided<'a> {
        CowStrided::Borrowed(strided)
    }
}

impl From<Array> for CowStrided<'_> {
    fn from(array: Array) -> Self {
        CowStrided::Owned(array)
    }
}

impl<'a> From<&'a CowStrided<'_>> for Strided<'a> {
    fn from(items: &'a CowStrided<'_>) -> Strided<'a> {
        items.strided()
    }
}
