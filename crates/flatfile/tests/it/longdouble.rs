//! Long doubles in files that are x87 numbers, or are not.

use crate::Open;
use crate::long_doubles::items::{ONE, QUADS, array, file, x87};
use flatfile::Conversion;
use flatfile::dtype::{ByteOrder, Casting, DType, Layout, Order};
use flatfile::text::{self, table};
use flatfile::{
    Array, ErrorKind, LongDouble, LongDoubleProblem, RandomAccessFile, Strided, raw, show,
};
use proptest::prelude::*;
use std::io::Write;

/// The problem that every way to interpret the items finds: the item, the field, and the problem; `None` if there
/// is none.
fn problem(array: &Array) -> Option<(usize, Option<String>, LongDoubleProblem)> {
    let view = array.strided();
    let tofile = |view: &Strided<'_>| {
        let write = text::WriteOptions::new().write(Vec::new(), view.clone(), ",");
        write.map(drop)
    };
    let read = Conversion::new();
    let reading = |options: &Conversion| {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(array.as_bytes()).unwrap();
        let file = RandomAccessFile::from(file);
        let read = options.at(&file, 0, array.layout()).read().map(drop);
        let stream = options
            .stream(array.as_bytes(), array.layout())
            .read()
            .map(drop);
        assert_eq!(
            read.as_ref().err().map(ToString::to_string),
            stream.err().map(|error| error.to_string())
        );
        read
    };
    let mut results = vec![
        show::array(&view).map(drop),
        show::Options::new().full().array(&view).map(drop),
        show::json(&view, Vec::new()),
        reading(&read.clone().longdouble(LongDouble::Checked)),
    ];
    if !matches!(array.dtype(), DType::Record(_)) {
        results.push(array.astype(DType::C128, Casting::Unsafe).map(drop));
        results.push(
            array
                .astype("U99".parse().unwrap(), Casting::Unsafe)
                .map(drop),
        );
        results.push(tofile(&view));
        results.push(reading(&read.clone().astype(DType::C128, Casting::Unsafe)));
        let write = raw::WriteOptions::new().astype(DType::C128, Casting::Unsafe);
        results.push(write.write(Vec::new(), array));
        let table = table::WriteOptions::new()
            .shortest()
            .write(Vec::new(), array);
        results.push(table.map(drop));
    }
    let found = results.into_iter().map(|result| {
        let error = result.err()?;
        let text = error.to_string();
        assert!(text.contains("--longdouble quad"), "{text}");
        match error.into_kind() {
            ErrorKind::LongDouble {
                item,
                field,
                problem,
            } => Some((item, field, problem)),
            kind => panic!("{kind:?}"),
        }
    });
    let found: Vec<_> = found.collect();
    assert!(found.iter().all(|one| *one == found[0]), "{found:?}");
    let printed = array.to_string();
    assert_eq!(printed.starts_with("<"), found[0].is_some(), "{printed}");
    found.into_iter().next().unwrap()
}

fn like_quads(item: usize, quad: f64) -> Option<(usize, Option<String>, LongDoubleProblem)> {
    Some((item, None, LongDoubleProblem::LikeQuads { quad }))
}

fn integer_bit(item: usize, exponent: u16) -> Option<(usize, Option<String>, LongDoubleProblem)> {
    Some((item, None, LongDoubleProblem::IntegerBit { exponent }))
}

#[test]
fn quads_that_would_all_be_zero() {
    for dtype in ["<f16", ">f16"] {
        assert_eq!(problem(&array(dtype, &QUADS)), like_quads(0, 1.0));
        assert_eq!(
            problem(&array(dtype, &[0, 0, QUADS[3]])),
            like_quads(2, 3.0)
        );
        // 1 and the least bit of a quad: almost 0 to the x87.
        assert_eq!(problem(&array(dtype, &[QUADS[0] | 1])), like_quads(0, 1.0));
        assert_eq!(problem(&array(dtype, &[0; 5])), None);
    }
    // Its parts are checked together: (1, 0), (0, 2).
    let complex = [QUADS[0], 0, 0, QUADS[1]];
    assert_eq!(problem(&array("<c32", &complex)), like_quads(0, 1.0));
    let proven = [QUADS[0], 0, 0, x87(0x3fff, ONE, 0)];
    assert_eq!(problem(&array(">c32", &proven)), None);
}

