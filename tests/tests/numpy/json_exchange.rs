//! Arrays of every dtype, there and back through JSON.

use conformance::{Dice, random_item};
use npio::flatfile::{Array, Buffer, show};
use npio::meta::json::to_array;
use npio::{ByteOrder, DType, Layout, Order};
use std::fs;

/// An array as JSON.
pub(crate) fn json(array: &Array) -> String {
    let mut json = Vec::new();
    show::json(&array.strided(), &mut json).unwrap();
    String::from_utf8(json).unwrap()
}

/// Dtypes of every kind, in both byte orders.
pub(crate) const DTYPES: [&str; 52] = [
    "?",
    "i1",
    ">i2",
    "<i4",
    ">i8",
    "u1",
    "<u2",
    ">u4",
    "<u8",
    "f2",
    ">f2",
    "bfloat16",
    "<f4",
    ">f4",
    "<f8",
    ">f8",
    "<f12",
    ">f12",
    "<f16",
    ">f16",
    "c8",
    ">c16",
    "<c24",
    ">c32",
    "S1",
    "S7",
    "<U4",
    ">U2",
    "V1",
    "V9",
    "M8",
    "M8[Y]",
    ">M8[M]",
    "M8[W]",
    "M8[3D]",
    "M8[h]",
    "M8[m]",
    ">M8[25s]",
    "M8[ms]",
    "M8[us]",
    "M8[10ns]",
    "M8[ps]",
    "M8[fs]",
    "M8[as]",
    "m8",
    ">m8[s]",
    "m8[25us]",
    "[('x', '<f8'), ('n', '>i2')]",
    "[('a', 'S2'), ('p', [('z', '<c8'), ('b', '?')], (2,)), ('t', '<M8[s]')]",
    "[('a', 'u1'), ('', 'V3'), ('b', '>U2')]",
    "[('s', 'V2'), ('r', [('', '<f16', (2, 1)), ('d', '>m8[ns]')])]",
    "[('z', '<c32', (1, 2)), ('e', '<i4', (2, 0)), ('w', 'S0')]",
];

/// An array of arbitrary items, as many as few tests need.
pub(crate) fn random_array(dtype: &DType, shape: &[usize], dice: &mut Dice) -> Array {
    let count: usize = shape.iter().product();
    let bytes = (0..count).flat_map(|_| json_item(dtype, dice));
    let layout = Layout::new(dtype.clone(), shape, Order::C).unwrap();
    Array::new(layout, Buffer::from(bytes.collect::<Vec<u8>>())).unwrap()
}

fn random_shape(dice: &mut Dice) -> Vec<usize> {
    let lengths = [&1usize, &2, &3, &5, &0];
    let axes = dice.below(4);
    (0..axes).map(|_| *dice.of(&lengths)).collect()
}

/// The bytes of an item: texts have any characters, bytes any values, and long doubles all their bits. Bytes that mean
/// nothing are 0, and NaN is the one that is read.
fn json_item(dtype: &DType, dice: &mut Dice) -> Vec<u8> {
    match dtype {
        DType::Subarray(sub) => {
            let count: usize = sub.shape().iter().product();
            (0..count)
                .flat_map(|_| json_item(sub.base(), dice))
                .collect()
        }
        DType::Record(record) => {
            let mut item = vec![0; record.itemsize()];
            for field in record.fields() {
                let value = json_item(&field.dtype, dice);
                item[field.offset..][..value.len()].copy_from_slice(&value);
            }
            item
        }
        DType::Bytes(length) | DType::Void(length) if dice.below(2) == 0 => (0..*length)
            .map(|_| dice.bits() as u8 >> dice.below(8))
            .collect(),
        DType::Str(length, order) => {
            let mut point = || match dice.below(6) {
                0 => 0,
                1 => 0xd800 + dice.below(0x800) as u32,
                2 => dice.below(0xd800) as u32,
                3 => 0x10000 + dice.below(0x10_0000) as u32,
                _ => dice.below(128) as u32,
            };
            let mut points: Vec<u32> = (0..*length).map(|_| point()).collect();
            // A pair of surrogates is one character to every reader of JSON.
            for i in 1..points.len() {
                if (0xd800..0xdc00).contains(&points[i - 1])
                    && (0xdc00..0xe000).contains(&points[i])
                {
                    points[i] = 0;
                }
            }
            let bytes = points.iter().map(|point| match order {
                ByteOrder::Little => point.to_le_bytes(),
                ByteOrder::Big => point.to_be_bytes(),
            });
            bytes.flatten().collect()
        }
        DType::Datetime(_, order) | DType::Timedelta(_, order) => {
            let count = match dice.below(8) {
                0 => i64::MIN,
                1 => i64::MAX,
                _ => dice.bits() as i64 >> dice.below(64),
            };
            match order {
                ByteOrder::Little => count.to_le_bytes().to_vec(),
                ByteOrder::Big => count.to_be_bytes().to_vec(),
            }
        }
        DType::Number(number, order) if number.part_size() > 8 => {
            let part = || x87_item(number.part_size(), *order, dice);
            let parts = number.size() / number.part_size();
            std::iter::repeat_with(part).take(parts).flatten().collect()
        }
        DType::Number(number, _) if matches!(number.kind(), 'f' | 'c') => {
            let item = random_item(dtype, dice);
            let layout = Layout::new(dtype.clone(), [], Order::C).unwrap();
            let array = Array::new(layout, Buffer::from(item)).unwrap();
            if array.to_string().contains("nan") {
                vec![0; number.size()]
            } else {
                array.as_bytes().to_vec()
            }
        }
        dtype => random_item(dtype, dice),
    }
}

