//! [`DType`] itself, and the types that are made of others: records and subarrays.

use crate::error::{Error, ErrorKind};
use crate::limits::{MAX_DIMS, MAX_ITEMSIZE};
use crate::number::{ByteOrder, Number};
use crate::shape::checked_product;
use crate::time::TimeStep;
use std::collections::HashSet;
use std::sync::Arc;

/// The type of one array item: NumPy's `dtype`, as far as a file can express it.
///
/// It prints as NumPy writes it into a header, without the quotes, and parses from every string that `np.dtype`
/// takes:
///
/// ```
/// use dtype::{ByteOrder, DType, Number};
/// let t: DType = "float64".parse()?;
/// assert_eq!(t, "d".parse()?);
/// assert_eq!(">i4".parse(), Ok(DType::Number(Number::I32, ByteOrder::Big)));
/// let r: DType = "[('x', '<f4'), ('tag', '|S3', (2,))]".parse()?;
/// assert_eq!(r.itemsize(), 10);
/// assert_eq!(r.to_string(), "[('x', '<f4'), ('tag', '|S3', (2,))]");
/// # Ok::<(), dtype::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DType {
    /// `bool`: one byte, 0 or 1.
    Bool,
    /// A number. One-byte numbers have [`ByteOrder::NATIVE`]; [`DType::number`] ensures it.
    Number(Number, ByteOrder),
    /// `S`: this many bytes. Trailing NULs are not part of the value.
    Bytes(u32),
    /// `U`: this many UCS-4 characters of 4 bytes each. Trailing NULs are not part of the value.
    Str(u32, ByteOrder),
    /// `V`: this many bytes without a meaning.
    Void(u32),
    /// `datetime64`: an `i64` of steps since 1970-01-01T00:00.
    Datetime(TimeStep, ByteOrder),
    /// `timedelta64`: an `i64` of steps.
    Timedelta(TimeStep, ByteOrder),
    /// Python objects, which a file holds as one pickle.
    Object,
    /// Named fields.
    Record(Arc<Record>),
    /// A fixed-size array as one item; only a field of a record can be saved with this type.
    Subarray(Arc<Subarray>),
}

macro_rules! natives {
    ($($name:ident)*) => {$(
        #[doc = concat!("[`Number::", stringify!($name), "`] in native byte order.")]
        pub const $name: DType = DType::Number(Number::$name, ByteOrder::NATIVE);
    )*};
}

impl DType {
    natives! {
        I8 I16 I32 I64 U8 U16 U32 U64 F16 F32 F64 F96 F128 C64 C128 C192 C256
        BF16 F8E3M4 F8E4M3 F8E4M3B11FNUZ F8E4M3FN F8E4M3FNUZ F8E5M2 F8E5M2FNUZ F8E8M0FNU
        F6E2M3FN F6E3M2FN F4E2M1FN I1 I2 I4 U1 U2 U4
    }

    /// This number in this byte order (which one-byte numbers do not have).
    pub const fn number(number: Number, order: ByteOrder) -> DType {
        match number.size() {
            1 => DType::Number(number, ByteOrder::NATIVE),
            _ => DType::Number(number, order),
        }
    }

    /// The size of one item in bytes, in memory and in a file.
    pub fn itemsize(&self) -> usize {
        match self {
            DType::Bool => 1,
            DType::Number(number, _) => number.size(),
            DType::Bytes(n) | DType::Void(n) => *n as usize,
            DType::Str(n, _) => (*n as usize).saturating_mul(4),
            DType::Datetime(..) | DType::Timedelta(..) | DType::Object => 8,
            DType::Record(record) => record.itemsize(),
            DType::Subarray(sub) => sub.itemsize(),
        }
    }

