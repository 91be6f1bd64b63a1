//! DTypes, NumPy's and npio's, each made of the other part by part.

use crate::errors::{OrRaise, UnsupportedError};
use npio::dtype::{ByteOrder, DType, Field, Number, Record, Subarray};
use numpy::{Complex32, Complex64, PyArrayDescr, PyArrayDescrMethods};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

/// From this number on, types are not NumPy's own, but those of ml_dtypes, of StringDType, and so on.
const FIRST_FOREIGN: i32 = 25;

/// NumPy's dtype for this one.
pub(crate) fn to_python<'py>(py: Python<'py>, dtype: &DType) -> PyResult<Bound<'py, PyArrayDescr>> {
    match dtype {
        DType::Bool => Ok(PyArrayDescr::of::<bool>(py)),
        DType::Number(number, order) => {
            let native = match number {
                Number::I8 => PyArrayDescr::of::<i8>(py),
                Number::I16 => PyArrayDescr::of::<i16>(py),
                Number::I32 => PyArrayDescr::of::<i32>(py),
                Number::I64 => PyArrayDescr::of::<i64>(py),
                Number::U8 => PyArrayDescr::of::<u8>(py),
                Number::U16 => PyArrayDescr::of::<u16>(py),
                Number::U32 => PyArrayDescr::of::<u32>(py),
                Number::U64 => PyArrayDescr::of::<u64>(py),
                Number::F32 => PyArrayDescr::of::<f32>(py),
                Number::F64 => PyArrayDescr::of::<f64>(py),
                Number::C64 => PyArrayDescr::of::<Complex32>(py),
                Number::C128 => PyArrayDescr::of::<Complex64>(py),
                // Those that not every machine has, and those that a header spells as bytes.
                _ => return named(py, dtype),
            };
            if number.size() == 1 || *order == ByteOrder::NATIVE {
                return Ok(native);
            }
            let swapped = native.call_method1(intern!(py, "newbyteorder"), ("S",))?;
            Ok(swapped.cast_into::<PyArrayDescr>()?)
        }
        DType::Record(record) => {
            let fields = record.fields();
            let names: Vec<&str> = fields.iter().map(|field| &*field.name).collect();
            let formats = fields.iter().map(|field| to_python(py, &field.dtype));
            let formats = formats.collect::<PyResult<Vec<_>>>()?;
            let offsets: Vec<usize> = fields.iter().map(|field| field.offset).collect();
            let spec = PyDict::new(py);
            spec.set_item("names", names)?;
            spec.set_item("formats", formats)?;
            spec.set_item("offsets", offsets)?;
            spec.set_item("itemsize", record.itemsize())?;
            if fields.iter().any(|field| field.title.is_some()) {
                let titles: Vec<Option<&str>> =
                    fields.iter().map(|field| field.title.as_deref()).collect();
                spec.set_item("titles", titles)?;
            }
            PyArrayDescr::new(py, spec)
        }
        DType::Subarray(subarray) => {
            let base = to_python(py, subarray.base())?;
            PyArrayDescr::new(py, (base, PyTuple::new(py, subarray.shape())?))
        }
        // The texts of these are all that there is to them: `<U5`, `<M8[25s]`, `|O`.
        _ => named(py, dtype),
    }
}

/// The dtype that this NumPy makes of the text.
fn named<'py>(py: Python<'py>, dtype: &DType) -> PyResult<Bound<'py, PyArrayDescr>> {
    let text = dtype.to_string();
    PyArrayDescr::new(py, &*text).map_err(|_| {
        UnsupportedError::new_err(format!("the dtype {text} is not one of this NumPy's"))
    })
}

/// npio's dtype for this one.
///
/// # Errors
/// A dtype that is not NumPy's own; fields that overlap, or are not in the order of their offsets.
pub(crate) fn from_python(descr: &Bound<'_, PyArrayDescr>) -> PyResult<DType> {
    let py = descr.py();
    if descr.num() >= FIRST_FOREIGN {
        let text = descr.str()?;
        return Err(UnsupportedError::new_err(format!(
            "the dtype {text} is not NumPy's own"
        )));
    }
    if descr.has_subarray() {
        let base = from_python(&descr.base())?;
        return Subarray::dtype(base, descr.shape())
            .map_err(npio::flatfile::Error::from)
            .or_raise(py);
    }
    if descr.has_fields() {
        return from_record(descr);
    }
    let order = match descr.is_native_byteorder() {
        Some(false) if ByteOrder::NATIVE == ByteOrder::Little => ByteOrder::Big,
        Some(false) => ByteOrder::Little,
        _ => ByteOrder::NATIVE,
    };
    let number = match (descr.kind(), descr.itemsize()) {
        (b'b', 1) => return Ok(DType::Bool),
        (b'i', 1) => Number::I8,
        (b'i', 2) => Number::I16,
        (b'i', 4) => Number::I32,
        (b'i', 8) => Number::I64,
        (b'u', 1) => Number::U8,
        (b'u', 2) => Number::U16,
        (b'u', 4) => Number::U32,
        (b'u', 8) => Number::U64,
        (b'f', 2) => Number::F16,
        (b'f', 4) => Number::F32,
        (b'f', 8) => Number::F64,
        (b'c', 8) => Number::C64,
        (b'c', 16) => Number::C128,
        _ => {
            let text: String = descr.getattr(intern!(py, "str"))?.extract()?;
            let parsed = text.parse::<DType>().map_err(npio::flatfile::Error::from);
            return parsed.or_raise(py);
        }
    };
    Ok(DType::number(number, order))
}

fn from_record(descr: &Bound<'_, PyArrayDescr>) -> PyResult<DType> {
    let py = descr.py();
    let fields = descr.getattr(intern!(py, "fields"))?;
    // A name that is not Unicode, of one half of a surrogate pair, is Python's error.
    let names: Vec<String> = descr.getattr(intern!(py, "names"))?.extract()?;
    let fields = names.into_iter().map(|name| {
        // The dtype, the offset and, if there is one, the title.
        let parts = fields.get_item(&name)?.cast_into::<PyTuple>()?;
        let dtype = from_python(parts.get_item(0)?.cast::<PyArrayDescr>()?)?;
        let offset = parts.get_item(1)?.extract()?;
        let title = match parts.len() {
            0..=2 => None,
            _ => Some(parts.get_item(2)?.str()?.extract()?),
        };
        Ok(Field {
            name,
            title,
            dtype,
            offset,
        })
    });
    let fields = fields.collect::<PyResult<Vec<_>>>()?;
    let record = Record::new(fields, descr.itemsize()).map_err(npio::flatfile::Error::from);
    Ok(record.or_raise(py)?.into())
}