#[test]
fn zeros_with_anything_in_their_padding() {
    for dtype in ["<f16", ">f16"] {
        for padding in [
            // Parts of pointers, and the upper bytes of the f8 1.0, 3.0, 0.1.
            0x7f12_3456,
            0x3ff0_0000_0000,
            0x4008_0000_0000,
            0x3fb9_9999_9999,
        ] {
            assert_eq!(problem(&array(dtype, &[x87(0, 0, padding); 3])), None);
        }
        // One that cannot be a quad, or is not 0, decides for all.
        assert_eq!(
            problem(&array(dtype, &[QUADS[1], x87(0, 0, 0x7f12_3456)])),
            None
        );
        assert_eq!(
            problem(&array(dtype, &[QUADS[1], x87(0, 0, 0x408f_4000_0000)])),
            None
        );
        let number = x87(0xbfff, ONE, 0x3fff_0000_0000);
        assert_eq!(problem(&array(dtype, &[QUADS[1], QUADS[1], number])), None);
        assert_eq!(problem(&array(dtype, &[number; 3])), None);
    }
}

#[test]
fn integer_bits_that_contradict_exponents() {
    let one = x87(0x3fff, ONE, 0);
    for dtype in ["<f16", ">f16"] {
        for (head, mantissa) in [
            (0x3fff, 1),
            (0x8001, 0),
            (0x7fff, 0),
            (0xffff, ONE >> 1),
            (0, ONE),
        ] {
            let items = [one, 0, x87(head, mantissa, 7), one];
            assert_eq!(
                problem(&array(dtype, &items)),
                integer_bit(2, head & 0x7fff)
            );
        }
        // A third as a quad, whose bits are alternating.
        let third = 0x3ffd_5555_5555_5555_5555_5555_5555_5555;
        assert_eq!(
            problem(&array(dtype, &[one, third])),
            integer_bit(1, 0x5555)
        );
    }
    assert_eq!(
        problem(&array("<c32", &[one, one, one, x87(0x3fff, ONE >> 1, 0)])),
        integer_bit(1, 0x3fff)
    );
    // In 12 bytes there are no quads, but bits can be wrong.
    let layout = Layout::new("<f12".parse().unwrap(), [2], Order::C).unwrap();
    let mut bytes = [0; 24];
    bytes[10..12].copy_from_slice(&[0xff, 0x3f]);
    let read = |bytes: &[u8]| Conversion::new().stream(bytes, &layout).read().unwrap();
    assert_eq!(problem(&read(&bytes)), None);
    bytes[20] = 1;
    assert_eq!(problem(&read(&bytes)), integer_bit(1, 1));
}

