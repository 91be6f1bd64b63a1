//! As many values as a picture has.

use super::{count, in_each_file, open, raw};
use npio::{Array, DType};
use npio_look::{Bins, Grid, Limits, Line, Scale, Values, WHOLE};

fn all<'r, 's>(array: &'r npio::OpenArray<'s>) -> Values<'r, 's> {
    Values::new(array, &"...".parse().unwrap()).unwrap()
}

#[test]
fn a_cell_is_the_mean_of_its_values() {
    let array = count(DType::F64, &[4, 6]);
    in_each_file(&array, |open| {
        let grid = Grid::of(&all(open), 3, 2, WHOLE).unwrap();
        assert_eq!((grid.width, grid.height), (3, 2));
        assert_eq!(grid.values, [3.5, 5.5, 7.5, 15.5, 17.5, 19.5]);
        assert_eq!(
            (grid.tally.count, grid.tally.range),
            (24, Some((0.0, 23.0)))
        );
    });
    in_each_file(&array, |open| {
        let grid = Grid::of(&all(open), 100, 100, WHOLE).unwrap();
        assert_eq!((grid.width, grid.height), (6, 4));
        assert_eq!(grid.values[7], 7.0);
    });
}

#[test]
fn nan_is_a_cell_only_without_numbers() {
    let array = Array::from_slice(&[f64::NAN, 1.0, f64::NAN, f64::NAN], [1, 4]).unwrap();
    in_each_file(&array, |open| {
        let grid = Grid::of(&all(open), 2, 1, WHOLE).unwrap();
        assert!(grid.values[0] == 1.0 && grid.values[1].is_nan());
        assert_eq!((grid.tally.nan, grid.tally.count), (3, 4));
    });
}

#[test]
fn no_spike_is_lost() {
    let mut items = vec![1f32; 3_000_000];
    items[1_234_567] = 99.0;
    items[2_345_678] = -5.0;
    items[17] = f32::INFINITY;
    let array = Array::from_vec(items, [3_000_000]).unwrap();
    in_each_file(&array, |open| {
        let line = Line::of(&all(open), 300, WHOLE).unwrap();
        assert_eq!(line.lines[0].len(), 300);
        assert_eq!(line.lines[0][123].range, (1.0, 99.0));
        assert_eq!(line.lines[0][234].range, (-5.0, 1.0));
        assert_eq!(line.lines[0][234].ends, (1.0, 1.0));
        assert_eq!(
            (line.tally.infinite, line.tally.range),
            (1, Some((-5.0, 99.0)))
        );
        assert!(!line.tally.is_sampled);
    });
}

#[test]
fn each_column_of_a_table_is_a_line() {
    let array = count(DType::F32, &[6, 3]);
    in_each_file(&array, |open| {
        let line = Line::of(&all(open), 2, WHOLE).unwrap();
        let ranges: Vec<_> = line.lines.iter().map(|line| line[1].range).collect();
        assert_eq!(ranges, [(9.0, 15.0), (10.0, 16.0), (11.0, 17.0)]);
    });
}

#[test]
fn a_third_axis_stays_as_it_is() {
    let array = count(DType::U8, &[2, 4, 3]);
    in_each_file(&array, |open| {
        let grid = Grid::of(&all(open), 2, 1, WHOLE).unwrap();
        assert_eq!(grid.values, [7.5, 8.5, 9.5, 13.5, 14.5, 15.5]);
        assert_eq!((grid.width, grid.height, grid.depth), (2, 1, 3));
    });
}

#[test]
fn a_large_array_is_sampled() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npy");
    npio::save(&path, count(DType::U16, &[200, 300])).unwrap();
    let array = open(&path);
    let grid = Grid::of(&all(&array), 3, 2, 1000).unwrap();
    assert!(grid.tally.is_sampled);
    // The middles of cells of 100 × 100.
    assert_eq!(
        grid.values,
        [14749.0, 14849.0, 14949.0, 44749.0, 44849.0, 44949.0]
    );
    let values = Values::new(&array, &"7".parse().unwrap()).unwrap();
    let line = Line::of(&values, 2, 100).unwrap();
    assert_eq!(
        (line.lines[0][1].range, line.tally.count),
        ((2250.0, 2399.0), 300)
    );
    let bins = Bins::of(&all(&array), 4, (Limits::All, Scale::Linear), 1000).unwrap();
    assert!(bins.tally.is_sampled && bins.tally.count == 200 * 300);
}

#[test]
fn intervals_count_every_value() {
    let items: Vec<f64> = (0..1000).map(f64::from).chain([f64::NAN]).collect();
    in_each_file(&Array::from_vec(items, [1001]).unwrap(), |open| {
        let bins = Bins::of(&all(open), 4, (Limits::All, Scale::Linear), WHOLE).unwrap();
        assert_eq!(bins.counts, [250, 250, 250, 250]);
        assert_eq!((bins.tally.nan, bins.ramp.high()), (1, 999.0));
    });
    let array = raw("|u1", &[4], vec![0, 1, 10, 100]);
    let bins = Bins::of(&all(&array), 2, (Limits::All, Scale::Log), WHOLE).unwrap();
    assert_eq!((bins.counts, bins.ramp.low()), (vec![1, 2], 1.0));
    let bins = Bins::of(
        &all(&array),
        2,
        (Limits::Given(0.0, 10.0), Scale::Linear),
        WHOLE,
    )
    .unwrap();
    assert_eq!(bins.counts, [2, 1]);
}

#[test]
fn another_number_of_axes_is_an_error() {
    let array = raw("|u1", &[2, 2, 2, 1], vec![0; 8]);
    let error = Grid::of(&all(&array), 3, 2, WHOLE).unwrap_err().to_string();
    assert_eq!(
        error,
        "a heatmap has 2 axes, and the shape is (2, 2, 2, 1): select some of it with --slice"
    );
    assert!(Line::of(&all(&array), 3, WHOLE).is_err());
}
