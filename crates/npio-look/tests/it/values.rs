//! The numbers of an array.

use super::{count, in_each_file, numbers, open, raw};
use npio::{Array, DType, FieldIndex};
use npio_look::{ComplexPart, Meaning, Values};

#[test]
fn a_slice_is_what_numpy_selects() {
    let array = count(DType::I16, &[4, 5, 3]);
    in_each_file(&array, |open| {
        for slice in [
            "...",
            "1",
            "::2, ::-1",
            ":, 4:0:-2, 1",
            "3, 4, 2",
            "2:2",
            "-1:, 1:3",
        ] {
            let parsed: npio::Slice = slice.parse().unwrap();
            let expected = array.strided().slice(&parsed).unwrap();
            // A stream is read once.
            if !open.has_random_access() && slice != "..." {
                continue;
            }
            let values = Values::new(open, &parsed).unwrap();
            assert_eq!(values.shape(), expected.shape(), "{slice}");
            let expected = npio::flatfile::Conversion::new()
                .astype(DType::F64, npio::Casting::Unsafe)
                .apply(&expected)
                .unwrap();
            assert_eq!(
                values.read(&[]).unwrap(),
                expected.to_vec::<f64>().unwrap(),
                "{slice}"
            );
        }
    });
}

#[test]
fn steps_count_from_the_slice() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npy");
    npio::save(&path, count(DType::U32, &[6, 8])).unwrap();
    let array = open(&path);
    let values = Values::new(&array, &"::-2, 1:".parse().unwrap()).unwrap();
    assert_eq!(values.shape(), [3, 7]);
    let read = values.read_steps(&[(1, 2, 1), (1, 3, 2)]).unwrap();
    assert_eq!(read, [26.0, 28.0, 30.0, 10.0, 12.0, 14.0]);
    assert_eq!(values.index(0, 1), 3);
    assert_eq!(values.index(1, 0), 1);
}

#[test]
fn every_block_is_read_once() {
    let array = count(DType::F32, &[700, 1100]);
    in_each_file(&array, |open| {
        let values = Values::new(open, &"...".parse().unwrap()).unwrap();
        let mut found = vec![0u8; 700 * 1100];
        values
            .for_each_block(|block| {
                let mut read = block.values.iter();
                for row in block.rows.clone() {
                    for column in block.columns.clone() {
                        assert_eq!(*read.next().unwrap(), (row * 1100 + column) as f64);
                        found[row * 1100 + column] += 1;
                    }
                }
                Ok(())
            })
            .unwrap();
        assert!(found.iter().all(|times| *times == 1));
    });
}

#[test]
fn parts_are_small_however_deep_the_array_is() {
    let array = count(DType::U8, &[2, 2, 900_000]);
    let expected: f64 = array.as_bytes().iter().map(|byte| f64::from(*byte)).sum();
    in_each_file(&array, |open| {
        let values = Values::new(open, &"...".parse().unwrap()).unwrap();
        let (mut count, mut sum) = (0, 0.0);
        values
            .for_each_part(|part| {
                assert!(part.len() <= 1 << 19);
                count += part.len();
                sum += part.iter().sum::<f64>();
                Ok(())
            })
            .unwrap();
        assert_eq!((count, sum), (3_600_000, expected));
        // A stream is read once.
        if !open.has_random_access() {
            return;
        }
        let some = Values::new(open, &"::-1, 1, 5::7".parse().unwrap()).unwrap();
        let mut read = Vec::new();
        some.for_each_part(|part| {
            read.extend_from_slice(part);
            Ok(())
        })
        .unwrap();
        let mut expected = some.read(&[]).unwrap();
        read.sort_by(f64::total_cmp);
        expected.sort_by(f64::total_cmp);
        assert_eq!(read, expected);
    });
}

/// Beside a length of 0, the others may be any.
#[test]
fn no_items_of_a_vast_shape() {
    const MANY: usize = usize::MAX / 4;
    for shape in [[MANY, MANY, 0], [0, MANY, MANY]] {
        let array = raw("|u1", &shape, Vec::new());
        let values = Values::new(&array, &"...".parse().unwrap()).unwrap();
        assert_eq!((values.count(), values.nbytes()), (0, 0));
        values.for_each_part(|_| Ok(())).unwrap();
        values.for_each_block(|_| Ok(())).unwrap();
    }
}

#[test]
fn fields_of_records() {
    let dtype = "[('a.b', '<i2'), ('p', [('x', '>f4'), ('y', '<u1', (2,))])]";
    let mut bytes = Vec::new();
    for i in 0..3u8 {
        bytes.extend([i, 0]);
        bytes.extend(f32::from(i).to_be_bytes());
        bytes.extend([10 * i, 20 * i]);
    }
    let array = raw(dtype, &[3], bytes);
    let field = |name: &str| array.clone().fields(&FieldIndex::one(name)).unwrap();
    let slice = "1:".parse().unwrap();
    let numbers = field("a.b");
    let numbers = Values::new(&numbers, &slice).unwrap();
    assert_eq!(numbers.read(&[]).unwrap(), [1.0, 2.0]);
    let inner = field("p.x");
    let inner = Values::new(&inner, &slice).unwrap();
    assert_eq!(inner.read_steps(&[(0, 1, 1)]).unwrap(), [1.0]);
    let pairs = field("p.y");
    let pairs = Values::new(&pairs, &slice).unwrap();
    assert_eq!(
        (pairs.shape(), pairs.meaning()),
        (&[2, 2][..], Meaning::Byte)
    );
    assert_eq!(pairs.read(&[]).unwrap(), [10.0, 20.0, 20.0, 40.0]);
    assert_eq!(pairs.read(&[0..2, 1..2]).unwrap(), [20.0, 40.0]);
    assert_eq!(
        Values::new(&array, &slice).unwrap_err().to_string(),
        "records are drawn one field at a time: state --field with one of 'a.b, p'"
    );
}

#[test]
fn times_and_parts_of_complex_numbers() {
    let bytes: Vec<u8> = [1i64, i64::MIN]
        .iter()
        .flat_map(|n| n.to_le_bytes())
        .collect();
    let times = numbers(&raw("<M8[D]", &[2], bytes), "...");
    assert!(times[0] == 1.0 && times[1].is_nan());
    let bytes: Vec<u8> = [3f32, -4.0].iter().flat_map(|n| n.to_be_bytes()).collect();
    let array = raw(">c8", &[1], bytes);
    let part = |part| {
        let values = Values::new(&array, &"...".parse().unwrap()).unwrap();
        values.part(part).read(&[]).unwrap()[0]
    };
    assert_eq!(part(ComplexPart::Abs), 5.0);
    assert_eq!(
        (part(ComplexPart::Real), part(ComplexPart::Imaginary)),
        (3.0, -4.0)
    );
    assert_eq!(part(ComplexPart::Phase), (-4f64).atan2(3.0));
}

#[test]
fn what_is_not_a_number_is_an_error() {
    let error = |dtype: &str| {
        let size = dtype.parse::<DType>().unwrap().itemsize();
        let array = raw(dtype, &[1], vec![0; size]);
        Values::new(&array, &"...".parse().unwrap())
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        error("<U3"),
        "items of dtype <U3 are not numbers, and have no picture"
    );
    assert_eq!(
        error("|O"),
        "Python objects have no picture; --allow-pickle reads those that are numbers"
    );
    let empty = Array::from_slice(&[0u8; 0], [0, 4]).unwrap();
    in_each_file(&empty, |open| assert!(numbers(open, "...").is_empty()));
}
