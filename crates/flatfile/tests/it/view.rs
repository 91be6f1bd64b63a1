//! Parts of open arrays: fields, transposed axes and slices, from every source, beside the same parts of an array in
//! memory.

use dtype::{DType, Layout, Order};
use flatfile::stats::Stats;
use flatfile::{
    AnySource, Array, Conversion, ErrorKind, FieldIndex, Forward, Index, Reader, Slice,
};
use proptest::prelude::*;

const RECORD: &str = "[('a', '<i2'), ('m', '>u4', (2, 3)), ('p', [('x', '<f8'), ('y', '|S3')], (2,)), ('p.q', '|u1'), ('z', '<i8')]";

/// Records of arbitrary bytes in an array of this shape.
fn records(shape: &[usize], order: Order) -> (Layout, Vec<u8>) {
    let layout = Layout::new(RECORD.parse().unwrap(), shape, order).unwrap();
    let bytes = (0..layout.nbytes()).map(|i| (i * 7 % 251) as u8).collect();
    (layout, bytes)
}

/// The bytes of one field in C order, each item cut out by hand.
fn cut_out(layout: &Layout, bytes: &[u8], offset: usize, size: usize) -> Vec<u8> {
    let array = Array::new(layout.clone(), bytes).unwrap();
    let view = array.strided();
    view.items()
        .flat_map(|item| item[offset..offset + size].to_vec())
        .collect()
}

/// What every way to read gives, in C order.
fn all_ways(open: impl Fn() -> Reader<AnySource<'static>>) -> Vec<u8> {
    let c = || open().conversion(Conversion::new().order(Order::C));
    let whole = c().read().unwrap().as_bytes().to_vec();
    let layout = c().converted_layout().unwrap();
    assert_eq!(layout.nbytes(), whole.len());
    let mut into = vec![0; whole.len()];
    c().read_into_bytes(&layout, &mut into).unwrap();
    assert_eq!(into, whole);
    for size in [1, 40, 1 << 20] {
        if let Ok(blocks) = c().item_blocks(size) {
            let blocks: Vec<u8> = blocks
                .flat_map(|block| block.unwrap().as_bytes().to_vec())
                .collect();
            assert_eq!(blocks, whole);
        }
        if let Ok(blocks) = c().row_blocks(1 + size % 7) {
            let blocks: Vec<u8> = blocks
                .flat_map(|block| block.unwrap().as_bytes().to_vec())
                .collect();
            assert_eq!(blocks, whole);
        }
    }
    let own = open().read().unwrap();
    assert_eq!(own.to_order(Order::C).unwrap().as_bytes(), whole);
    whole
}

fn plain(layout: &Layout, bytes: &[u8]) -> Reader<Vec<u8>> {
    Reader::raw(bytes.to_vec(), layout.clone(), 0)
}

fn in_memory(layout: &Layout, bytes: &[u8]) -> Reader<AnySource<'static>> {
    plain(layout, bytes).in_file("x")
}

fn stream(layout: &Layout, bytes: &[u8]) -> Reader<AnySource<'static>> {
    let source = Forward::new(std::io::Cursor::new(bytes.to_vec()));
    Reader::raw(source, layout.clone(), 0).in_file("x")
}

