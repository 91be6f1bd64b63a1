//! The nodes on the machine's stack, and their cost in memory.

use super::global::Known;
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
    BigInt(Int),
    Float(f64),
    Complex(Box<[f64; 2]>),
    /// UTF-8, possibly with surrogates.
    Str(Cow<'a, [u8]>),
    /// A `str` of Python 2, whose encoding is unknown.
    Python2Str(Cow<'a, [u8]>),
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
    /// A name on the list.
    Known(&'static Known),
    /// Any other name: the module, a dot, and the name in it.
    Other(Box<str>),
    Opaque(Box<OpaqueNode>),
    Range(Box<[Int; 3]>),
    Slice(Box<[Id; 3]>),
    DType(Box<SizedDType>),
    /// `StringDType`: whether it coerces, and its missing value.
    StringType(bool, Option<Id>),
    Array(Box<ArrayState>),
}

/// An object of a class that is not on the list; nothing of it is known but what the pickle says.
#[derive(Debug, Default)]
pub(super) struct OpaqueNode {
    pub(super) class: String,
    pub(super) args: Vec<Id>,
    /// Names and values in turn.
    pub(super) kwargs: Vec<Id>,
    pub(super) state: Option<Id>,
    pub(super) items: Vec<Id>,
    /// Keys and values in turn.
    pub(super) entries: Vec<Id>,
}

/// A dtype, with the cost of walking through it.
#[derive(Clone, Debug)]
pub(super) struct SizedDType {
    pub(super) dtype: DType,
    pub(super) depth: usize,
    pub(super) parts: usize,
}

/// An array, as far as it is known.
#[derive(Debug)]
pub(super) enum ArrayState {
    /// Nothing yet.
    Empty,
    /// Items in the bytes of another node.
    Items {
        dtype: DType,
        shape: Vec<usize>,
        order: Order,
        /// The permutation of the axes, if they were transposed.
        axes: Option<Vec<usize>>,
        bytes: Id,
        /// Whether simple items are given the byte order of this machine, as NumPy does with a state.
        is_native: bool,
    },
    /// A single item: not an array, but a NumPy scalar.
    Scalar { dtype: DType, bytes: Id },
    /// A single record that has objects, as an array without axes that is another node.
    ObjectScalar { array: Id },
    /// Objects, or records that have some, in a list that is another node.
    Objects {
        dtype: DType,
        shape: Vec<usize>,
        order: Order,
        items: Id,
        strings: Option<(bool, Option<Id>)>,
    },
}

/// The memory that the machine may still use.
pub(super) struct Budget {
    left: usize,
}

/// The number of bytes charged for each step: twice what it takes, since vectors grow by doubling.
pub(super) const NODE_COST: usize = 64;
pub(super) const SLOT_COST: usize = 8;
/// The same for a value in the resulting tree.
pub(super) const VALUE_COST: usize = size_of::<Value>();
// They are smaller on targets with smaller pointers.
const _: () = assert!(VALUE_COST <= 32 && size_of::<Node<'_>>() <= NODE_COST / 2);

impl Budget {
    pub(super) fn for_pickle(length: usize) -> Budget {
        Budget {
            left: (1 << 20) + length.saturating_mul(64),
        }
    }

    /// Returns memory that was needed temporarily.
    pub(super) fn refund(&mut self, bytes: usize) {
        self.left = self.left.saturating_add(bytes);
    }

    pub(super) fn charge(&mut self, bytes: usize) -> Result<(), Error> {
        let limit = ErrorKind::Limit("the values take more than 1 MiB and 64 times the pickle");
        self.left = self.left.checked_sub(bytes).ok_or(limit)?;
        Ok(())
    }
}
