//! Changing the byte order of items in place.

use crate::{ByteOrder, DType, Number};

/// Turns every part of `items` that has a byte order into byte order `to`; `dtype` says how they are.
///
/// Bytes behind the last whole item stay as they are. Afterwards the items are of type
/// [`dtype.with_byte_order(to)`](DType::with_byte_order).
///
/// ```
/// use dtype::{ByteOrder, DType, set_byte_order};
/// let mut items = [0, 1, 0, 2];
/// set_byte_order(&">u2".parse::<DType>()?, ByteOrder::Little, &mut items);
/// assert_eq!(items, [1, 0, 2, 0]);
/// # Ok::<(), dtype::Error>(())
/// ```
pub fn set_byte_order(dtype: &DType, to: ByteOrder, items: &mut [u8]) {
    match dtype {
        DType::Number(number, order) if *order != to => match number {
            Number::F96 | Number::C192 => reverse::<12>(items),
            number => match number.part_size() {
                2 => swap2(items),
                4 => swap4(items),
                8 => swap8(items),
                16 => reverse::<16>(items),
                _ => {}
            },
        },
        DType::Str(_, order) if *order != to => swap4(items),
        DType::Datetime(_, order) | DType::Timedelta(_, order) if *order != to => swap8(items),
        DType::Record(record) if record.itemsize() > 0 => {
            let fields = record.fields().iter();
            let swapped: Vec<_> = fields.filter(|f| needs_swap(&f.dtype, to)).collect();
            if swapped.is_empty() {
                return;
            }
            for item in items.chunks_exact_mut(record.itemsize()) {
                for field in &swapped {
                    let end = field.offset + field.dtype.itemsize();
                    if let Some(bytes) = item.get_mut(field.offset..end) {
                        set_byte_order(&field.dtype, to, bytes);
                    }
                }
            }
        }
        DType::Subarray(sub) => set_byte_order(sub.base(), to, items),
        _ => {}
    }
}

/// Whether any part is in the other byte order.
fn needs_swap(dtype: &DType, to: ByteOrder) -> bool {
    match dtype {
        DType::Number(number, order) => number.size() > 1 && *order != to,
        DType::Str(_, order) | DType::Datetime(_, order) | DType::Timedelta(_, order) => {
            *order != to
        }
        DType::Record(record) => record.fields().iter().any(|f| needs_swap(&f.dtype, to)),
        DType::Subarray(sub) => needs_swap(sub.base(), to),
        DType::Bool | DType::Bytes(_) | DType::Void(_) | DType::Object => false,
    }
}

macro_rules! swaps {
    ($($name:ident: $word:ty;)*) => {$(
        fn $name(items: &mut [u8]) {
            for word in items.as_chunks_mut::<{ size_of::<$word>() }>().0 {
                *word = <$word>::from_ne_bytes(*word).swap_bytes().to_ne_bytes();
            }
        }
    )*};
}

// Written over integers, these become vector instructions.
swaps! { swap2: u16; swap4: u32; swap8: u64; }

fn reverse<const N: usize>(items: &mut [u8]) {
    for word in items.as_chunks_mut::<N>().0 {
        word.reverse();
    }
}
