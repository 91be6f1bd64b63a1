//! Random items to write and read.

use crate::Dice;
use npio::dtype::set_byte_order;
use npio::{Array, ArrayView, ByteOrder, Casting, DType, Layout, Order};

/// The bytes of an item: arbitrary, or an edge case. Texts have only ASCII letters.
///
/// # Panics
/// For subarrays and objects.
pub fn random_item(dtype: &DType, dice: &mut Dice) -> Vec<u8> {
    match dtype {
        DType::Bool => vec![(dice.bits() & 1) as u8],
        DType::Bytes(length) | DType::Void(length) => {
            let letters = [&b'a', &b'\'', &b'"', &b'\\', &b'\n', &0, &0xff, &b' '];
            (0..*length).map(|_| *dice.of(&letters)).collect()
        }
        DType::Str(length, order) => {
            let letters = [&'a', &'\'', &'"', &'\\', &'\t', &'\0'];
            let points = (0..*length).map(|_| u32::from(*dice.of(&letters)));
            let mut bytes: Vec<u8> = points.flat_map(u32::to_ne_bytes).collect();
            set_byte_order(
                &dtype.with_byte_order(ByteOrder::NATIVE),
                *order,
                &mut bytes,
            );
            bytes
        }
        DType::Record(record) => {
            let mut bytes = vec![0; record.itemsize()];
            for field in record.fields() {
                let place = bytes.iter_mut().skip(field.offset);
                let value = random_item(&field.dtype, dice);
                place.zip(value).for_each(|(place, byte)| *place = byte);
            }
            bytes
        }
        DType::Number(number, _) if matches!(number.kind(), 'f' | 'c') => {
            let parts = [random_float(dice), random_float(dice)].map(f64::to_ne_bytes);
            let layout = Layout::new(DType::C128, [1], Order::C).expect("16 bytes");
            cast(
                ArrayView::new(layout, parts.as_flattened()).expect("16 bytes"),
                dtype,
            )
        }
        dtype => {
            let bits = dice.bits() >> dice.below(64);
            let float = random_float(dice);
            let whole = [*dice.of(&[&(bits as i64), &(float as i64)])];
            cast(ArrayView::over(&whole, [1]).expect("an item"), dtype)
        }
    }
}

/// The same item in another type.
fn cast(item: ArrayView<'_>, dtype: &DType) -> Vec<u8> {
    let cast: Array = item
        .astype(dtype.clone(), Casting::Unsafe)
        .expect("a number");
    cast.as_bytes().to_vec()
}

/// A float of any size, or an edge case.
fn random_float(dice: &mut Dice) -> f64 {
    match dice.below(8) {
        0 => f64::from_bits(dice.bits()),
        1 => dice.below(1000) as f64,
        2 => (dice.bits() as i64 >> dice.below(64)) as f64,
        3 => (dice.bits() >> 12) as f64 / 2f64.powi(dice.below(80) as i32),
        4 => *dice.of(&[
            &0.0,
            &-0.0,
            &f64::NAN,
            &f64::INFINITY,
            &-f64::INFINITY,
            &0.5,
            &-1.5,
            &1e16,
        ]),
        5 => 10f64.powi(dice.below(40) as i32 - 20),
        6 => (dice.below(2_000_000) as f64 - 1e6) / 1000.0,
        _ => -(dice.below(100_000) as f64) / 8.0,
    }
}

/// Bytes as NumPy's `hex` writes them.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The bytes in what [`hex`] wrote.
pub fn unhex(digits: &str) -> Vec<u8> {
    let pairs = digits.as_bytes().chunks(2);
    let pairs = pairs.filter_map(|pair| str::from_utf8(pair).ok());
    let bytes = pairs.filter_map(|pair| u8::from_str_radix(pair, 16).ok());
    bytes.collect()
}

/// The text in what [`hex`] wrote.
pub fn unhex_text(digits: &str) -> String {
    String::from_utf8_lossy(&unhex(digits)).into_owned()
}
