//! The crate from outside.

mod derive;
mod dtypes;
mod with_element;
