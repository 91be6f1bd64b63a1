//! Shapes in which one length may be -1.

use crate::error::{Error, ErrorKind};
use dtype::{Layout, Order};

/// The layout of the same items, taken in C order, as an array of another shape, in which one length may be -1: NumPy's
/// `reshape`.
///
/// ```
/// use flatfile::{dtype::{DType, Layout, Order}, reshaped};
/// let layout = Layout::new(DType::U8, [4, 3], Order::C)?;
/// assert_eq!(reshaped(&layout, &[2, -1])?.shape(), [2, 6]);
/// assert_eq!(reshaped(&layout, &[5, -1]).unwrap_err().to_string(), "invalid shape: 12 items do not fill [5, -1]");
/// # Ok::<(), flatfile::Error>(())
/// ```
///
/// # Errors
/// `Shape` if the numbers of items differ.
pub fn reshaped(layout: &Layout, shape: &[isize]) -> Result<Layout, Error> {
    let shape = resolved(shape.to_vec(), layout.count())?;
    Ok(Layout::new(layout.dtype().clone(), shape, Order::C)?)
}

/// The shape of `count` items, in which one length may be -1.
pub(crate) fn resolved(shape: Vec<isize>, count: usize) -> Result<Vec<usize>, Error> {
    let other = || ErrorKind::Shape(format!("{count} items do not fill {shape:?}")).into();
    let product = |shape: &[usize]| {
        let mut lengths = shape.iter();
        lengths.try_fold(1usize, |n, length| n.checked_mul(*length))
    };
    let (axis, mut resolved) = with_one(&shape)?;
    let part = product(&resolved).ok_or_else(other)?;
    if let Some(length) = axis.and_then(|axis| resolved.get_mut(axis)) {
        *length = count.checked_div(part).ok_or_else(other)?;
    }
    if product(&resolved) == Some(count) {
        Ok(resolved)
    } else {
        Err(other())
    }
}

/// The axis whose length is -1, and the shape with 1 in its place.
pub(crate) fn with_one(shape: &[isize]) -> Result<(Option<usize>, Vec<usize>), Error> {
    let axis = shape.iter().position(|length| *length == -1);
    let mut one = shape.to_vec();
    if let Some(length) = axis.and_then(|axis| one.get_mut(axis)) {
        *length = 1;
    }
    Ok((axis, lengths(&one)?))
}

fn lengths(shape: &[isize]) -> Result<Vec<usize>, Error> {
    let length = |length: &isize| {
        usize::try_from(*length).map_err(|_| {
            let why = match length {
                -1 => "more than one length of -1".to_owned(),
                length => format!("a length of {length}"),
            };
            ErrorKind::Shape(why).into()
        })
    };
    shape.iter().map(length).collect()
}