/// A number of the x87 with arbitrary bits, without its padding; or an infinity.
fn x87_item(size: usize, order: ByteOrder, dice: &mut Dice) -> Vec<u8> {
    let mantissa = (dice.bits() | 1 << 63) << dice.below(64) | 1 << 63;
    let (exponent, mantissa) = match dice.below(8) {
        0 => (0u16, 0),
        1 => (0x7fff, 1 << 63),
        2 => (0, mantissa >> 1 >> dice.below(63)),
        3 => (1 + dice.below(0x7ffe) as u16, mantissa),
        _ => ((0x3fff - 70 + dice.below(140)) as u16, mantissa),
    };
    let sign = (dice.below(2) as u16) << 15;
    let mut item = vec![0; size];
    item[..8].copy_from_slice(&mantissa.to_le_bytes());
    item[8..10].copy_from_slice(&(exponent | sign).to_le_bytes());
    if order == ByteOrder::Big {
        item.reverse();
    }
    item
}

#[test]
fn what_was_written_comes_back() {
    let mut dice = Dice::new(5);
    for round in 0..20 {
        for dtype in DTYPES {
            let dtype: DType = dtype.parse().unwrap();
            let shape = if round == 0 {
                vec![200]
            } else {
                random_shape(&mut dice)
            };
            let array = random_array(&dtype, &shape, &mut dice);
            let written = json(&array);
            let read = to_array(&written, Some(dtype.clone()))
                .unwrap_or_else(|error| panic!("{dtype}: {error}\n{written}"));
            assert_eq!(read.dtype(), array.dtype());
            // An axis of length 0 hides those after it.
            let shown = shape.iter().position(|length| *length == 0);
            assert_eq!(
                read.shape(),
                &shape[..shown.map_or(shape.len(), |at| at + 1)],
                "{written}"
            );
            assert_eq!(read.as_bytes(), array.as_bytes(), "{dtype}: {written}");
        }
    }
}

#[test]
fn every_dtype_comes_back_at_a_shell() {
    let folder = conformance::sample_folder();
    let mut dice = Dice::new(13);
    // In a .npy bfloat16 is V2.
    for name in DTYPES.iter().filter(|name| **name != "bfloat16") {
        let dtype: DType = name.parse().unwrap();
        let other = if dice.below(2) == 0 {
            vec![0, 2]
        } else {
            vec![]
        };
        for shape in [vec![2, 3], other] {
            let array = random_array(&dtype, &shape, &mut dice);
            npio::save(folder.path().join("a.npy"), &array).unwrap();
            let lengths: Vec<String> = shape.iter().map(usize::to_string).collect();
            let lengths = lengths.join(",");
            let mut back = vec!["convert", "--force", "--in-dtype", name];
            if !shape.is_empty() {
                back.extend(["--in-shape", &lengths]);
            }
            back.extend(["a.json", "b.npy"]);
            for args in [&["convert", "--force", "a.npy", "a.json"][..], &back] {
                let (status, _, message) = conformance::ran(folder.path(), args);
                assert_eq!((status, message.as_str()), (0, ""), "{args:?}");
            }
            let [first, second] =
                ["a.npy", "b.npy"].map(|name| fs::read(folder.path().join(name)).unwrap());
            assert_eq!(first, second, "{name} {lengths}");
        }
    }
}
