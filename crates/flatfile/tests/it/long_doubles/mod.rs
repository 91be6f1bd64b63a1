//! Long doubles among random bytes.

pub(crate) mod items;

use flatfile::dtype::{ByteOrder, DType};

/// Makes all long doubles in items of this type x87 numbers: their integer bits agree with their exponents, and
/// their padding is 0.
pub(crate) fn make_numbers(dtype: &DType, items: &mut [u8]) {
    match dtype {
        DType::Number(number, order) if "fc".contains(number.kind()) && number.part_size() > 8 => {
            for part in items.chunks_exact_mut(number.part_size()) {
                if *order == ByteOrder::Big {
                    part.reverse();
                }
                let is_normal = part[8] != 0 || part[9] & 0x7f != 0;
                part[7] = part[7] & 0x7f | u8::from(is_normal) << 7;
                part[10..].fill(0);
                if *order == ByteOrder::Big {
                    part.reverse();
                }
            }
        }
        DType::Subarray(sub) if dtype.itemsize() > 0 => make_numbers(sub.base(), items),
        DType::Record(record) if dtype.itemsize() > 0 => {
            for item in items.chunks_exact_mut(dtype.itemsize()) {
                for field in record.fields() {
                    let range = field.offset..field.offset + field.dtype.itemsize();
                    make_numbers(&field.dtype, &mut item[range]);
                }
            }
        }
        _ => {}
    }
}
