//! Arrays, from npio to NumPy and back, without a copy.

#![expect(unsafe_code, reason = "NumPy takes and gives memory as a pointer")]

use crate::dtypes;
use crate::errors::{MismatchError, OrRaise};
use npio::flatfile::Buffer;
use npio::flatfile::extent;
use npio::{Array, DType, Layout, Order, Strided};
use numpy::npyffi::{
    NPY_ARRAY_F_CONTIGUOUS, NPY_ARRAY_WRITEABLE, NpyTypes, PY_ARRAY_API, get_type_object, npy_intp,
};
use numpy::{PyArrayDescr, PyArrayDescrMethods, PyUntypedArray, PyUntypedArrayMethods};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::ptr;
use std::sync::Mutex;

/// What keeps the memory of an array alive: its `base`.
#[pyclass(frozen, module = "pynpio")]
struct Memory {
    // Nobody looks into it any more: NumPy has the address.
    _buffer: Mutex<Buffer>,
}

/// The array as NumPy's, over the same memory.
pub(crate) fn to_python<'py>(py: Python<'py>, array: Array) -> PyResult<Bound<'py, PyAny>> {
    let (layout, mut buffer) = array.into_parts();
    let descr = dtypes::to_python(py, layout.dtype())?;
    if layout.nbytes() == 0 {
        return empty(&descr, &layout);
    }
    let data = buffer.as_mut().as_mut_ptr();
    let memory = Bound::new(
        py,
        Memory {
            _buffer: Mutex::new(buffer),
        },
    )?;
    // Both limits are below those of `npy_intp`.
    let mut shape: Vec<npy_intp> = layout
        .shape()
        .iter()
        .map(|length| *length as npy_intp)
        .collect();
    let mut flags = NPY_ARRAY_WRITEABLE;
    if layout.order() == Order::Fortran {
        flags |= NPY_ARRAY_F_CONTIGUOUS;
    }
    // SAFETY: `data` points to the `layout.nbytes()` bytes of the buffer, which is what NumPy reaches with this shape,
    // dtype and order (there are items, and they have bytes, so that NumPy does not make them longer). The buffer is in
    // `memory`, which the array keeps alive, and which never touches these bytes again; moving a buffer does not move
    // them. The type object and the dtype are live; `NewFromDescr` takes a reference to the dtype, `SetBaseObject` one
    // to the memory, and both are given away.
    unsafe {
        let array = PY_ARRAY_API.PyArray_NewFromDescr(
            py,
            get_type_object(py, NpyTypes::PyArray_Type),
            descr.into_dtype_ptr(),
            shape.len() as _,
            shape.as_mut_ptr(),
            ptr::null_mut(),
            data.cast(),
            flags,
            ptr::null_mut(),
        );
        let array = Bound::from_owned_ptr_or_err(py, array)?;
        if PY_ARRAY_API.PyArray_SetBaseObject(py, array.as_ptr().cast(), memory.into_ptr()) != 0 {
            return Err(PyErr::fetch(py));
        }
        Ok(array)
    }
}

/// An array without bytes, which has no memory to share.
fn empty<'py>(descr: &Bound<'py, PyArrayDescr>, layout: &Layout) -> PyResult<Bound<'py, PyAny>> {
    let py = descr.py();
    let arguments = PyDict::new(py);
    arguments.set_item("dtype", descr)?;
    if layout.order() == Order::Fortran {
        arguments.set_item("order", "F")?;
    }
    // Not `np.empty`, which makes items of one byte of those without.
    let shape = pyo3::types::PyTuple::new(py, layout.shape())?;
    py.import("numpy")?
        .getattr("ndarray")?
        .call((shape,), Some(&arguments))
}

/// An array of NumPy's, with its dtype as npio's.
pub(crate) struct Items<'py> {
    array: Bound<'py, PyUntypedArray>,
    dtype: DType,
}

impl<'py> Items<'py> {
    /// # Errors
    /// A dtype that is not npio's.
    pub(crate) fn new(array: Bound<'py, PyUntypedArray>) -> PyResult<Items<'py>> {
        let dtype = dtypes::from_python(&array.dtype())?;
        Ok(Items { array, dtype })
    }

    pub(crate) fn dtype(&self) -> &DType {
        &self.dtype
    }

    /// The number of bytes of all items.
    pub(crate) fn nbytes(&self) -> u64 {
        (self.array.len() as u64).saturating_mul(self.dtype.itemsize() as u64)
    }

    /// A view of the items, in place.
    pub(crate) fn strided(&self) -> PyResult<Strided<'_>> {
        let (shape, strides) = (self.array.shape(), self.array.strides());
        let (bytes, first): (&[u8], usize) = match extent(shape, strides, self.dtype.itemsize()) {
            _ if self.nbytes() == 0 => (&[], 0),
            None => {
                return Err(MismatchError::new_err(
                    "the strides lead outside of all memory",
                ));
            }
            Some(range) => {
                // SAFETY: these are the bytes from the lowest item's first to the highest one's last, and NumPy's array
                // owns them, or keeps alive what does; `self` keeps the array alive. They may change only if another
                // thread writes to the array while it is saved, which NumPy's own `tofile` and `save` forbid in the
                // same way: then the bytes that are written are unspecified.
                unsafe {
                    let data = (*self.array.as_array_ptr()).fields.data.cast::<u8>();
                    let begin = data.offset(range.start);
                    let length = range.end.abs_diff(range.start);
                    (
                        std::slice::from_raw_parts(begin, length),
                        range.start.unsigned_abs(),
                    )
                }
            }
        };
        Strided::new(self.dtype.clone(), shape, strides, bytes, first).or_raise(self.array.py())
    }
}

/// A contiguous array that is to be filled: `out=`.
pub(crate) struct Out<'py> {
    array: Bound<'py, PyUntypedArray>,
    pub(crate) layout: Layout,
}

impl<'py> Out<'py> {
    /// # Errors
    /// An array that is not contiguous, or cannot be written to.
    pub(crate) fn new(array: &Bound<'py, PyUntypedArray>) -> PyResult<Out<'py>> {
        let order = if array.is_c_contiguous() {
            Order::C
        } else if array.is_fortran_contiguous() {
            Order::Fortran
        } else {
            return Err(MismatchError::new_err(
                "out: expected a contiguous array, found one with gaps",
            ));
        };
        let is_writeable: bool = array.getattr("flags")?.getattr("writeable")?.extract()?;
        if !is_writeable {
            return Err(MismatchError::new_err(
                "out: expected a writeable array, found one that is read-only",
            ));
        }
        let dtype = dtypes::from_python(&array.dtype())?;
        let layout = Layout::new(dtype, array.shape(), order).map_err(npio::flatfile::Error::from);
        let layout = layout.or_raise(array.py())?;
        if layout.dtype().has_object() {
            return Err(MismatchError::new_err(
                "out: expected plain items, found Python objects",
            ));
        }
        Ok(Out {
            array: array.clone(),
            layout,
        })
    }

    /// Its bytes.
    pub(crate) fn bytes(&mut self) -> &mut [u8] {
        if self.layout.nbytes() == 0 {
            return &mut [];
        }
        // SAFETY: a contiguous array's items are these bytes, which it owns or keeps alive, and `self` keeps the array
        // alive. They are not objects, so that any bytes are valid items. The array can be written to, and the caller
        // of `load(out=…)` lends it for the call, as to NumPy's own functions with `out`.
        unsafe {
            let data = (*self.array.as_array_ptr()).fields.data.cast::<u8>();
            std::slice::from_raw_parts_mut(data, self.layout.nbytes())
        }
    }
}
