//! The items that a Rust type needs, and whether an array has them: [`check_element`].

use crate::error::{Error, ErrorKind};
use dtype::{ByteOrder, DType, Element, Layout, Order, Record};

/// The work needed to turn items into those of a Rust type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Compatibility {
    /// Nothing.
    Same,
    /// All of them are converted to native byte order.
    Swap,
    /// Fields change their offsets or byte orders, or are left out.
    Cast,
}

/// How the items of an array of this layout become `T`. If `T` is an array itself, its axes are the last ones of
/// the array.
pub(crate) fn check_element<T: Element>(layout: &Layout) -> Result<Compatibility, Error> {
    let dtype = T::dtype();
    if dtype.itemsize() != size_of::<T>() {
        let size = size_of::<T>();
        return Err(ErrorKind::ElementSize { size, dtype }.into());
    }
    let item = Layout::new(dtype, [], Order::C)?;
    let is_whole =
        item.ndim() == 0 || (layout.shape().ends_with(item.shape()) && layout.is_c_contiguous());
    let found = is_whole.then(|| compatibility(layout.dtype(), item.dtype()));
    match found.transpose()? {
        Some(Some(compatibility)) => Ok(compatibility),
        _ => Err(mismatch::<T>(layout.dtype())),
    }
}

/// The items are of another type.
pub(crate) fn mismatch<T: Element>(found: &DType) -> Error {
    let (expected, found) = (T::dtype(), found.clone());
    ErrorKind::Mismatch { expected, found }.into()
}

/// The record has no such field, or the items are not records.
pub(crate) fn missing_field(record: Option<&Record>, field: String) -> Error {
    let fields = record.map_or(&[][..], Record::fields).iter();
    let found = fields.map(|field| field.name.clone()).collect();
    ErrorKind::MissingField { field, found }.into()
}

/// The type of one `T`, or if that is an array, of one of its items.
pub(crate) fn item_dtype<T: Element>() -> DType {
    match Layout::new(T::dtype(), [], Order::C) {
        Ok(layout) => layout.dtype().clone(),
        Err(_) => DType::Void(0),
    }
}

/// `None` if they do not fit; for records, the error names the field.
pub(crate) fn compatibility(found: &DType, wanted: &DType) -> Result<Option<Compatibility>, Error> {
    if found == wanted {
        return Ok(Some(Compatibility::Same));
    }
    let is_swapped = !found.is_native() && to_native(found) == *wanted;
    if is_swapped {
        return Ok(Some(Compatibility::Swap));
    }
    match (found, wanted) {
        (DType::Record(found), DType::Record(wanted)) => check_fields(found, wanted, "")?,
        _ if to_native(found) == to_native(wanted) => {}
        _ => return Ok(None),
    }
    Ok(Some(Compatibility::Cast))
}

pub(crate) fn to_native(dtype: &DType) -> DType {
    dtype.with_byte_order(ByteOrder::NATIVE)
}

/// Checks that every wanted field exists, with the same type except for byte order and the offsets of fields.
fn check_fields(found: &Record, wanted: &Record, path: &str) -> Result<(), Error> {
    for field in wanted.fields() {
        let name = format!("{path}{}", field.name);
        match found.fields().iter().find(|other| other.name == field.name) {
            Some(other) => check_types(&other.dtype, &field.dtype, name)?,
            None => return Err(missing_field(Some(found), name)),
        }
    }
    Ok(())
}

fn check_types(found: &DType, wanted: &DType, field: String) -> Result<(), Error> {
    match (found, wanted) {
        (DType::Record(found), DType::Record(wanted)) => {
            check_fields(found, wanted, &format!("{field}."))
        }
        (DType::Subarray(found), DType::Subarray(wanted)) if found.shape() == wanted.shape() => {
            check_types(found.base(), wanted.base(), field)
        }
        _ if to_native(found) == to_native(wanted) => Ok(()),
        _ => {
            let (expected, found) = (wanted.clone(), found.clone());
            Err(ErrorKind::FieldMismatch {
                field,
                expected,
                found,
            }
            .into())
        }
    }
}
