//! From [`DType`] to text: what NumPy writes into a header (`dtype_to_descr`).

use crate::dtype::{DType, Record, Subarray};
use crate::repr::quoted;
use crate::shape::ShapeTuple;
use std::fmt;

impl DType {
    /// The descriptor as a Python literal, as in a header: `'<f8'` in quotes, or a list.
    ///
    /// ```
    /// assert_eq!(dtype::DType::Bool.descr().to_string(), "'|b1'");
    /// ```
    pub fn descr(&self) -> impl fmt::Display + '_ {
        Descr(self)
    }

    /// NumPy's name, if the type has one that states everything except the byte order: `int32`, `float64`, `bool`,
    /// `object`.
    pub fn name(&self) -> Option<String> {
        match self {
            DType::Bool => Some("bool".into()),
            DType::Number(number, _) => Some(number.to_string()),
            DType::Object => Some("object".into()),
            _ => None,
        }
    }
}

struct Descr<'a>(&'a DType);

impl fmt::Display for Descr<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            DType::Record(_) | DType::Subarray(_) => write!(f, "{}", self.0),
            simple => write!(f, "'{simple}'"),
        }
    }
}

/// The array-protocol string (`<f8`, `|S3`, `<M8[ns]`), or the list of fields.
impl fmt::Display for DType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DType::Bool => f.write_str("|b1"),
            DType::Number(number, order) => {
                // ml_dtypes writes a byte order where NumPy has none: `<V2`, and `<V1` for a single byte.
                let has_order = number.size() > 1 || number.is_extension();
                let sign = if has_order { order.sign() } else { '|' };
                write!(f, "{sign}{}{}", number.kind(), number.size())
            }
            DType::Bytes(n) => write!(f, "|S{n}"),
            DType::Str(n, order) => write!(f, "{}U{n}", order.sign()),
            DType::Void(n) => write!(f, "|V{n}"),
            DType::Datetime(step, order) => write!(f, "{}M8{step}", order.sign()),
            DType::Timedelta(step, order) => write!(f, "{}m8{step}", order.sign()),
            DType::Object => f.write_str("|O"),
            DType::Record(record) => record.fmt(f),
            DType::Subarray(sub) => sub.fmt(f),
        }
    }
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut list = ListWriter { f, first: true };
        let mut end = 0;
        list.f.write_str("[")?;
        for field in self.fields() {
            list.padding(field.offset - end)?;
            end = field.offset + field.dtype.itemsize();
            list.separator()?;
            let name = quoted(&field.name);
            match &field.title {
                Some(title) => write!(list.f, "(({}, {name}), ", quoted(title))?,
                None => write!(list.f, "({name}, ")?,
            }
            match &field.dtype {
                DType::Subarray(sub) => {
                    write!(
                        list.f,
                        "{}, {})",
                        sub.base().descr(),
                        ShapeTuple(sub.shape())
                    )?;
                }
                dtype => write!(list.f, "{})", dtype.descr())?,
            }
        }
        list.padding(self.itemsize() - end)?;
        list.f.write_str("]")
    }
}

struct ListWriter<'a, 'b> {
    f: &'a mut fmt::Formatter<'b>,
    first: bool,
}

impl ListWriter<'_, '_> {
    fn separator(&mut self) -> fmt::Result {
        if std::mem::take(&mut self.first) {
            return Ok(());
        }
        self.f.write_str(", ")
    }

    fn padding(&mut self, bytes: usize) -> fmt::Result {
        if bytes == 0 {
            return Ok(());
        }
        self.separator()?;
        write!(self.f, "('', '|V{bytes}')")
    }
}

impl fmt::Display for Subarray {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "({}, {})", self.base().descr(), ShapeTuple(self.shape()))
    }
}
