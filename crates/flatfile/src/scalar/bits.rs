//! The bytes of an item as one number.

use dtype::ByteOrder;

/// The bytes of one part of an item as a number; bytes after the first 16 are ignored.
#[inline]
pub(crate) fn bits(bytes: &[u8], order: ByteOrder) -> u128 {
    let digit = |value: u128, byte: &u8| value << 8 | u128::from(*byte);
    // The two widths of most items are read in one go.
    if let Ok(bytes) = <[u8; 8]>::try_from(bytes) {
        return ordered(bytes, order, u64::from_le_bytes, u64::from_be_bytes).into();
    }
    if let Ok(bytes) = <[u8; 16]>::try_from(bytes) {
        return ordered(bytes, order, u128::from_le_bytes, u128::from_be_bytes);
    }
    match order {
        ByteOrder::Little => bytes.iter().rev().fold(0, digit),
        ByteOrder::Big => bytes.iter().fold(0, digit),
    }
}

#[inline]
fn ordered<B, T>(bytes: B, order: ByteOrder, little: fn(B) -> T, big: fn(B) -> T) -> T {
    match order {
        ByteOrder::Little => little(bytes),
        ByteOrder::Big => big(bytes),
    }
}
