//! Shapes: their text, and their number of items.

use std::fmt;

/// A shape as Python prints it: `()`, `(2,)`, `(2, 3)`.
pub fn shape_tuple(shape: &[usize]) -> impl fmt::Display + '_ {
    ShapeTuple(shape)
}

/// A shape as Python prints a tuple: `()`, `(2,)`, `(2, 3)`.
pub(crate) struct ShapeTuple<'a>(pub(crate) &'a [usize]);

impl fmt::Display for ShapeTuple<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            [one] => write!(f, "({one},)"),
            axes => {
                f.write_str("(")?;
                for (i, axis) in axes.iter().enumerate() {
                    let comma = if i == 0 { "" } else { ", " };
                    write!(f, "{comma}{axis}")?;
                }
                f.write_str(")")
            }
        }
    }
}

/// The indices of an item in an array of this shape from its number in C order: NumPy's `unravel_index`.
///
/// ```
/// assert_eq!(dtype::unravel_index(5, &[2, 3]), [1, 2]);
/// ```
pub fn unravel_index(item: usize, shape: &[usize]) -> Vec<usize> {
    let mut left = item;
    let mut index: Vec<usize> = shape
        .iter()
        .rev()
        .map(|length| {
            let along = left % length.max(&1);
            left /= length.max(&1);
            along
        })
        .collect();
    index.reverse();
    index
}

/// The product, or `None` if it overflows; 0 if any factor is.
pub(crate) fn checked_product(factors: &[usize]) -> Option<usize> {
    if factors.contains(&0) {
        return Some(0);
    }
    factors
        .iter()
        .try_fold(1usize, |product, n| product.checked_mul(*n))
}