proptest! {
    #[test]
    fn fields_of_every_source(
        shape in prop::collection::vec(0..6usize, 0..4),
        is_fortran: bool,
    ) {
        let order = if is_fortran { Order::Fortran } else { Order::C };
        let (layout, bytes) = records(&shape, order);
        for (name, offset, size, axes) in [
            ("a", 0, 2, &[][..]),
            ("m", 2, 24, &[2, 3]),
            ("p", 26, 22, &[2]),
            ("p.q", 48, 1, &[]),
            ("z", 49, 8, &[]),
        ] {
            let expected = cut_out(&layout, &bytes, offset, size);
            for open in [in_memory, stream] {
                let field = || open(&layout, &bytes).fields(&FieldIndex::one(name)).unwrap();
                let shape = [&shape[..], axes].concat();
                let reader = field();
                prop_assert_eq!(reader.layout().shape(), shape);
                prop_assert_eq!(&all_ways(field), &expected, "{}", name);
            }
        }
        let xs = cut_out(&layout, &bytes, 26, 22);
        let xs: Vec<u8> = xs.chunks(11).flat_map(|p| p[..8].to_vec()).collect();
        let x = || in_memory(&layout, &bytes).fields(&FieldIndex::one("p.x")).unwrap();
        prop_assert_eq!(all_ways(x), xs);
        // In the order that was asked for, without what is between them.
        let index: FieldIndex = "z,a".parse().unwrap();
        let (a, z) = (cut_out(&layout, &bytes, 0, 2), cut_out(&layout, &bytes, 49, 8));
        let both: Vec<u8> =
            z.chunks(8).zip(a.chunks(2)).flat_map(|(z, a)| [z, a].concat()).collect();
        for open in [in_memory, stream] {
            prop_assert_eq!(&all_ways(|| open(&layout, &bytes).fields(&index).unwrap()), &both);
        }
    }

    #[test]
    fn transposed_axes_and_slices(
        shape in prop::collection::vec(1..7usize, 1..5),
        seed in prop::collection::vec(0..24usize, 5),
        is_fortran: bool,
        (start, step) in (-8isize..8, prop_oneof![-3isize..0, 1isize..4]),
    ) {
        let order = if is_fortran { Order::Fortran } else { Order::C };
        let items: Vec<i32> = (0..shape.iter().product::<usize>() as i32).collect();
        let array = Array::from_slice(&items, shape.clone()).unwrap().to_order(order).unwrap();
        let mut axes: Vec<usize> = (0..shape.len()).collect();
        axes.sort_by_key(|axis| seed[*axis]);
        let signed: Vec<isize> = axes.iter().map(|axis| *axis as isize - shape.len() as isize).collect();
        let slice = Slice::new([Index::Range { start: Some(start), stop: None, step }]);
        let mut expected = Vec::new();
        let turned: Vec<usize> = axes.iter().map(|axis| shape[*axis]).collect();
        let view = array.strided();
        for number in 0..items.len() {
            let index = dtype::unravel_index(number, &turned);
            let mut original = vec![0; index.len()];
            for (i, axis) in axes.iter().enumerate() {
                original[*axis] = index[i];
            }
            expected.extend_from_slice(view.item(&original).unwrap());
        }
        let whole = Array::new(Layout::new(DType::I32, turned, Order::C).unwrap(), expected.clone()).unwrap();
        let part = whole.strided().slice(&slice).unwrap();
        let mut sliced = vec![0; part.count() * 4];
        part.copy_to(Order::C, &mut sliced).unwrap();
        for open in [in_memory, stream] {
            let turned = || open(array.layout(), array.as_bytes()).transposed_axes(&signed).unwrap();
            prop_assert_eq!(&all_ways(turned), &expected);
            let sliced_reader = || turned().sliced(&slice).unwrap();
            prop_assert_eq!(&all_ways(sliced_reader), &sliced);
        }
        let sum = in_memory(array.layout(), array.as_bytes()).transposed_axes(&signed).unwrap();
        let sum = sum.accumulate(Stats::new(&DType::I32).unwrap()).unwrap();
        prop_assert_eq!(sum.count(), items.len() as u64);
    }
}

#[test]
fn statistics_of_a_field() {
    let (layout, bytes) = records(&[40, 50], Order::Fortran);
    for open in [in_memory, stream] {
        let field = open(&layout, &bytes).fields(&FieldIndex::one("m")).unwrap();
        let stats = field.accumulate(Stats::new(&DType::U32).unwrap()).unwrap();
        let items = in_memory(&layout, &bytes)
            .fields(&FieldIndex::one("m"))
            .unwrap();
        let items = items.read_vec::<u32>().unwrap();
        assert_eq!(stats.count(), 40 * 50 * 6);
        let mean = items.iter().map(|item| f64::from(*item)).sum::<f64>() / items.len() as f64;
        let found = stats.mean().unwrap().as_slice::<f64>().unwrap()[0];
        assert!((found / mean - 1.0).abs() < 1e-12);
    }
}

