//! Items that cannot be cast: [`Bad`].

use crate::error::{Error, ErrorKind};
use dtype::DType;

/// An item that cannot be cast.
#[derive(Debug)]
pub(super) struct Bad {
    item: usize,
    text: String,
    expected: &'static str,
    /// The field of the record that it is in, with the names of the enclosing fields, and that field's type.
    field: Option<(String, DType)>,
}

impl Bad {
    /// The first of some items.
    pub(super) fn of(text: &str, expected: &'static str) -> Bad {
        Bad {
            item: 0,
            text: text.to_owned(),
            expected,
            field: None,
        }
    }

    /// The same, if this many items precede these.
    pub(super) fn behind(mut self, count: usize) -> Bad {
        self.item += count;
        self
    }

    /// The same for the item that this part belongs to.
    pub(super) fn of_parts(mut self, parts: usize) -> Bad {
        self.item = self.item.checked_div(parts).unwrap_or(0);
        self
    }

    /// The same in this field.
    pub(super) fn in_field(mut self, name: &str, dtype: &DType) -> Bad {
        self.field = Some(match self.field {
            Some((inner, dtype)) => (format!("{name}.{inner}"), dtype),
            None => (name.to_owned(), dtype.clone()),
        });
        self
    }

    pub(super) fn error(self, dtype: &DType) -> Error {
        let (field, dtype) = match self.field {
            Some((field, dtype)) => (Some(field), dtype),
            None => (None, dtype.clone()),
        };
        ErrorKind::InvalidItem {
            item: self.item,
            field,
            text: self.text,
            expected: self.expected,
            dtype,
        }
        .into()
    }
}
