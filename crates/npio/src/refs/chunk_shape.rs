//! How an array is cut into chunks of one shape, each of which is one range of bytes: [`chunk_shape`].
//!
//! From the axis that varies slowest to the fastest, chunks have the length 1 along some axes, a divisor along the next, and
//! the whole length along the others: only then are their items next to each other.

use flatfile::dtype::{Layout, Order};

/// The largest divisor that is looked for one by one; with their counterparts, these are all divisors of lengths up to its
/// square.
const MAX_DIVISOR: usize = 1 << 24;

/// What chunks have to be like.
pub(super) struct ChunkLimits {
    /// What the length along the first axis has to divide: the greatest common divisor of those of all parts; 0 if there are
    /// none.
    pub(super) common: usize,
    /// Whether the parts have different lengths along it.
    pub(super) is_uneven: bool,
    /// The size in bytes that chunks should be near to.
    pub(super) size: u64,
}

/// The shape of all chunks of an array of this layout, whose parts are concatenated along the first axis.
pub(super) fn chunk_shape(layout: &Layout, limits: &ChunkLimits) -> Vec<usize> {
    let mut chunk: Vec<usize> = layout
        .shape()
        .iter()
        .map(|length| (*length).max(1))
        .collect();
    if let Some(first) = chunk.first_mut() {
        *first = limits.common.max(1);
    }
    if layout.count() == 0 {
        // There is nothing to cut.
        return chunk;
    }
    let sizes = chunk.iter().map(|length| *length as u64);
    let mut nbytes = sizes.fold(layout.dtype().itemsize() as u64, u64::saturating_mul);
    let ndim = chunk.len();
    for place in 0..ndim {
        let axis = match layout.order() {
            Order::C => place,
            Order::Fortran => ndim - 1 - place,
        };
        let Some(length) = chunk.get_mut(axis) else {
            break;
        };
        let rest = nbytes / *length as u64;
        // A part's first axis is the fastest one in Fortran order, and shorter pieces of it are next to each other only
        // within one column.
        let is_forced = limits.is_uneven && layout.order() == Order::Fortran && axis > 0;
        *length = if is_forced {
            1
        } else {
            nearest_divisor(*length, rest, limits.size)
        };
        nbytes = rest.saturating_mul(*length as u64);
        if !is_forced && (*length > 1 || nbytes <= limits.size) {
            break;
        }
    }
    chunk
}

/// The divisor of `length` that makes so many times `nbytes` nearest to `size`, as a ratio.
fn nearest_divisor(length: usize, nbytes: u64, size: u64) -> usize {
    let distance = |divisor: usize| {
        let ratio = divisor as f64 * nbytes as f64 / size as f64;
        ratio.max(ratio.recip())
    };
    let small = 1..=length.isqrt().min(MAX_DIVISOR);
    let small = small.filter(|divisor| length.is_multiple_of(*divisor));
    let divisors = small.flat_map(|divisor| [divisor, length / divisor]);
    divisors
        .min_by(|a, b| distance(*a).total_cmp(&distance(*b)).then(a.cmp(b)))
        .unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use flatfile::dtype::DType;

    fn cut(shape: &[usize], order: Order, common: usize, size: u64) -> Vec<usize> {
        let layout = Layout::new(DType::F64, shape, order).unwrap();
        let limits = ChunkLimits {
            common,
            is_uneven: shape.first() != Some(&common),
            size,
        };
        chunk_shape(&layout, &limits)
    }

    #[test]
    fn rows_are_cut_by_a_divisor() {
        assert_eq!(cut(&[1000, 4], Order::C, 1000, 8 << 20), [1000, 4]);
        assert_eq!(cut(&[1000, 4], Order::C, 1000, 320), [10, 4]);
        assert_eq!(cut(&[1000, 4], Order::C, 1000, 300), [10, 4]);
        assert_eq!(cut(&[4, 1000], Order::Fortran, 4, 320), [4, 10]);
        // Of a prime number it is one row, or all.
        assert_eq!(cut(&[101], Order::C, 101, 400), [101]);
        assert_eq!(cut(&[101], Order::C, 101, 16), [1]);
    }

    #[test]
    fn single_rows_are_cut_along_the_next_axis() {
        assert_eq!(cut(&[6, 100, 10], Order::C, 6, 800), [1, 10, 10]);
        assert_eq!(cut(&[6, 100, 10], Order::C, 6, 8), [1, 1, 1]);
        assert_eq!(cut(&[10, 100, 6], Order::Fortran, 10, 800), [10, 10, 1]);
        // Rows are near enough to the size, and are not cut although there is only one in a chunk.
        assert_eq!(cut(&[7, 100], Order::C, 7, 800), [1, 100]);
    }

    #[test]
    fn parts_of_different_lengths() {
        // Of 4 and 6 rows.
        assert_eq!(cut(&[10, 3], Order::C, 2, 8 << 20), [2, 3]);
        assert_eq!(cut(&[10, 3], Order::Fortran, 2, 8 << 20), [2, 1]);
    }

    #[test]
    fn arrays_without_items_or_axes() {
        assert_eq!(cut(&[], Order::C, 0, 8), Vec::<usize>::new());
        assert_eq!(cut(&[0, 3], Order::C, 0, 8), [1, 3]);
        assert_eq!(cut(&[3, 0], Order::C, 3, 8), [3, 1]);
    }

    #[test]
    fn divisors_of_long_axes_are_found_soon() {
        // With 64 bits, a prime number.
        let length = usize::MAX >> 3;
        assert!(length.is_multiple_of(nearest_divisor(length, 8, 8 << 20)));
        assert_eq!(nearest_divisor(1 << 28, 8, 8 << 20), 1 << 20);
        assert_eq!(nearest_divisor(3 * 1009, 8, 8 << 10), 1009);
    }
}
