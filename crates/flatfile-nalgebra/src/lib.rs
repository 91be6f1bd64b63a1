//! NumPy's files as matrices of the [`nalgebra`] crate, and the other way round, without a copy.
//!
//! ```
//! use flatfile_nalgebra::{flatfile::npy, into_matrix, nalgebra::DMatrix, strided};
//!
//! let x = DMatrix::from_row_slice(2, 3, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
//! let file = npy::to_bytes(strided(&x)?)?;
//!
//! let y: DMatrix<f64> = into_matrix(npy::read(&file[..])?)?;
//! assert_eq!(y, x);
//! # Ok::<(), flatfile_nalgebra::flatfile::Error>(())
//! ```
//!
//! | from flatfile, with two axes | to nalgebra | |
//! |---|---|---|
//! | `&Array`, `ArrayView`, [`Strided`](flatfile::Strided), a mapped one too | [`view`] | the same memory; no axis may go backwards or be broadcast |
//! | the same | [`to_matrix`] | a copy, of whatever byte order, alignment and strides |
//! | `&mut Array`, a mapped one too | [`view_mut`] | the same memory |
//! | `Array` | [`into_matrix`] | the same memory in Fortran order, else a copy |
//!
//! | from nalgebra | to flatfile | |
//! |---|---|---|
//! | a matrix, a vector, or a view of whole columns of constant length | [`strided`] | the same memory |
//! | any matrix or view | [`to_array`] | a copy |
//! | `DMatrix` | [`into_array`] | the same memory |
//!
//! nalgebra's matrices are in Fortran order. A file in C order is read into that order by
//! `npy::ReadOptions::new().order(Order::Fortran)`, which needs no second matrix.

#![forbid(unsafe_code)]

mod from_matrix;
mod to_matrix;

pub use flatfile;
pub use from_matrix::{into_array, strided, to_array};
pub use nalgebra;
pub use to_matrix::{into_matrix, to_matrix, view, view_mut};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
