//! What a pickle says, as Python's values: nothing in it is run.

use crate::errors::UnsupportedError;
use crate::{array, dtypes};
use npio::meta::{Date, Delta, Int, Objects, Text, Time};
use npio::{DType, Dict, Value};
use pyo3::prelude::*;
use pyo3::types::{
    PyBytes, PyComplex, PyDate, PyDateTime, PyDelta, PyDict, PyFrozenSet, PyList, PySet, PyString,
    PyTime, PyTuple, PyTzInfo,
};

/// The Python value for this one. Numbers, texts, containers and times are what they were; classes and functions, and
/// objects of other classes, are an error.
pub(crate) fn to_python<'py>(py: Python<'py>, value: &Value) -> PyResult<Bound<'py, PyAny>> {
    let all = |values: &[Value]| -> PyResult<Vec<_>> {
        values.iter().map(|value| to_python(py, value)).collect()
    };
    Ok(match value {
        Value::None => py.None().into_bound(py),
        Value::Bool(value) => value.into_pyobject(py)?.to_owned().into_any(),
        Value::Int(value) => int(py, value)?,
        Value::Float(value) => value.into_pyobject(py)?.into_any(),
        Value::Complex(real, imaginary) => {
            PyComplex::from_doubles(py, *real, *imaginary).into_any()
        }
        Value::Str(value) => text(py, value)?,
        Value::Bytes(value) => PyBytes::new(py, value).into_any(),
        Value::List(values) => PyList::new(py, all(values)?)?.into_any(),
        Value::Tuple(values) => PyTuple::new(py, all(values)?)?.into_any(),
        Value::Set(values) => PySet::new(py, all(values)?)?.into_any(),
        Value::FrozenSet(values) => PyFrozenSet::new(py, all(values)?)?.into_any(),
        Value::Dict(value) => dict(py, value)?,
        Value::Date(value) => date(py, value)?,
        Value::Time(value) => time(py, value)?,
        Value::DateTime(value) => {
            let (year, month, day) = value.date.ymd();
            let (hour, minute, second, microsecond) = value.time.hmsu();
            let zone = zone(py, value.time.offset.as_ref())?;
            PyDateTime::new_with_fold(
                py,
                year.into(),
                month,
                day,
                hour,
                minute,
                second,
                microsecond,
                zone.as_ref(),
                value.time.fold,
            )?
            .into_any()
        }
        Value::Delta(value) => delta(py, value)?,
        Value::Array(value) => array::to_python(py, (**value).clone())?,
        Value::Scalar(value) => {
            array::to_python(py, (**value).clone())?.get_item(PyTuple::empty(py))?
        }
        Value::Objects(value) => objects(py, value)?,
        Value::DType(value) => dtypes::to_python(py, value)?.into_any(),
        Value::Range(bounds) => {
            let bounds = bounds
                .iter()
                .map(|bound| int(py, bound))
                .collect::<PyResult<Vec<_>>>()?;
            py.import("builtins")?
                .getattr("range")?
                .call1(PyTuple::new(py, bounds)?)?
        }
        Value::Slice(bounds) => {
            let bounds = PyTuple::new(py, all(&**bounds)?)?;
            py.import("builtins")?.getattr("slice")?.call1(bounds)?
        }
        Value::Name(name) => return Err(foreign(&name.to_string_lossy())),
        Value::Opaque(value) => return Err(foreign(value.class())),
        _ => {
            return Err(UnsupportedError::new_err(
                "the pickle holds a value without a counterpart",
            ));
        }
    })
}

/// An array of objects.
fn objects<'py>(py: Python<'py>, value: &Objects) -> PyResult<Bound<'py, PyAny>> {
    if *value.dtype() != DType::Object {
        let dtype = value.dtype();
        return Err(UnsupportedError::new_err(format!(
            "an array of {dtype} is read only with allow_pickle=True"
        )));
    }
    let numpy = py.import("numpy")?;
    let shape = PyTuple::new(py, value.shape())?;
    let array = numpy.getattr("empty")?.call1((shape, "O"))?;
    let flat = array.getattr("flat")?;
    for (index, item) in value.items().iter().enumerate() {
        flat.set_item(index, to_python(py, item)?)?;
    }
    Ok(array)
}

fn foreign(class: &str) -> PyErr {
    UnsupportedError::new_err(format!(
        "the pickle holds an object of the class {class}: if you trust the file, use allow_pickle=True"
    ))
}

fn int<'py>(py: Python<'py>, value: &Int) -> PyResult<Bound<'py, PyAny>> {
    if let Some(value) = value.to_i64() {
        return Ok(value.into_pyobject(py)?.into_any());
    }
    let bytes = PyBytes::new(py, &value.to_le_bytes());
    let arguments = PyDict::new(py);
    arguments.set_item("signed", true)?;
    let int = py.import("builtins")?.getattr("int")?;
    int.call_method("from_bytes", (bytes, "little"), Some(&arguments))
}

/// A text, also one with lone surrogates.
fn text<'py>(py: Python<'py>, value: &Text) -> PyResult<Bound<'py, PyAny>> {
    if let Some(value) = value.as_str() {
        return Ok(PyString::new(py, value).into_any());
    }
    let points: Vec<u8> = value.points().flat_map(u32::to_le_bytes).collect();
    PyBytes::new(py, &points).call_method1("decode", ("utf-32-le", "surrogatepass"))
}

fn dict<'py>(py: Python<'py>, value: &Dict) -> PyResult<Bound<'py, PyAny>> {
    let dict = PyDict::new(py);
    for (key, value) in value.iter() {
        dict.set_item(to_python(py, key)?, to_python(py, value)?)?;
    }
    Ok(dict.into_any())
}

fn date<'py>(py: Python<'py>, value: &Date) -> PyResult<Bound<'py, PyAny>> {
    let (year, month, day) = value.ymd();
    Ok(PyDate::new(py, year.into(), month, day)?.into_any())
}

fn time<'py>(py: Python<'py>, value: &Time) -> PyResult<Bound<'py, PyAny>> {
    let (hour, minute, second, microsecond) = value.hmsu();
    let zone = zone(py, value.offset.as_ref())?;
    let time = PyTime::new_with_fold(
        py,
        hour,
        minute,
        second,
        microsecond,
        zone.as_ref(),
        value.fold,
    )?;
    Ok(time.into_any())
}

fn delta<'py>(py: Python<'py>, value: &Delta) -> PyResult<Bound<'py, PyAny>> {
    let (days, seconds, microseconds) = value.parts();
    Ok(PyDelta::new(py, days, seconds, microseconds, true)?.into_any())
}

fn zone<'py>(py: Python<'py>, offset: Option<&Delta>) -> PyResult<Option<Bound<'py, PyTzInfo>>> {
    let Some(offset) = offset else {
        return Ok(None);
    };
    let zone = py
        .import("datetime")?
        .getattr("timezone")?
        .call1((delta(py, offset)?,))?;
    Ok(Some(zone.cast_into::<PyTzInfo>()?))
}
