//! References to chunks, followed by hand, give the arrays that they are about.

use conformance::references::{References, indices};
use conformance::{cases, sha256};
use npio::flatfile::npy;
use npio::refs::{ErrorKind, Part, Refs, Unsupported, ZarrFormat};
use npio::{DType, Layout, Order};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestRunner};
use std::collections::HashMap;

/// What is to be referred to.
#[derive(Clone, Debug)]
struct Case {
    dtype: &'static str,
    /// The lengths of the parts along the first axis, and those of the other axes. Without parts it is 0-d.
    parts: Vec<usize>,
    row: Vec<usize>,
    order: Order,
    chunk_size: u64,
    format: ZarrFormat,
}

fn arrays() -> impl Strategy<Value = Case> {
    let dtypes = prop::sample::select(vec![
        "<f8",
        ">f4",
        "|b1",
        "<f2",
        ">c16",
        "<U2",
        "|S3",
        "<M8[ns]",
        "|V5",
        "[('a', '<i4'), ('b', 'u1')]",
    ]);
    let orders = prop::sample::select(vec![Order::C, Order::Fortran]);
    let formats = prop::sample::select(vec![ZarrFormat::V2, ZarrFormat::V3]);
    let parts = prop_oneof![
        1 => Just(Vec::new()),
        4 => prop::collection::vec(0usize..13, 1..4),
        4 => (1usize..13, 1usize..4).prop_map(|(length, count)| vec![length; count]),
    ];
    let row = prop::collection::vec(0usize..7, 0..4);
    (dtypes, parts, row, orders, 1u64..600, formats).prop_map(
        |(dtype, parts, row, order, chunk_size, format)| Case {
            dtype,
            row: if parts.is_empty() { Vec::new() } else { row },
            parts,
            order,
            chunk_size,
            format,
        },
    )
}

/// Writes references to files with the items of a case, and follows them.
fn check(case: &Case) {
    let dtype: DType = case.dtype.parse().unwrap();
    let shapes: Vec<Vec<usize>> = if case.parts.is_empty() {
        vec![Vec::new()]
    } else {
        let shape = |rows: &usize| [&[*rows], case.row.as_slice()].concat();
        case.parts.iter().map(shape).collect()
    };
    let (mut files, mut parts, mut seed) = (HashMap::new(), Vec::new(), 1u32);
    for (number, shape) in shapes.iter().enumerate() {
        let layout = Layout::new(dtype.clone(), shape.clone(), case.order).unwrap();
        let offset = number * 7 + 3;
        let file: Vec<u8> = (0..offset + layout.nbytes())
            .map(|_| {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (seed >> 24) as u8
            })
            .collect();
        let url = format!("s3://bucket/\"{number}\" é.npy");
        files.insert(url.clone(), file);
        parts.push(Part {
            url,
            offset: offset as u64,
            layout,
        });
    }
    let mut refs = Refs::new(case.format);
    refs.array("group/\"x\"", parts.clone(), case.chunk_size)
        .unwrap();
    let mut json = Vec::new();
    refs.write(&mut json).unwrap();
    let found = References::parse(&json).array("group/\"x\"", &dtype, |url, offset, length| {
        files[url][offset as usize..(offset + length) as usize].to_vec()
    });
    let mut expected = Vec::new();
    for part in &parts {
        let items = &files[&part.url][part.offset as usize..];
        for index in indices(part.layout.shape()) {
            let begin = part.layout.offset(&index).unwrap();
            expected.extend_from_slice(&items[begin..begin + dtype.itemsize()]);
        }
    }
    let mut shape = shapes[0].clone();
    if let Some(length) = shape.first_mut() {
        *length = case.parts.iter().sum();
    }
    assert_eq!((found.shape, found.bytes), (shape, expected));
    let array = &refs.arrays()[0];
    assert_eq!(array.chunk_shape(), found.chunk_shape);
    let chunks: Vec<_> = array.chunks().collect();
    assert_eq!(chunks.len() as u64, array.chunk_count());
    for pair in chunks.windows(2).filter(|pair| pair[0].url == pair[1].url) {
        assert_eq!(
            pair[0].bytes.end, pair[1].bytes.start,
            "in the order of the bytes"
        );
    }
}

