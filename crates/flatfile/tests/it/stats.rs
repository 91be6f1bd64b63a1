//! Statistics: exact, and the same for every order, number of blocks and threads.

use flatfile::dtype::{ByteOrder, Casting, DType, Element, Layout, Order, unravel_index};
use flatfile::stats::{Accumulator, AxisStats, Histogram, Quantiles, Stats};
use flatfile::{Array, ErrorKind, RandomAccessFile, bytemuck::NoUninit, npy};
use proptest::prelude::*;
use std::io::Write;

fn array<T: Element + NoUninit>(items: &[T]) -> Array {
    Array::from_slice(items, [items.len()]).unwrap()
}

fn stats_of(array: &Array) -> Stats {
    let mut stats = Stats::new(array.dtype()).unwrap();
    stats.add(&array.strided()).unwrap();
    stats
}

fn float(value: Option<Array>) -> f64 {
    value.unwrap().to_vec::<f64>().unwrap()[0]
}

fn text(value: Option<Array>) -> String {
    value.map_or("None".to_owned(), |value| value.to_string())
}

/// All that there is to know, with every bit.
fn facts(stats: &Stats) -> (Vec<u64>, Vec<Option<Vec<u8>>>) {
    let counts = vec![stats.count(), stats.nan(), stats.inf(), stats.zero()];
    let values = [
        stats.min(),
        stats.max(),
        stats.min_abs(),
        stats.max_abs(),
        stats.mean(),
        stats.std(),
    ];
    let bytes = values.map(|value| value.map(|value| value.as_bytes().to_vec()));
    (counts, bytes.to_vec())
}

/// Items, and the bits of their mean and their standard deviation, found with Python's `fractions`.
#[test]
fn as_fractions_have_it() {
    let noise = (0..10_000u32).map(|i| 1e9 + 1e-6 * f64::from(i * 7919 % 1000));
    let cancelling = (0..2000).flat_map(|i| {
        let large = 1e16 + f64::from(i);
        [large, 1.0 / f64::from(1 + i % 40), -large]
    });
    let signed = (0..100).map(|i| if i % 3 == 0 { -1.5e308 } else { 1.5e308 });
    let tiny = (0..1000u64).map(|i| f64::from_bits(i * i % 17));
    let mixed = (0..3000u64).map(|i| {
        let power = f64::from_bits((i * 37 % 2000 + 23) << 52);
        (1.0 + i as f64) * power
    });
    let cases: [(Vec<f64>, u64, u64); 6] = [
        (
            noise.collect(),
            0x41cd_cd65_0000_105e,
            0x3f32_eb2a_88c0_87c5,
        ),
        (
            cancelling.collect(),
            0x3fa2_414f_5872_2d43,
            0x433d_01fe_3eaa_4c7c,
        ),
        (
            signed.collect(),
            0x7fd1_16ac_579a_ac1f,
            0x7fe9_4c00_db88_7c46,
        ),
        (vec![1.5e308; 100], 1.5e308f64.to_bits(), 0),
        (tiny.collect(), 8, 6),
        (
            mixed.collect(),
            0x7e5e_230b_2673_a050,
            0x7eab_7859_22f1_4d5a,
        ),
    ];
    let check = |array: &Array, mean: u64, std: u64| {
        let stats = stats_of(array);
        let found = [stats.mean(), stats.std()].map(|value| float(value).to_bits());
        assert_eq!(found, [mean, std], "{}", array.dtype());
    };
    for (items, mean, std) in cases {
        let mut items = array(&items);
        check(&items, mean, std);
        items.set_byte_order(ByteOrder::Big);
        check(&items, mean, std);
        items.set_byte_order(ByteOrder::Little);
        check(&items, mean, std);
    }
    let singles: Vec<f32> = (0..5000u32)
        .map(|i| (f64::from(i * i % 9973) / 7.0) as f32)
        .collect();
    check(
        &array(&singles),
        0x4086_494b_03f6_3454,
        0x4079_d46e_cdf5_a449,
    );
    let integers: Vec<i64> = (0..3000).map(|i| (1 << 62) + i * i).collect();
    check(
        &array(&integers),
        0x43d0_0000_0000_0b70,
        0x4144_7725_6f5a_3e25,
    );
    let unsigned: Vec<u64> = (0..3000).map(|i| u64::MAX - i).collect();
    check(
        &array(&unsigned),
        0x43ef_ffff_ffff_ffff,
        0x408b_1033_edac_ad24,
    );
}

