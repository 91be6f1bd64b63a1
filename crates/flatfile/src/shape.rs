//! Shapes in which one length may be -1.

use crate::error::{Error, ErrorKind};

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
