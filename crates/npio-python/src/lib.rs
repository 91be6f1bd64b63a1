//! npio for Python: the compiled part of the package `pynpio`, whose documentation is in `docs/python.md`.
//!
//! The functions here take what Python passes them, do their work without the interpreter's lock, and hand arrays over
//! without a copy. What is only a matter of Python (defaults, warnings, NumPy's help with objects) is in `python/`.

mod archive;
mod array;
mod counts;
mod dtypes;
mod errors;
mod file;
mod load;
mod look;
mod remote;
mod save;
mod slice;
mod text;
mod values;
mod verify;
mod work;

use pyo3::prelude::*;
use std::num::NonZero;

/// Limits the number of threads that a call uses; 0 is the number of the machine's cores.
#[pyfunction]
fn set_threads(threads: usize) {
    npio::flatfile::threads::set_limit(NonZero::new(threads));
}

#[pymodule(gil_used = false)]
mod _core {
    #[pymodule_export]
    use super::archive::Archive;
    #[pymodule_export]
    use super::counts::{count, count_numpy, served};
    #[pymodule_export]
    use super::errors::{FormatError, LimitError, MismatchError, UnsupportedError};
    #[pymodule_export]
    use super::load::load;
    #[pymodule_export]
    use super::look::{load_slice, read_header};
    #[pymodule_export]
    use super::save::{
        append, can_save, encode_header, save, save_bytes, savez, tofile_raw, update,
    };
    #[pymodule_export]
    use super::set_threads;
    #[pymodule_export]
    use super::text::{
        fromfile_raw, fromfile_sep, fromstring_sep, knows_encoding, read_table, tofile_sep,
        write_table,
    };
    #[pymodule_export]
    use super::verify::verify_file;
}
