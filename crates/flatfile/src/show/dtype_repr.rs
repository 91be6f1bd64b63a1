//! A dtype in the `repr` of an array or a scalar: NumPy's `dtype_short_repr`, and `str(dtype)` of a record.

use dtype::python::quoted;
use dtype::{DType, Field, Record, shape_tuple};
use std::fmt::Write;

/// NumPy's `repr` of a dtype.
///
/// ```
/// use flatfile::show;
/// assert_eq!(show::dtype_repr(&"<i4".parse()?), "dtype('int32')");
/// assert_eq!(show::dtype_repr(&"S3".parse()?), "dtype('S3')");
/// # Ok::<(), flatfile::dtype::Error>(())
/// ```
pub fn dtype_repr(dtype: &DType) -> String {
    match dtype {
        DType::Bool => "dtype('bool')".into(),
        DType::Number(number, _) if dtype.is_native() && !number.is_extension() => {
            format!("dtype('{number}')")
        }
        other => format!("dtype({})", construction_repr(other)),
    }
}

/// NumPy's `str` of a dtype: `int32`, `|S3`, `datetime64[ns]`.
pub fn dtype_str(dtype: &DType) -> String {
    match dtype {
        DType::Record(_) | DType::Subarray(_) => construction_repr(dtype),
        simple => dtype_short_repr(simple).trim_matches('\'').to_owned(),
    }
}

/// Whether the text of the items implies their dtype: NumPy's `dtype_is_implied`.
pub(super) fn dtype_is_implied(dtype: &DType) -> bool {
    [DType::Bool, DType::I64, DType::F64, DType::C128].contains(dtype)
}

/// The text after `dtype=`: `float32`, `'<U3'`, `'datetime64[ns]'`, `[('a', '<i4')]`.
pub(super) fn dtype_short_repr(dtype: &DType) -> String {
    let is_native = dtype.is_native();
    match dtype {
        DType::Record(_) | DType::Subarray(_) => construction_repr(dtype),
        DType::Datetime(step, _) if is_native => quoted_unless_word(format!("datetime64{step}")),
        DType::Timedelta(step, _) if is_native => quoted_unless_word(format!("timedelta64{step}")),
        simple => match simple.name() {
            Some(name) if is_native => quoted_unless_word(name),
            _ => format!("'{simple}'"),
        },
    }
}

fn quoted_unless_word(name: String) -> String {
    if name.chars().all(char::is_alphanumeric) {
        name
    } else {
        format!("'{name}'")
    }
}

/// What `np.dtype` takes: `'<f8'`, a list of fields, or, if there is padding, a dict. NumPy's `_construction_repr`.
pub(super) fn construction_repr(dtype: &DType) -> String {
    match dtype {
        DType::Bool => "'?'".into(),
        DType::Number(number, _) if number.is_extension() && dtype.is_native() => {
            number.to_string()
        }
        DType::Bytes(0) => "'S'".into(),
        DType::Void(0) => "'V'".into(),
        DType::Str(0, order) => format!("'{}U'", order.sign()),
        DType::Record(record) if is_packed(record) => {
            let fields = record.fields().iter().map(|field| {
                let name = quoted(&field.name);
                let name = match &field.title {
                    Some(title) => format!("({}, {name})", quoted(title)),
                    None => name.to_string(),
                };
                format!("({name}, {})", base_and_shape(&field.dtype))
            });
            format!("[{}]", joined(fields))
        }
        DType::Record(record) => padded_record(record),
        DType::Subarray(_) => format!("({})", base_and_shape(dtype)),
        simple => format!("'{}'", simple.to_string().trim_start_matches('|')),
    }
}

/// `'<f4', (2, 3)` for a subarray.
fn base_and_shape(dtype: &DType) -> String {
    match dtype {
        DType::Subarray(sub) => {
            let shape = shape_tuple(sub.shape());
            format!("{}, {shape}", construction_repr(sub.base()))
        }
        dtype => construction_repr(dtype),
    }
}

/// Whether every field begins where the one before it ends, and the last one ends with the item.
fn is_packed(record: &Record) -> bool {
    let mut end = 0;
    let is_next = |field: &Field| {
        let is_next = field.offset == end;
        end = field.offset.saturating_add(field.dtype.itemsize());
        is_next
    };
    record.fields().iter().all(is_next) && end == record.itemsize()
}

/// `{'names': ['a'], 'formats': ['i1'], 'offsets': [3], 'itemsize': 4}`
fn padded_record(record: &Record) -> String {
    let fields = record.fields();
    let mut text = format!(
        "{{'names': [{}], 'formats': [{}], 'offsets': [{}]",
        joined(fields.iter().map(|field| quoted(&field.name).to_string())),
        joined(fields.iter().map(|field| construction_repr(&field.dtype))),
        joined(fields.iter().map(|field| field.offset.to_string())),
    );
    if fields.iter().any(|field| field.title.is_some()) {
        let title = |field: &Field| match &field.title {
            Some(title) => quoted(title).to_string(),
            None => "None".into(),
        };
        // Writing to a string cannot fail.
        let _ = write!(text, ", 'titles': [{}]", joined(fields.iter().map(title)));
    }
    format!("{text}, 'itemsize': {}}}", record.itemsize())
}

fn joined(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(", ")
}
