//! Items without a header: NumPy's `tofile` and `fromfile` without `sep`.
//!
//! Nothing in the bytes says what they are, so whoever reads them has to know the [`Layout`]. A `.npy` is the
//! same behind a header: what [`npy`](crate::npy) reads and writes there, is read and written here.

mod blocks;
mod fill;
mod into;
mod panels;
mod partial;
mod read;
mod row_blocks;
mod write;

pub use read::ReadOptions;
pub use row_blocks::RowBlocks;
pub(crate) use write::{reserve, write_items};
