//! How often each function did its work itself, and how often it left it to NumPy.

use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::sync::atomic::{AtomicU64, Ordering};

/// The functions that are counted.
const NAMES: [&str; 11] = [
    "load",
    "save",
    "savez",
    "savez_compressed",
    "NpzFile",
    "fromfile",
    "tofile",
    "fromstring",
    "loadtxt",
    "savetxt",
    "open_memmap",
];

static OURS: [AtomicU64; NAMES.len()] = [const { AtomicU64::new(0) }; NAMES.len()];
static NUMPYS: [AtomicU64; NAMES.len()] = [const { AtomicU64::new(0) }; NAMES.len()];

fn add(counts: &[AtomicU64], function: &str) {
    let index = NAMES.iter().position(|name| *name == function);
    if let Some(count) = index.and_then(|index| counts.get(index)) {
        count.fetch_add(1, Ordering::Relaxed);
    }
}

/// Counts a call that this library serves.
#[pyfunction]
pub(crate) fn count(function: &str) {
    add(&OURS, function);
}

/// Counts a call that is left to NumPy.
#[pyfunction]
pub(crate) fn count_numpy(function: &str) {
    add(&NUMPYS, function);
}

/// For each function, the number of calls that were served here, and of those that were left to NumPy.
#[pyfunction]
pub(crate) fn served(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    let counts = PyDict::new(py);
    for (name, (ours, numpys)) in NAMES.iter().zip(OURS.iter().zip(&NUMPYS)) {
        counts.set_item(
            name,
            (ours.load(Ordering::Relaxed), numpys.load(Ordering::Relaxed)),
        )?;
    }
    Ok(counts)
}
