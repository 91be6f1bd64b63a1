//! Converting items to another type: [`Cast`], which does what NumPy's `astype` does.

mod cast_error;
mod elementary;
mod loops;
mod numbers;
mod resolve;
mod stage;
mod target;
mod text;
mod time;

use crate::array::Array;
use crate::blocks::{BLOCK, in_blocks};
use crate::buffer::Buffer;
use crate::error::{Error, ErrorKind};
use crate::longdouble::{Evidence, LongDouble, LongDoubleCheck};
use crate::strided::Strided;
use dtype::{Casting, DType, Order, can_cast};

/// A cast from one type to another, resolved once and then applied to any number of items.
///
/// As NumPy, except for:
///
/// - **floats to integers**: out-of-range values become the nearest integer, NaN becomes 0 (NumPy leaves both to
///   the compiler and the processor); to a time, both become NaT;
/// - **records** are cast by the names of their fields, not by their order; a field that the new record lacks is
///   dropped only by `unsafe`, and a field that only the new record has is an error;
/// - **times** that do not fit into the new unit are an error, where NumPy wraps around;
/// - **`longdouble`** is exact to and from `f8`, its own text, and other long doubles; all other casts go through
///   `f8`. A value that is not an x87 number is an error: see [`LongDouble`].
///
/// `docs/compatibility.md` has the whole list.
///
/// ```
/// use flatfile::{Cast, dtype::{Casting, DType}};
/// let cast = Cast::new(&">i2".parse().unwrap(), &DType::F32, Casting::Safe)?;
/// let mut out = [0; 8];
/// cast.apply(&[0, 1, 255, 255], &mut out)?;
/// assert_eq!(out, flatfile::bytemuck::cast::<[f32; 2], [u8; 8]>([1.0, -1.0]));
/// # Ok::<(), flatfile::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Cast {
    from: DType,
    to: DType,
    stages: Vec<stage::Stage>,
    /// Set if items have long doubles that are not just copied.
    check: Option<LongDoubleCheck>,
}

impl Cast {
    /// The cast from items of `from` to items of `to`, if `casting` allows it.
    ///
    /// `S`, `U` and `V` without a length, and times without a unit, take the one that NumPy chooses;
    /// [`dtype`](Cast::dtype) returns it.
    ///
    /// # Errors
    /// `Cast`; `NoField`; `Object`.
    pub fn new(from: &DType, to: &DType, casting: Casting) -> Result<Cast, Error> {
        Cast::of_stated(from, to, casting, None)
    }

    /// The same, if the format of long doubles among the items may be stated.
    pub(crate) fn of_stated(
        from: &DType,
        to: &DType,
        casting: Casting,
        stated: Option<LongDouble>,
    ) -> Result<Cast, Error> {
        if from.has_object() || to.has_object() {
            return Err(ErrorKind::Object.into());
        }
        let target = target::resolve_target(from, to);
        if target != *to && !can_cast(from, to, casting) {
            return Err(resolve::cannot_cast(from, to, casting));
        }
        Ok(Cast {
            stages: resolve::resolve_stages(from, &target, (casting, stated))?,
            check: LongDoubleCheck::of_cast(from, &target, stated),
            from: from.clone(),
            to: target,
        })
    }

    /// The type of the items.
    pub fn from(&self) -> &DType {
        &self.from
    }

    /// The type that the items are cast to.
    pub fn dtype(&self) -> &DType {
        &self.to
    }

    /// Casts contiguous items, at any address, into `out`, which must have exactly the room for them.
    ///
    /// # Errors
    /// `Short` if the lengths do not agree; `InvalidItem` if a text is not a number, or a value has no counterpart;
    /// `LongDouble`; the contents of `out` are then unspecified.
    pub fn apply(&self, items: &[u8], out: &mut [u8]) -> Result<(), Error> {
        self.apply_part(items, out, &Evidence::in_sequence(None))
    }