    /// The alignment in bytes that C and Rust give one item of this type; 1 for strings, bytes and
    /// records, which are made of bytes.
    pub fn alignment(&self) -> usize {
        match self {
            DType::Number(number, _) => number.info().alignment,
            DType::Str(..) => 4,
            DType::Datetime(..) | DType::Timedelta(..) | DType::Object => 8,
            DType::Subarray(sub) => sub.base().alignment(),
            DType::Bool | DType::Bytes(_) | DType::Void(_) | DType::Record(_) => 1,
        }
    }

    /// Whether items hold Python objects anywhere, so that the data is a pickle.
    pub fn has_object(&self) -> bool {
        match self {
            DType::Object => true,
            DType::Record(record) => record.fields().iter().any(|f| f.dtype.has_object()),
            DType::Subarray(sub) => sub.base().has_object(),
            _ => false,
        }
    }

    /// The same type in this byte order: that of every part that has one.
    #[must_use]
    pub fn with_byte_order(&self, order: ByteOrder) -> DType {
        match self {
            DType::Number(number, _) => DType::number(*number, order),
            DType::Str(n, _) => DType::Str(*n, order),
            DType::Datetime(step, _) => DType::Datetime(*step, order),
            DType::Timedelta(step, _) => DType::Timedelta(*step, order),
            DType::Record(record) => DType::Record(Arc::new(record.with_byte_order(order))),
            DType::Subarray(sub) => DType::Subarray(Arc::new(sub.with_byte_order(order))),
            DType::Bool | DType::Bytes(_) | DType::Void(_) | DType::Object => self.clone(),
        }
    }

    /// Whether every part is in the byte order of this machine.
    pub fn is_native(&self) -> bool {
        match self {
            DType::Number(_, order)
            | DType::Str(_, order)
            | DType::Datetime(_, order)
            | DType::Timedelta(_, order) => *order == ByteOrder::NATIVE,
            DType::Record(record) => record.fields().iter().all(|f| f.dtype.is_native()),
            DType::Subarray(sub) => sub.base().is_native(),
            DType::Bool | DType::Bytes(_) | DType::Void(_) | DType::Object => true,
        }
    }

    /// The record, if this is one.
    pub fn as_record(&self) -> Option<&Record> {
        match self {
            DType::Record(record) => Some(record),
            _ => None,
        }
    }
}

/// One named part of a record.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Field {
    /// Its name, unique in the record.
    pub name: String,
    /// NumPy's second name for a field, which few programs use.
    pub title: Option<String>,
    /// Its type.
    pub dtype: DType,
    /// Its offset, in bytes from the beginning of the item.
    pub offset: usize,
}

/// The layout of a structured item: fields in the order of their offsets, with padding anywhere.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Record {
    fields: Vec<Field>,
    itemsize: usize,
}

impl Record {
    /// A record of these fields, at their given offsets, in an item of `itemsize` bytes.
    ///
    /// # Errors
    /// A name or title that is used twice; a field that overlaps the one before it, begins before it, or ends
    /// outside the item. NumPy has such dtypes in memory but cannot save them either.
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

    /// A record of named types in sequence, without padding: NumPy's default.
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

    /// The field with this name or title.
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

/// A fixed-size array as one item of a record: `('m', '<f4', (2, 3))`.
///
/// Its items are in C order. The base may itself be a subarray; NumPy keeps them apart.
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

    /// The type of one of its items.
    pub fn base(&self) -> &DType {
        &self.base
    }

    /// Its length along each axis.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    fn checked_itemsize(&self) -> Option<usize> {
        checked_product(&self.shape)?.checked_mul(self.base.itemsize())
    }

    fn itemsize(&self) -> usize {
        self.checked_itemsize().unwrap_or(usize::MAX)
    }
}

impl Record {
    fn with_byte_order(&self, order: ByteOrder) -> Record {
        let mut record = self.clone();
        for field in &mut record.fields {
            field.dtype = field.dtype.with_byte_order(order);
        }
        record
    }
}

impl Subarray {
    fn with_byte_order(&self, order: ByteOrder) -> Subarray {
        Subarray {
            base: self.base.with_byte_order(order),
            shape: self.shape.clone(),
        }
    }
}
