//! Arrays, looked at.

#![forbid(unsafe_code)]

pub mod view;