#[test]
fn counts_and_extremes() {
    let inf = f64::INFINITY;
    let stats = stats_of(&array(&[0.0, -0.0, f64::NAN, 2.0, -f64::NAN, -3.5]));
    assert_eq!(
        (stats.count(), stats.nan(), stats.inf(), stats.zero()),
        (4, 2, 0, 2)
    );
    assert_eq!(
        (text(stats.min()), text(stats.max())),
        ("-3.5".into(), "2.0".into())
    );
    let stats = stats_of(&array(&[0.0, -0.0]));
    assert_eq!(
        (text(stats.min()), text(stats.max())),
        ("-0.0".into(), "0.0".into())
    );
    let stats = stats_of(&array(&[1.0f32, f32::INFINITY, f32::NAN]));
    assert_eq!((stats.count(), stats.nan(), stats.inf()), (2, 1, 1));
    assert_eq!(
        (text(stats.min()), text(stats.max())),
        ("1.0".into(), "inf".into())
    );
    assert_eq!(
        (text(stats.mean()), text(stats.std())),
        ("inf".into(), "nan".into())
    );
    for (items, expected) in [
        (vec![inf], ["inf", "inf", "inf", "nan"]),
        (vec![-inf, f64::NAN], ["-inf", "-inf", "-inf", "nan"]),
        (vec![inf, -inf, 1.0], ["-inf", "inf", "nan", "nan"]),
        (vec![f64::NAN], ["None"; 4]),
        (vec![], ["None"; 4]),
    ] {
        let stats = stats_of(&array(&items));
        let found = [stats.min(), stats.max(), stats.mean(), stats.std()].map(text);
        assert_eq!(found, expected, "{items:?}");
    }
    let stats = stats_of(&array(&[true, false, true, true]));
    assert_eq!(
        (text(stats.min()), text(stats.max())),
        ("0".into(), "1".into())
    );
    assert_eq!((float(stats.mean()), stats.zero()), (0.75, 1));
    let stats = stats_of(&array(&[i64::MIN, i64::MAX]));
    assert_eq!(
        (float(stats.mean()), float(stats.std())),
        (-0.5, 9223372036854775807.5)
    );
    assert_eq!(text(stats.min()), i64::MIN.to_string());
}