#[test]
fn what_cannot_be_selected() {
    let (layout, bytes) = records(&[2], Order::C);
    let fails = |text: &str| {
        let index = text.parse().unwrap();
        plain(&layout, &bytes)
            .fields(&index)
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        fails("zz"),
        "field 'zz': no such field among ['a', 'm', 'p', 'p.q', 'z']"
    );
    assert_eq!(
        fails("p.w"),
        "field 'p.w': no such field among ['p.x', 'p.y']: did you mean 'p.x'?"
    );
    assert_eq!(fails("a,a"), "fields 'a' and 'a' overlap: name each once");
    assert_eq!(
        fails("a,p.x"),
        "field 'p.x': a field of an array of records cannot be one of several: name it alone"
    );
    assert_eq!(
        fails(","),
        "field '': no such field among ['a', 'm', 'p', 'p.q', 'z']"
    );
    assert_eq!(
        fails("a.b"),
        "field 'a.b': no such field among ['a', 'm', 'p', 'p.q', 'z']"
    );
    let numbers = Layout::new(DType::F64, [1], Order::C).unwrap();
    let error = plain(&numbers, &[0; 8])
        .fields(&FieldIndex::one("a"))
        .unwrap_err();
    assert_eq!(error.to_string(), "field 'a': the items are not records");
    let objects = Layout::new("[('a', 'O'), ('b', 'i4')]".parse().unwrap(), [1], Order::C).unwrap();
    let error = plain(&objects, &[0; 12])
        .fields(&FieldIndex::one("b"))
        .unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Object), "{error}");
    for axes in [&[0, 0][..], &[0], &[0, 2], &[-3, 0], &[0, 1, 2]] {
        let reader = plain(&Layout::new(DType::U8, [2, 2], Order::C).unwrap(), &[0; 4]);
        let error = reader.transposed_axes(axes).unwrap_err();
        assert!(
            error
                .to_string()
                .ends_with("expected each of the 2 axes once"),
            "{error}"
        );
    }
}

/// A title is a second name, and a name with a comma is a name first.
#[test]
fn titles_and_odd_names() {
    let dtype: DType = "[(('the x', 'x'), 'u1'), ('a,b', 'u1'), ('b', 'u1')]"
        .parse()
        .unwrap();
    let layout = Layout::new(dtype, [2], Order::C).unwrap();
    let read = |text: &str| {
        let reader = in_memory(&layout, &[1, 2, 3, 4, 5, 6]);
        reader
            .fields(&text.parse().unwrap())
            .unwrap()
            .read()
            .unwrap()
            .as_bytes()
            .to_vec()
    };
    assert_eq!(read("the x"), [1, 4]);
    assert_eq!(read("x"), [1, 4]);
    assert_eq!(read("a,b"), [2, 5]);
    assert_eq!(read("b,x"), [3, 1, 6, 4]);
    let several = FieldIndex::several(["b", "the x"]);
    let error = in_memory(&layout, &[0; 6]).fields(&several).unwrap_err();
    assert!(error.to_string().ends_with("use its name, 'x'"), "{error}");
}

/// Gaps of more than a disk block are not read.
#[test]
fn only_the_field_is_read() {
    use flatfile::ReadAt;
    use std::sync::atomic::{AtomicU64, Ordering};
    struct Counting(u64, AtomicU64);
    impl ReadAt for Counting {
        fn len(&self) -> std::io::Result<u64> {
            Ok(self.0)
        }
        fn read_at(&self, out: &mut [u8], offset: u64) -> std::io::Result<usize> {
            let left = self.0.saturating_sub(offset).min(out.len() as u64) as usize;
            self.1.fetch_add(left as u64, Ordering::Relaxed);
            Ok(left)
        }
    }
    let dtype: DType = "[('big', 'u1', (100000,)), ('x', '<f8')]".parse().unwrap();
    let layout = Layout::new(dtype, [100], Order::C).unwrap();
    let source = Counting(layout.nbytes() as u64, AtomicU64::new(0));
    let reader = Reader::raw(&source, layout, 0)
        .fields(&FieldIndex::one("x"))
        .unwrap();
    assert_eq!(reader.read_vec::<f64>().unwrap(), [0.0; 100]);
    assert_eq!(source.1.into_inner(), 800);
}
