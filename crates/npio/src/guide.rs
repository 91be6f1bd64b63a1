//! Guides: the call for each of NumPy's, recipes, metadata, the formats, and the differences from NumPy.
//!
//! They exist in the documentation only. The tests run their examples.

#[doc = include_str!("../docs/numpy.md")]
pub mod numpy {}

#[doc = include_str!("../docs/cookbook.md")]
pub mod cookbook {}

#[doc = include_str!("../docs/metadata.md")]
pub mod metadata {}

#[doc = include_str!("../docs/formats.md")]
pub mod formats {}

#[doc = include_str!("../docs/compatibility.md")]
pub mod compatibility {}