#[test]
fn floats_of_other_formats() {
    let half: DType = ">f2".parse().unwrap();
    let items = array(&[1.5, -65504.0, f64::NAN, f64::INFINITY, 6e-8]);
    let items = items.astype(half, Casting::Unsafe).unwrap();
    let stats = stats_of(&items);
    assert_eq!(
        (text(stats.min()), text(stats.max())),
        ("-6.55e+04".into(), "inf".into())
    );
    assert_eq!((stats.nan(), stats.inf(), stats.zero()), (1, 1, 0));
    let items = array(&[1.0, 2.0]);
    let items = items.astype("bfloat16".parse().unwrap(), Casting::Unsafe);
    let stats = stats_of(&items.unwrap());
    assert_eq!((float(stats.mean()), float(stats.std())), (1.5, 0.5));
    assert_eq!(text(stats.max()), "2.0");

    // One more than float64 has digits for, and far more than it has numbers for.
    let parse = |text: &str| {
        let dtype: DType = "<f16".parse().unwrap();
        let bits: u128 = match text {
            "1" => 0x3fff << 64 | 1 << 63,
            "1+" => 0x3fff << 64 | 1 << 63 | 1,
            "1++" => 0x3fff << 64 | 1 << 63 | 2,
            "huge" => 0x7ffe << 64 | 1 << 63,
            "-huge" => 0xfffe << 64 | 1 << 63,
            _ => 0,
        };
        (dtype, bits.to_le_bytes())
    };
    let long = |texts: &[&str]| {
        let bytes: Vec<u8> = texts.iter().flat_map(|text| parse(text).1).collect();
        let layout = Layout::new(parse("").0, [texts.len()], Order::C).unwrap();
        Array::new(layout, bytes)
            .unwrap()
            .to_order(Order::C)
            .unwrap()
    };
    let stats = stats_of(&long(&["1", "1++"]));
    assert_eq!(text(stats.mean()), text(long(&["1+"]).reshape([]).ok()));
    let stats = stats_of(&long(&["huge", "-huge", "1", "0"]));
    assert_eq!(text(stats.mean()), "0.25");
    assert!(
        text(stats.std()).ends_with("e+4931"),
        "{}",
        text(stats.std())
    );
    assert_eq!(text(stats.max()), text(long(&["huge"]).reshape([]).ok()));
    assert_eq!(stats.zero(), 1);
}

#[test]
fn complex_numbers_and_times() {
    let layout = Layout::new(DType::C128, [4], Order::C).unwrap();
    let parts = [3.0, 4.0, 0.0, 0.0, f64::NAN, 1.0, -3.0, 0.0f64];
    let bytes: Vec<u8> = parts.iter().flat_map(|part| part.to_ne_bytes()).collect();
    let stats = stats_of(
        &Array::new(layout, bytes)
            .unwrap()
            .to_order(Order::C)
            .unwrap(),
    );
    assert_eq!((stats.count(), stats.nan(), stats.zero()), (3, 1, 1));
    assert_eq!(
        (stats.min().is_none(), text(stats.mean())),
        (true, "1.3333333333333333j".into())
    );
    assert_eq!((float(stats.min_abs()), float(stats.max_abs())), (0.0, 5.0));
    // The squares are 18/3 and 32/9.
    assert_eq!(float(stats.std()), (86.0f64 / 9.0).sqrt());

    let times = |dtype: &str, counts: &[i64]| {
        let layout = Layout::new(dtype.parse().unwrap(), [counts.len()], Order::C).unwrap();
        let bytes: Vec<u8> = counts
            .iter()
            .flat_map(|count| count.to_le_bytes())
            .collect();
        stats_of(
            &Array::new(layout, bytes)
                .unwrap()
                .to_order(Order::C)
                .unwrap(),
        )
    };
    let days = times("<M8[D]", &[-2, i64::MIN, 1, 3, -5]);
    assert_eq!((days.count(), days.nan()), (4, 1));
    let found = [days.min(), days.max(), days.mean(), days.std()].map(text);
    assert_eq!(found, ["1969-12-27", "1970-01-04", "1969-12-31", "3 days"]);
    let seconds = times("<m8[s]", &[-2, 1, 3, -5]);
    assert_eq!(
        [seconds.mean(), seconds.std()].map(text),
        ["0 seconds", "3 seconds"]
    );
}

#[test]
fn what_has_no_statistics() {
    for dtype in ["<U3", "|V4", "|O", "i4,f8"] {
        let error = Stats::new(&dtype.parse().unwrap()).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::NoStats(_)), "{error}");
    }
    let mut stats = Stats::new(&DType::F64).unwrap();
    let error = stats.add(&array(&[1u8]).strided()).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Mismatch { .. }));
    let layout = Layout::new(DType::F64, [2, 3], Order::C).unwrap();
    let error = AxisStats::new(&layout, 2).unwrap_err();
    assert_eq!(
        error.to_string(),
        "no axis 2: expected -2 to 1, the array has 2 axes"
    );
    assert!(AxisStats::new(&layout, -3).is_err());
}