#[test]
fn references_give_back_the_bytes() {
    let config = Config {
        cases: 2000,
        rng_seed: RngSeed::Fixed(20),
        failure_persistence: None,
        ..Config::default()
    };
    let result = TestRunner::new(config).run(&arrays(), |case| {
        check(&case);
        Ok(())
    });
    result.unwrap();
}

fn layout(dtype: &str, shape: &[usize], order: Order) -> Layout {
    Layout::new(dtype.parse::<DType>().unwrap(), shape, order).unwrap()
}

fn parts(layouts: &[Layout]) -> Vec<Part> {
    let part = |layout: &Layout| Part {
        url: "file:///x.npy".into(),
        offset: 128,
        layout: layout.clone(),
    };
    layouts.iter().map(part).collect()
}

fn refused(layouts: &[Layout]) -> ErrorKind {
    let mut refs = Refs::new(ZarrFormat::V2);
    let kind = match refs.array("x", parts(layouts), 8 << 20) {
        Ok(_) => panic!("references to {layouts:?}"),
        Err(error) => error.kind().clone(),
    };
    // What is refused leaves nothing.
    let mut json = Vec::new();
    refs.write(&mut json).unwrap();
    assert_eq!(References::parse(&json).keys(), [".zgroup"]);
    kind
}

#[test]
fn parts_have_to_fit() {
    let c = |dtype, shape: &[usize]| layout(dtype, shape, Order::C);
    let f = |shape: &[usize]| layout("<f8", shape, Order::Fortran);
    assert_eq!(refused(&[]), ErrorKind::NoParts);
    assert_eq!(refused(&[c("<f8", &[]), c("<f8", &[])]), ErrorKind::NoAxis);
    for other in [
        c(">f8", &[4, 2]),
        c("<f4", &[4, 2]),
        c("<f8", &[4, 3]),
        c("<f8", &[4]),
        c("<f8", &[]),
    ] {
        let found = refused(&[c("<f8", &[4, 2]), other]);
        assert!(matches!(found, ErrorKind::Mismatch { .. }), "{found}");
    }
    assert_eq!(refused(&[c("<f8", &[4, 2]), f(&[4, 2])]), ErrorKind::Orders);
    // One row is in both orders.
    let mut refs = Refs::new(ZarrFormat::V2);
    let mixed = [c("<f8", &[1, 2]), f(&[4, 2]), f(&[1, 2])];
    refs.array("x", parts(&mixed), 8 << 20).unwrap();
    assert_eq!(refs.arrays()[0].layout().order(), Order::Fortran);
    assert_eq!(refs.arrays()[0].chunk_shape(), [1, 1]);
    let large = c("|u1", &[isize::MAX as usize]);
    assert_eq!(
        refused(&[large.clone(), large.clone()]),
        ErrorKind::TooLarge
    );
    let at_the_end = Part {
        offset: u64::MAX - 1,
        ..parts(&[c("<f8", &[4])]).remove(0)
    };
    let error = Refs::new(ZarrFormat::V2)
        .array("x", [at_the_end], 8)
        .unwrap_err()
        .kind()
        .clone();
    assert_eq!(error, ErrorKind::TooLarge);
    let objects = refused(&[c("O", &[4])]);
    assert_eq!(objects, ErrorKind::Unsupported(Unsupported::Objects));
}

#[test]
fn lengths_without_common_divisors() {
    let rows = |count| layout("<f8", &[count], Order::C);
    let found = refused(&[rows(1_000_003), rows(999_983)]);
    let (count, nbytes) = (1_999_986, 8);
    assert_eq!(
        found,
        ErrorKind::Lengths {
            common: 1,
            count,
            nbytes
        }
    );
    let mut refs = Refs::new(ZarrFormat::V2);
    refs.array("x", parts(&[rows(1_000_000), rows(1_500_000)]), 8 << 20)
        .unwrap();
    assert_eq!(refs.arrays()[0].chunk_shape(), [500_000]);
    // Empty parts do not count, and one that is prime is as it is.
    refs.array("y", parts(&[rows(0), rows(1_000_003), rows(0)]), 8 << 20)
        .unwrap();
    assert_eq!(refs.arrays()[1].chunk_shape(), [1_000_003]);
}

