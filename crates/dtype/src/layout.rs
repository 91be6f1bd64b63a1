//! The meaning of the bytes of an array: [`Layout`].

use crate::dtype::DType;
use crate::error::{Error, ErrorKind};
use crate::limits::MAX_DIMS;
use crate::number::ByteOrder;
use crate::shape::{ShapeTuple, checked_product, shape_tuple};
use std::fmt;

/// Which index varies fastest from one item in memory to the next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Order {
    /// The last index: rows are contiguous.
    #[default]
    C,
    /// The first index: columns are contiguous.
    Fortran,
}

/// The dtype, shape and memory order of a contiguous array.
///
/// ```
/// use dtype::{DType, Layout, Order};
/// let layout = Layout::new(DType::F64, [3, 4], Order::C)?;
/// assert_eq!((layout.count(), layout.nbytes()), (12, 96));
/// assert_eq!(layout.strides(), [32, 8]);
/// assert_eq!(layout.offset(&[1, 2]), Some(48));
/// # Ok::<(), dtype::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Layout {
    dtype: DType,
    shape: Vec<usize>,
    order: Order,
    nbytes: usize,
}

impl Layout {
    /// The layout of an array of `shape` items; `[]` is 0-d, one item.
    ///
    /// A subarray dtype adds its axes to the shape, as in NumPy.
    ///
    /// # Errors
    /// More than 64 axes; more bytes than `isize::MAX` (but an axis of length 0 makes it 0 bytes, whatever the
    /// others are); subarrays in Fortran order, whose items are not contiguous.
    pub fn new(dtype: DType, shape: impl Into<Vec<usize>>, order: Order) -> Result<Layout, Error> {
        let mut shape = shape.into();
        let mut dtype = dtype;
        while let DType::Subarray(sub) = &dtype {
            if order == Order::Fortran {
                return Err(ErrorKind::SubarrayOrder.into());
            }
            shape.extend_from_slice(sub.shape());
            dtype = sub.base().clone();
        }
        if shape.len() > MAX_DIMS {
            return Err(ErrorKind::TooManyAxes.into());
        }
        let nbytes = checked_product(&shape)
            .and_then(|count| count.checked_mul(dtype.itemsize()))
            .filter(|bytes| isize::try_from(*bytes).is_ok())
            .ok_or(ErrorKind::ArrayTooLarge)?;
        Ok(Layout {
            dtype,
            shape,
            order,
            nbytes,
        })
    }

    /// The type of one item.
    pub fn dtype(&self) -> &DType {
        &self.dtype
    }

    /// The length along each axis.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The shape as Python prints it: `()`, `(2,)`, `(2, 3)`.
    pub fn shape_tuple(&self) -> impl fmt::Display + '_ {
        shape_tuple(&self.shape)
    }

    /// The memory order, as declared; see [`is_c_contiguous`](Layout::is_c_contiguous).
    pub fn order(&self) -> Order {
        self.order
    }

    /// The number of axes.
    pub fn ndim(&self) -> usize {
        self.shape.len()
    }

    /// The number of items.
    pub fn count(&self) -> usize {
        checked_product(&self.shape).unwrap_or(0)
    }

    /// The total size of all items in bytes.
    pub fn nbytes(&self) -> usize {
        self.nbytes
    }

    /// Whether the items are in C order: always for order C; in Fortran order if at most one axis is longer than 1,
    /// or if there are no bytes. NumPy writes `fortran_order: False` for these.
    pub fn is_c_contiguous(&self) -> bool {
        self.order == Order::C
            || self.nbytes == 0
            || self.shape.iter().filter(|n| **n > 1).count() <= 1
    }

    /// Bytes from one item to the next along each axis. For an empty array they are 0.
    pub fn strides(&self) -> Vec<isize> {
        let mut strides = vec![0; self.ndim()];
        if self.shape.contains(&0) {
            return strides;
        }
        let mut step = self.dtype.itemsize();
        let mut axis = |(stride, length): (&mut isize, &usize)| {
            // Both fit: `new` has checked the product.
            *stride = step as isize;
            step *= length;
        };
        let pairs = strides.iter_mut().zip(&self.shape);
        match self.order {
            Order::C => pairs.rev().for_each(&mut axis),
            Order::Fortran => pairs.for_each(&mut axis),
        }
        strides
    }

    /// The offset of the item at this index, in bytes from the first item; `None` if it is out of bounds.
    pub fn offset(&self, index: &[usize]) -> Option<usize> {
        if index.len() != self.ndim() || index.iter().zip(&self.shape).any(|(i, n)| i >= n) {
            return None;
        }
        let strides = self.strides();
        Some(index.iter().zip(strides).map(|(i, s)| i * s as usize).sum())
    }

    /// The same shape and order with items of another type.
    ///
    /// # Errors
    /// As [`Layout::new`].
    pub fn with_dtype(&self, dtype: DType) -> Result<Layout, Error> {
        Layout::new(dtype, self.shape.clone(), self.order)
    }

    /// The same layout in this byte order: that of every part that has one.
    #[must_use]
    pub fn with_byte_order(&self, order: ByteOrder) -> Layout {
        Layout {
            dtype: self.dtype.with_byte_order(order),
            ..self.clone()
        }
    }
}

/// `(3, 4) <f8`, followed by `F` for Fortran order.
impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", ShapeTuple(&self.shape), self.dtype)?;
        match self.order {
            Order::C => Ok(()),
            Order::Fortran => f.write_str(" F"),
        }
    }
}
