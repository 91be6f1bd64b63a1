//! Types made of types: records and subarrays.

use crate::{ByteOrder, DType, Error, ErrorKind, MAX_DIMS, MAX_ITEMSIZE};
use std::collections::HashSet;
use std::sync::Arc;

/// One named part of a record.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Field {
    /// Its name, unique in the record.
    pub name: String,
    /// NumPy's second name for a field, which few programs use.
    pub title: Option<String>,
    /// What it holds.
    pub dtype: DType,
    /// Where it begins, in bytes from the beginning of the item.
    pub offset: usize,
}

/// The layout of a structured item: fields in the order of their offsets, with padding anywhere.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Record {
    fields: Vec<Field>,
    itemsize: usize,
}

impl Record {
    /// A record of these fields, at the offsets they state, in an item of `itemsize` bytes.
    ///
    /// # Errors
    /// A name or title that is used twice; a field that overlaps the one before it, begins before
    /// it, or ends outside the item: NumPy has such dtypes in memory but cannot save them either.
    pub fn new(fields: Vec<Field>, itemsize: usize) -> Result<Record, Error> {
        let mut names = HashSet::new();
        let mut end = 0;
        for field in &fields {
            let words = [Some(&field.name), field.title.as_ref()];
            for word in words.into_iter().flatten() {
                if !names.insert(word.as_str()) {
                    return Err(ErrorKind::DuplicateField(word.clone()).into());
                }
            }
            if field.offset < end {
                return Err(ErrorKind::FieldOrder(field.name.clone()).into());
            }
            end = field.offset.saturating_add(field.dtype.itemsize());
        }
        if end > itemsize || itemsize > MAX_ITEMSIZE {
            return Err(ErrorKind::ItemTooLarge.into());
        }
        Ok(Record { fields, itemsize })
    }

    /// A record of named types one after another, without padding: NumPy's default.
    ///
    /// ```
    /// use dtype::{DType, Record};
    /// let record = Record::packed([("id", DType::U8), ("x", DType::F64)])?;
    /// assert_eq!(record.itemsize(), 9);
    /// # Ok::<(), dtype::Error>(())
    /// ```
    ///
    /// # Errors
    /// A name that is used twice, or an item over 2,147,483,647 bytes.
    pub fn packed<N: Into<String>>(
        fields: impl IntoIterator<Item = (N, DType)>,
    ) -> Result<Record, Error> {
        let mut offset = 0usize;
        let fields = fields
            .into_iter()
            .map(|(name, dtype)| {
                let field = Field {
                    name: name.into(),
                    title: None,
                    offset,
                    dtype,
                };
                offset = offset.saturating_add(field.dtype.itemsize());
                field
            })
            .collect();
        Record::new(fields, offset)
    }

    /// The fields, by offset.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// The field of this name or title.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields
            .iter()
            .find(|f| f.name == name || f.title.as_deref() == Some(name))
    }

    /// Bytes from one item to the next, padding included.
    pub fn itemsize(&self) -> usize {
        self.itemsize
    }
}

impl From<Record> for DType {
    fn from(record: Record) -> DType {
        DType::Record(Arc::new(record))
    }
}

/// A fixed-size array as one item, as it stands in a record: `('m', '<f4', (2, 3))`.
///
/// Its items are in C order. A base may be a subarray again; NumPy keeps them apart.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Subarray {
    base: DType,
    shape: Vec<usize>,
}

impl Subarray {
    /// `shape` items of type `base`. A 0-d shape gives `base` itself, as in NumPy.
    ///
    /// # Errors
    /// More than 64 axes, or over 2,147,483,647 bytes.
    pub fn dtype(base: DType, shape: Vec<usize>) -> Result<DType, Error> {
        if shape.is_empty() {
            return Ok(base);
        }
        if shape.len() > MAX_DIMS {
            return Err(ErrorKind::TooManyAxes.into());
        }
        let sub = Subarray { base, shape };
        match sub.checked_itemsize() {
            Some(bytes) if bytes <= MAX_ITEMSIZE => Ok(DType::Subarray(Arc::new(sub))),
            _ => Err(ErrorKind::ItemTooLarge.into()),
        }
    }

    /// What one item of it is.
    pub fn base(&self) -> &DType {
        &self.base
    }

    /// Its length along each axis.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    fn checked_itemsize(&self) -> Option<usize> {
        crate::layout::checked_product(&self.shape)?.checked_mul(self.base.itemsize())
    }

    pub(crate) fn itemsize(&self) -> usize {
        self.checked_itemsize().unwrap_or(usize::MAX)
    }
}

impl Record {
    pub(crate) fn with_byte_order(&self, order: ByteOrder) -> Record {
        let mut record = self.clone();
        for field in &mut record.fields {
            field.dtype = field.dtype.with_byte_order(order);
        }
        record
    }
}

impl Subarray {
    pub(crate) fn with_byte_order(&self, order: ByteOrder) -> Subarray {
        Subarray {
            base: self.base.with_byte_order(order),
            shape: self.shape.clone(),
        }
    }
}