#[test]
fn fields_are_named() {
    let dtype = "[('n','<i8'),('in',[('x','>f16',(2,)),('y','u1')],(2,))]";
    let dtype: DType = dtype.parse().unwrap();
    let mut bytes = vec![0; 2 * dtype.itemsize()];
    let second = dtype.itemsize() + 8 + 33 + 16;
    let layout = Layout::new(dtype.clone(), [2], Order::C).unwrap();
    let read = |bytes: &[u8]| Conversion::new().stream(bytes, &layout).read().unwrap();
    bytes[second..][..16].copy_from_slice(&QUADS[3].to_be_bytes());
    let field = Some("in.x".to_owned());
    let quad = LongDoubleProblem::LikeQuads { quad: 3.0 };
    assert_eq!(problem(&read(&bytes)), Some((1, field.clone(), quad)));
    let text = read(&bytes).to_string();
    assert!(
        text.contains("item 1, field 'in.x', is the quad 3.0;"),
        "{text}"
    );
    bytes[second..][..16].copy_from_slice(&x87(0x3fff, 1, 0).to_be_bytes());
    let bit = LongDoubleProblem::IntegerBit { exponent: 0x3fff };
    assert_eq!(problem(&read(&bytes)), Some((1, field, bit)));
    // Items that a cast leaves out or copies, possibly with another byte order, are not interpreted.
    for fields in [
        "[('n','<f8')]",
        "[('in',[('x','<f16',(2,)),('y','<f4')],(2,)),('n','<i8')]",
    ] {
        read(&bytes)
            .astype(fields.parse().unwrap(), Casting::Unsafe)
            .unwrap();
    }
    let cast = "[('in',[('x','<f8',(2,))],(2,))]".parse().unwrap();
    let error = read(&bytes).astype(cast, Casting::Unsafe).unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::LongDouble { item: 1, .. }),
        "{error}"
    );
}

/// Loading, byte order and memory order do not change the bytes.
#[test]
fn copies_keep_the_bytes() {
    let third = 0x3ffd_5555_5555_5555_5555_5555_5555_5555;
    let items = [QUADS[0], third, QUADS[2], QUADS[3]];
    let layout = Layout::new("<f16".parse().unwrap(), [2, 2], Order::C).unwrap();
    let bytes = file("<f16", &items);
    let read = Conversion::new();
    assert_eq!(
        read.stream(&bytes[..], &layout).read().unwrap().as_bytes(),
        bytes
    );
    let big = read.clone().byte_order(ByteOrder::Big);
    let big = big.stream(&bytes[..], &layout).read().unwrap();
    assert_eq!(big.as_bytes(), file(">f16", &items));
    let turned = read
        .order(Order::Fortran)
        .stream(&bytes[..], &layout)
        .read()
        .unwrap();
    let columns = [items[0], items[2], items[1], items[3]];
    assert_eq!(turned.as_bytes(), file("<f16", &columns));
    let mut written = Vec::new();
    let write = raw::WriteOptions::new().byte_order(ByteOrder::Big);
    write
        .write(&mut written, &turned.to_order(Order::C).unwrap())
        .unwrap();
    assert_eq!(written, file(">f16", &items));
}

/// Casts between the sizes of long doubles lose nothing, and padding becomes zero.
#[test]
fn long_doubles_of_another_size() {
    let third = x87(0x3ffd, 0xaaaa_aaaa_aaaa_aaab, 0xffff_ffff);
    for dtype in ["<f16", ">f16"] {
        let items = array(dtype, &[third; 2]);
        for between in ["<f12", ">f12"] {
            let short = items
                .astype(between.parse().unwrap(), Casting::Unsafe)
                .unwrap();
            let back = short
                .astype(items.dtype().clone(), Casting::Unsafe)
                .unwrap();
            assert_eq!(
                back.as_bytes(),
                file(dtype, &[x87(0x3ffd, 0xaaaa_aaaa_aaaa_aaab, 0); 2])
            );
        }
    }
}

proptest! {
    /// Any bytes are numbers or an error, the same for every way to interpret them; as quads they are always
    /// numbers.
    #[test]
    fn any_bytes(items in prop::collection::vec(any::<u128>(), 1..4), zeros in 0..17u32, big: bool) {
        let dtype = if big { ">f16" } else { "<f16" };
        let items: Vec<u128> = items.iter().map(|item| item.checked_shl(8 * zeros).unwrap_or(0)).collect();
        let _ = problem(&array(dtype, &items));
        let layout = Layout::new(dtype.parse().unwrap(), [items.len()], Order::C).unwrap();
        let read = Conversion::new().longdouble(LongDouble::Quad);
        let numbers = read.stream(&file(dtype, &items)[..], &layout).read().unwrap();
        prop_assert_eq!(problem(&numbers), None);
    }
}
