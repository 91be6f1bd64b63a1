//! Items that are long doubles.

use crate::Open;
use flatfile::dtype::{DType, Layout, Order};
use flatfile::{Array, Conversion};

/// An x87 number: its exponent and sign, its mantissa, and its padding.
pub(crate) fn x87(head: u16, mantissa: u64, padding: u64) -> u128 {
    u128::from(padding) << 80 | u128::from(head) << 64 | u128::from(mantissa)
}

pub(crate) const ONE: u64 = 1 << 63;

/// IEEE quads: 1.0, 2.0, 0.5, 3.0.
pub(crate) const QUADS: [u128; 4] = [0x3fff << 112, 0x4000 << 112, 0x3ffe << 112, 0x40008 << 108];

/// Items of this dtype as they are in a file.
pub(crate) fn file(dtype: &str, items: &[u128]) -> Vec<u8> {
    let bytes = items.iter().map(|item| {
        if dtype.starts_with('>') {
            item.to_be_bytes()
        } else {
            item.to_le_bytes()
        }
    });
    bytes.flatten().collect()
}

pub(crate) fn array(dtype: &str, items: &[u128]) -> Array {
    let bytes = file(dtype, items);
    let dtype: DType = dtype.parse().unwrap();
    let count = bytes.len() / dtype.itemsize();
    let layout = Layout::new(dtype, [count], Order::C).unwrap();
    Conversion::new()
        .stream(&bytes[..], &layout)
        .read()
        .unwrap()
}