#[test]
fn axes_have_one_length_in_a_group() {
    let mut refs = Refs::new(ZarrFormat::V2);
    for (name, shape) in [
        ("a", &[4, 2][..]),
        ("b", &[4, 3]),
        ("dim_0", &[4]),
        ("g/c", &[5, 2]),
        ("g/d", &[]),
    ] {
        refs.array(name, parts(&[layout("<f8", shape, Order::C)]), 64)
            .unwrap();
    }
    let mut json = Vec::new();
    refs.write(&mut json).unwrap();
    let references = References::parse(&json);
    let names = |array: &str| {
        references.document(&format!("{array}/.zattrs"))["_ARRAY_DIMENSIONS"].to_string()
    };
    assert_eq!(names("a"), r#"["dim_0_","dim_1_2"]"#);
    assert_eq!(names("b"), r#"["dim_0_","dim_1_3"]"#);
    assert_eq!(names("dim_0"), r#"["dim_0_"]"#);
    assert_eq!(names("g/c"), r#"["dim_0","dim_1"]"#);
    assert_eq!(names("g/d"), "[]");
}

#[test]
fn documents_of_both_versions() {
    let both = |format| {
        let mut refs = Refs::new(format);
        let layout = layout(">f4", &[6, 4], Order::Fortran);
        refs.array("g/x", parts(&[layout]), 48).unwrap();
        let mut json = Vec::new();
        refs.write(&mut json).unwrap();
        String::from_utf8(json).unwrap()
    };
    let expected = r#"{"version":1,"refs":{
".zgroup":"{\"zarr_format\":2}",
"g/.zgroup":"{\"zarr_format\":2}",
"g/x/.zarray":"{\"chunks\":[6,2],\"compressor\":null,\"dimension_separator\":\".\",\"dtype\":\">f4\",\"fill_value\":null,\"filters\":null,\"order\":\"F\",\"shape\":[6,4],\"zarr_format\":2}",
"g/x/.zattrs":"{\"_ARRAY_DIMENSIONS\":[\"dim_0\",\"dim_1\"]}",
"g/x/0.0":["file:///x.npy",128,48],
"g/x/0.1":["file:///x.npy",176,48]
}}
"#;
    assert_eq!(both(ZarrFormat::V2), expected);
    let json = both(ZarrFormat::V3);
    let references = References::parse(json.as_bytes());
    let document = references.document("g/x/zarr.json");
    let codecs = serde_json::json!([
        {"name": "transpose", "configuration": {"order": [1, 0]}},
        {"name": "bytes", "configuration": {"endian": "big"}},
    ]);
    assert_eq!(document["codecs"], codecs);
    assert_eq!(document["data_type"], "float32");
    assert_eq!(
        document["dimension_names"],
        serde_json::json!(["dim_0", "dim_1"])
    );
    assert_eq!(references.document("g/zarr.json")["node_type"], "group");
    assert_eq!(
        references.reference("g/x/c/0/1"),
        Some(("file:///x.npy", 176, 48))
    );
}

#[test]
fn every_file_of_numpy() {
    let (mut count, mut refused) = (0, 0);
    let cases = cases("generated").into_iter().chain(cases("foreign"));
    for case in cases.filter(|case| case.is_alike_here()) {
        let bytes = case.bytes();
        let Some(expected) = &case.numpy().sha256_c else {
            continue;
        };
        let Ok(reader) = npy::open(&bytes) else {
            continue;
        };
        // JSON this deep is not read here.
        let depth = reader.layout().dtype().to_string().matches("[(").count();
        if depth > 20 {
            continue;
        }
        for format in [ZarrFormat::V2, ZarrFormat::V3] {
            let part = Part {
                url: "memory://x.npy".into(),
                offset: reader.data_offset().unwrap(),
                layout: reader.layout().clone(),
            };
            let mut refs = Refs::new(format);
            if let Err(error) = refs.array("x", [part], 100) {
                let kind = error.kind();
                assert!(
                    matches!(kind, ErrorKind::Unsupported(_)),
                    "{}: {kind}",
                    case.name
                );
                refused += 1;
                continue;
            }
            let mut json = Vec::new();
            refs.write(&mut json).unwrap();
            let read = |_: &str, offset, length| {
                bytes[offset as usize..(offset + length) as usize].to_vec()
            };
            let found = References::parse(&json).array("x", reader.layout().dtype(), read);
            assert_eq!(found.shape, reader.layout().shape(), "{}", case.name);
            assert_eq!(&sha256(&found.bytes), expected, "{}", case.name);
            count += 1;
        }
    }
    println!("{count} references, {refused} refused");
    assert!(
        count > 300 && refused > 20,
        "{count} references, {refused} refused"
    );
}
