//! NumPy's files as arrays of the [`ndarray`] crate, and the other way round, without a copy.
//!
//! ```
//! use flatfile_ndarray::{flatfile::npy, into_ndarray, ndarray::{Array2, array}, cow_strided};
//!
//! let x: Array2<f64> = array![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]];
//! let file = npy::to_bytes(&cow_strided(&x)?)?;
//!
//! let y: Array2<f64> = into_ndarray(npy::read(&file[..])?)?;
//! assert_eq!(y, x);
//! # Ok::<(), flatfile_ndarray::flatfile::Error>(())
//! ```
//!
//! | from flatfile | to ndarray | |
//! |---|---|---|
//! | `&Array`, `ArrayView`, [`Strided`](flatfile::Strided), a mapped one too | [`view`] | the same memory, the same strides |
//! | the same | [`to_ndarray`] | a copy, of whatever byte order, alignment and strides |
//! | `&mut Array`, a mapped one too | [`view_mut`] | the same memory |
//! | `Array` | [`into_ndarray`] | the same memory |
//!
//! | from ndarray | to flatfile | |
//! |---|---|---|
//! | `&Array`, `&ArrayView`, … | [`cow_strided`] | what every writer takes; the same memory if there are no gaps between items, else a copy |
//! | the same | [`strided`] | the same memory, or an error |
//! | `Array` | [`into_array`] | the same memory if there are no gaps between items, else a copy |
//!
//! The number of axes is part of the type: `ArrayD` and its views take every array, other types only those with the
//! same number of axes.
//!
//! **Gaps.** The bytes between the items of a sliced [`flatfile`] array belong to the array, and a view spans them.
//! The bytes between the items of an ndarray view may belong to other code that changes them at the same time:
//! ndarray cuts one array into views of every other column. So there are no bytes to borrow, and [`cow_strided`] copies
//! the items of such a view, once. Axes in any order, reversed ones and broadcast ones leave no gaps.

#![forbid(unsafe_code)]

mod from_ndarray;
mod to_ndarray;

pub use flatfile;
pub use from_ndarray::{cow_strided, into_array, strided};
pub use ndarray;
pub use to_ndarray::{into_ndarray, to_ndarray, view, view_mut};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
