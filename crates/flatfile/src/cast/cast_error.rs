//! Items that cannot be cast: [`CastError`].

use crate::error::{Error, ErrorKind};
use dtype::DType;

/// An item that cannot be cast.
#[derive(Debug)]
pub(super) struct CastError {
    item: usize,
    text: String,
    expected: &'static str,
    /// The field of the record that it is in, with the names of the enclosing fields, and that field's type.
    field: Option<(String, DType)>,
}

impl CastError {
    /// The first of some items.
    pub(super) fn of(text: &str, expected: &'static str) -> CastError {
        CastError {
            item: 0,
            text: text.to_owned(),
            expected,
            field: None,
        }
    }

    /// The same, if this many items precede these.
    pub(super) fn items_later(mut self, count: usize) -> CastError {
        self.item += count;
        self
    }

    /// The same for the item that this part belongs to.
    pub(super) fn part_to_item(mut self, parts: usize) -> CastError {
        self.item = self.item.checked_div(parts).unwrap_or(0);
        self
    }

    /// The same in this field.
    pub(super) fn in_field(mut self, name: &str, dtype: &DType) -> CastError {
        self.field = Some(match self.field {
            Some((inner, dtype)) => (format!("{name}.{inner}"), dtype),
            None => (name.to_owned(), dtype.clone()),
        });
        self
    }

    pub(super) fn into_error(self, dtype: &DType) -> Error {
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