#[test]
fn a_layout_that_promises_more() {
    let layout = Layout::new(DType::U8, [2, 1 << 29], Order::C).unwrap();
    let mut stats = AxisStats::new(&layout, 0).unwrap();
    stats.add_rows(&array(&[1u8, 2]).strided()).unwrap();
    stats.add_rows(&array(&[3u8]).strided()).unwrap();
    let counts: Vec<u64> = stats
        .into_stats()
        .take(4)
        .map(|stats| stats.count())
        .collect();
    assert_eq!(counts, [1, 1, 1, 0]);
}

/// Several times what a thread takes at once, and a rest.
#[test]
fn the_same_from_every_source() {
    let items: Vec<f64> = (0..300_007u64)
        .map(|i| match i * 2_654_435_761 % 1009 {
            0 => f64::NAN,
            1 => 0.0,
            n => f64::from_bits(n.wrapping_mul(0x9e37_79b9_7f4a_7c15) & !(1 << 62)),
        })
        .collect();
    let whole = array(&items);
    let expected = facts(&stats_of(&whole));
    assert_eq!(expected.0[0] + expected.0[1], 300_007);
    for dtype in [DType::F64, DType::F64.with_byte_order(ByteOrder::Big)] {
        let mut items = whole.view().to_order(Order::C).unwrap();
        items.set_byte_order(if dtype.is_native() {
            ByteOrder::NATIVE
        } else {
            ByteOrder::Big
        });
        let bytes = npy::to_bytes(&items).unwrap();
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&bytes).unwrap();
        let start = || Stats::new(items.dtype()).unwrap();
        let file = RandomAccessFile::from(file);
        let found = [
            npy::open(&file).unwrap().accumulate(start()).unwrap(),
            npy::open(&bytes).unwrap().accumulate(start()).unwrap(),
            npy::open_stream(&bytes[..])
                .unwrap()
                .accumulate(start())
                .unwrap(),
        ];
        for found in found {
            assert_eq!(facts(&found), expected, "{dtype}");
        }
        let short = &bytes[..bytes.len() - 1];
        assert!(npy::open(short).unwrap().accumulate(start()).is_err());
        assert!(
            npy::open_stream(short)
                .unwrap()
                .accumulate(start())
                .is_err()
        );
    }
}

#[test]
fn quantiles_are_counted_and_then_kept() {
    let items: Vec<u32> = (0..200_000u32)
        .map(|i| i.wrapping_mul(2_654_435_761))
        .collect();
    let bytes = npy::to_bytes(&array(&items)).unwrap();
    let reader = npy::open(&bytes).unwrap();
    let fractions = [0.0, 0.1, 0.5, 0.99, 1.0];
    let mut quantiles = Quantiles::new(&DType::U32, usize::MAX, &fractions).unwrap();
    let mut passes = 0;
    while !quantiles.is_done() {
        quantiles = reader.accumulate(quantiles).unwrap();
        quantiles.end_pass();
        passes += 1;
    }
    assert_eq!(passes, 2);
    let mut sorted = items;
    sorted.sort_unstable();
    let expected = fractions.map(|fraction| {
        let place = fraction * 199_999.0f64;
        let (index, weight) = (place.floor() as usize, place.fract());
        let (a, b) = (
            f64::from(sorted[index]),
            f64::from(sorted[(index + 1).min(199_999)]),
        );
        if weight >= 0.5 {
            b - (b - a) * (1.0 - weight)
        } else {
            a + (b - a) * weight
        }
    });
    assert_eq!(
        quantiles.values().unwrap().to_vec::<f64>().unwrap(),
        expected
    );
}