    /// The same for items that are a part of those that the evidence is about.
    pub(crate) fn apply_part(
        &self,
        items: &[u8],
        out: &mut [u8],
        evidence: &Evidence,
    ) -> Result<(), Error> {
        let (size, out_size) = (self.from.itemsize(), self.to.itemsize());
        let count = match out_size {
            0 => items.len().checked_div(size).unwrap_or(0),
            size => out.len() / size,
        };
        for (size, found) in [(size, items.len()), (out_size, out.len())] {
            let expected = count.saturating_mul(size);
            if expected != found {
                return Err(Error::short(expected, found));
            }
        }
        if let Some(check) = &self.check {
            check.check_part(items, evidence)?;
        }
        let done = stage::run_stages(&self.stages, count, items, out);
        done.map_err(|error| error.into_error(&self.to))
    }

    /// Checks that the long doubles of a view can be cast, which depends on all of them together.
    pub(crate) fn check(&self, view: &Strided<'_>) -> Result<(), Error> {
        match &self.check {
            Some(check) => check.check_view(view, &Evidence::in_sequence(None)),
            None => Ok(()),
        }
    }

    /// A copy of `view` with its items cast, in its memory order.
    fn cast_view(&self, view: &Strided<'_>) -> Result<Array, Error> {
        let is_fortran = view.as_contiguous(Order::Fortran).is_some();
        // If items are subarrays, the array gets their axes, which is not possible in Fortran order.
        let order = match (view.as_contiguous(Order::C), &self.to) {
            (None, to) if is_fortran && !matches!(to, DType::Subarray(_)) => Order::Fortran,
            _ => Order::C,
        };
        let layout = view.layout(order)?.with_dtype(self.to.clone())?;
        let mut bytes = Buffer::zeroed(layout.nbytes(), layout.dtype().alignment())?;
        if let Some(items) = view.as_contiguous(order) {
            self.apply(items, bytes.as_mut())?;
            return Array::new(layout, bytes);
        }
        self.check(view)?;
        let evidence = Evidence::in_any_order(None);
        let (mut rest, mut done, mut block) = (bytes.as_mut(), 0, Vec::new());
        for part in in_blocks(view, BLOCK) {
            block.resize(part.layout(Order::C)?.nbytes(), 0);
            part.copy_to(Order::C, &mut block)?;
            let length = part.count() * self.to.itemsize();
            let (out, after) = std::mem::take(&mut rest)
                .split_at_mut_checked(length)
                .unwrap_or_default();
            self.apply_part(&block, out, &evidence)
                .map_err(|error| error.items_later(done))?;
            done += part.count();
            rest = after;
        }
        Array::new(layout, bytes)
    }
}

impl<B: AsRef<[u8]>> Array<B> {
    /// A copy with items of another type, in the same memory order: NumPy's `astype`.
    ///
    /// ```
    /// use flatfile::{Array, dtype::{Casting, DType}};
    ///
    /// let array = Array::from_slice(&[1.5f64, -2.5, 300.0], [3])?;
    /// let small = array.astype(DType::I8, Casting::Unsafe)?;
    /// assert_eq!(small.to_vec::<i8>()?, [1, -2, 127]);
    /// let text = array.astype("U".parse().unwrap(), Casting::Safe)?;
    /// assert_eq!(*text.dtype(), "U32".parse().unwrap());
    /// let error = array.astype(">f8".parse().unwrap(), Casting::Safe)?
    ///     .astype(DType::I8, Casting::SameKind)
    ///     .unwrap_err();
    /// assert_eq!(error.to_string(), "cannot cast '>f8' to '|i1' by the rule 'same_kind'");
    /// # Ok::<(), flatfile::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Cast::new`] and [`Cast::apply`]; `Memory`.
    pub fn astype(&self, dtype: DType, casting: Casting) -> Result<Array, Error> {
        self.strided().astype(dtype, casting)
    }
}

impl Strided<'_> {
    /// A copy with items of another type, in Fortran order if the items are stored that way, else in C order.
    ///
    /// # Errors
    /// As [`Cast::new`] and [`Cast::apply`]; `Memory`.
    pub fn astype(&self, dtype: DType, casting: Casting) -> Result<Array, Error> {
        Cast::new(self.dtype(), &dtype, casting)?.cast_view(self)
    }
}
