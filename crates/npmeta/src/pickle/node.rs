//! What stands on the machine's stack, and what it costs.

use super::global::Global;
use crate::value::{Date, DateTime, Delta, Time};
use crate::{Error, ErrorKind, Int, Value};
use flatfile::dtype::{DType, Order};
use std::borrow::Cow;

/// A node's number.
pub(super) type Id = u32;

/// A value whose parts are other nodes, which may still change.
#[derive(Debug)]
pub(super) enum Node<'a> {
    None,
    Bool(bool),
    Int(i64),
    Large(Int),
    Float(f64),
    Complex(Box<[f64; 2]>),
    /// UTF-8, surrogates among it.
    Str(Cow<'a, [u8]>),
    /// A `str` of Python 2, whose encoding nobody knows.
    Raw(Cow<'a, [u8]>),
    Bytes(Cow<'a, [u8]>),
    List(Vec<Id>),
    Tuple(Box<[Id]>),
    Set(Vec<Id>),
    FrozenSet(Vec<Id>),
    /// Keys and values in turn.
    Dict(Vec<Id>),
    Date(Date),
    Time(Box<Time>),
    DateTime(Box<DateTime>),
    Delta(Delta),
    Zone(Delta),
    /// A name of the list; it is no value yet.
    Global(Global),
    DType(Box<Descr>),
    /// `StringDType`, and the missing one.
    StringType(bool, Option<Id>),
    Array(Box<Form>),
}

/// A dtype, with what it would cost to walk through it.
#[derive(Clone, Debug)]
pub(super) struct Descr {
    pub(super) dtype: DType,
    pub(super) depth: usize,
    pub(super) parts: usize,
}

/// An array, as far as it was said what it is.
#[derive(Debug)]
pub(super) enum Form {
    /// Nothing yet.
    Empty,
    /// Items in the bytes of another node.
    Items {
        dtype: DType,
        shape: Vec<usize>,
        order: Order,
        /// Which axis of these is which, where they were turned.
        axes: Option<Vec<usize>>,
        bytes: Id,
    },
    /// One item by itself: no array, but a NumPy scalar.
    Scalar { dtype: DType, bytes: Id },
    /// Objects, in a list that is another node.
    Objects {
        shape: Vec<usize>,
        order: Order,
        items: Id,
        strings: Option<(bool, Option<Id>)>,
    },
}

/// What the machine may still take.
pub(super) struct Budget {
    left: usize,
}

/// Bytes that each step is counted for: twice what it takes, since vectors grow by doubling.
pub(super) const NODE: usize = 64;
pub(super) const PLACE: usize = 8;
/// And in the tree that comes out.
pub(super) const VALUE: usize = size_of::<Value>();
// They are smaller where pointers are.
const _: () = assert!(VALUE <= 32 && size_of::<Node<'_>>() <= NODE / 2);

impl Budget {
    pub(super) fn of(length: usize) -> Budget {
        Budget {
            left: (1 << 20) + length.saturating_mul(64),
        }
    }

    /// Takes back what was needed for a while.
    pub(super) fn give(&mut self, bytes: usize) {
        self.left = self.left.saturating_add(bytes);
    }

    pub(super) fn take(&mut self, bytes: usize) -> Result<(), Error> {
        let limit = ErrorKind::Limit("the values take more than 1 MiB and 64 times the pickle");
        self.left = self.left.checked_sub(bytes).ok_or(limit)?;
        Ok(())
    }
}