#[test]
fn histograms_at_the_edges_of_floats() {
    let count = |items: &[f64], bins| {
        let items = array(items);
        let mut histogram = Histogram::of(&stats_of(&items), bins).unwrap();
        histogram.add(&items.strided()).unwrap();
        (histogram.counts().to_vec(), histogram.edges().to_vec())
    };
    let (counts, edges) = count(&[f64::MIN, 0.0, f64::MAX, f64::NAN, f64::INFINITY], 2);
    assert_eq!((counts, edges), (vec![1, 2], vec![f64::MIN, 0.0, f64::MAX]));
    let (_, edges) = count(&[f64::MIN, f64::MAX], 10);
    assert!(
        edges.is_sorted() && edges.iter().all(|edge| edge.is_finite()),
        "{edges:?}"
    );
    assert_eq!(count(&[3.0; 5], 2), (vec![0, 5], vec![2.5, 3.0, 3.5]));
    assert_eq!(count(&[], 2), (vec![0, 0], vec![0.0, 0.5, 1.0]));
    assert_eq!(count(&[1e300; 2], 1).0, [2]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn order_and_blocks_do_not_matter(
        bits in prop::collection::vec(any::<u64>(), 1..200),
        repeat in prop::sample::select(vec![1usize, 40]),
        threads in 1..=8usize,
        step in 1..3000usize,
        seed: u64,
    ) {
        let mut items: Vec<f64> = bits.iter().map(|bits| f64::from_bits(*bits)).collect();
        items = items.repeat(repeat);
        let expected = facts(&stats_of(&array(&items)));
        let index = |i: usize| (i as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(seed);
        for i in (1..items.len()).rev() {
            items.swap(i, (index(i) % (i as u64 + 1)) as usize);
        }
        let mut parts = vec![Stats::new(&DType::F64).unwrap(); threads];
        for (i, block) in items.chunks(step).enumerate() {
            parts[(index(i) % threads as u64) as usize].add(&array(block).strided()).unwrap();
        }
        let mut all = Stats::new(&DType::F64).unwrap();
        parts.into_iter().for_each(|part| all.merge(part));
        prop_assert_eq!(facts(&all), expected);

        // The same numbers with fewer digits, which are added in another way.
        let singles: Vec<f32> = items.iter().map(|item| *item as f32).collect();
        let doubles: Vec<f64> = singles.iter().map(|item| f64::from(*item)).collect();
        let (singles, doubles) = (stats_of(&array(&singles)), stats_of(&array(&doubles)));
        prop_assert_eq!(facts(&singles).0, facts(&doubles).0);
        prop_assert_eq!(text(singles.mean()), text(doubles.mean()));
        prop_assert_eq!(text(singles.std()), text(doubles.std()));
    }

    #[test]
    fn along_every_axis(shape in prop::collection::vec(0..5usize, 1..4), rows in 1..4usize, big: bool) {
        let count = shape.iter().product::<usize>();
        let items: Vec<i32> = (0..count as i32).map(|i| i * i % 17).collect();
        let mut array = Array::from_vec(items, shape.clone()).unwrap();
        if big {
            array = array.to_order(Order::Fortran).unwrap();
            array.set_byte_order(ByteOrder::Big);
        }
        for axis in 0..shape.len() {
            let mut stats = AxisStats::new(array.layout(), axis as isize).unwrap();
            let mut first = 0;
            while first < shape[0] {
                let end = (first + rows).min(shape[0]);
                stats.add_rows(&array.strided().narrow(0, first..end).unwrap()).unwrap();
                first = end;
            }
            let others = stats.shape().to_vec();
            for (number, found) in stats.into_stats().enumerate() {
                let mut lane = array.strided();
                let index = unravel_index(number, &others);
                for (other, i) in index.iter().enumerate().rev() {
                    let other = if other >= axis { other + 1 } else { other };
                    lane = lane.index_axis(other, *i).unwrap();
                }
                let mut expected = Stats::new(&DType::I32).unwrap();
                expected.add(&lane).unwrap();
                prop_assert_eq!(facts(&found), facts(&expected));
            }
        }
    }
}
