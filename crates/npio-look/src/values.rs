//! The numbers of an open array: [`Values`].

use crate::error::Error;
use npio::dtype::python::excerpt;
use npio::dtype::{Number, NumberClass, TimeStep};
use npio::flatfile::{AxisSlice, Conversion, Index, Slice, Strided};
use npio::{ByteOrder, Casting, DType, OpenArray, Order};
use std::fmt;
use std::ops::Range;
use std::slice;

/// The number of values that are read at a time: 4 MiB of them.
const BLOCK: usize = 1 << 19;

/// What is drawn of a complex number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ComplexPart {
    /// The absolute value.
    #[default]
    Abs,
    /// The angle, from -π to π.
    Phase,
    /// The real part.
    Real,
    /// The imaginary part.
    Imaginary,
}

impl ComplexPart {
    fn name(self) -> &'static str {
        match self {
            ComplexPart::Abs => "absolute value",
            ComplexPart::Phase => "phase",
            ComplexPart::Real => "real part",
            ComplexPart::Imaginary => "imaginary part",
        }
    }

    fn of(self, real: f64, imaginary: f64) -> f64 {
        match self {
            ComplexPart::Abs => real.hypot(imaginary),
            ComplexPart::Phase => imaginary.atan2(real),
            ComplexPart::Real => real,
            ComplexPart::Imaginary => imaginary,
        }
    }
}

/// What the numbers mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// Truth values: 0 or 1.
    Bool,
    /// Integers, one byte each and not negative.
    Byte,
    /// Other integers.
    Integer,
    /// Floats, and what is drawn of complex numbers.
    Float,
    /// Points in time, in steps since 1970.
    Datetime(TimeStep),
    /// Spans of time, in steps.
    Timedelta(TimeStep),
}

/// The part of an open array that is looked at, as `f64`: a slice of it, of one field of its records. Nothing is read
/// before it is asked for.
///
/// ```
/// use npio_look::Values;
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("x.npy");
/// npio::save(&path, &npio::Array::from_slice(&[1i16, 2, 3, 4, 5, 6], [3, 2])?)?;
/// let npio::Opened::Array(array) = npio::open(&path)? else { panic!("an archive") };
/// let values = Values::new(&array, &":, 1".parse()?)?;
/// assert_eq!(values.shape(), [3]);
/// assert_eq!(values.read_steps(&[(1, 2, 1)])?, [4.0, 6.0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Values<'r, 's> {
    array: &'r OpenArray<'s>,
    /// The selection along each axis of the array, whose indices those of `shape` count.
    axes: Vec<AxisSlice>,
    /// Of the selection.
    shape: Vec<usize>,
    part: ComplexPart,
    meaning: Meaning,
    on_read: Option<&'r dyn Fn(u64)>,
}

impl fmt::Debug for Values<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Values");
        shown
            .field("dtype", self.dtype())
            .field("shape", &self.shape)
            .finish_non_exhaustive()
    }
}

/// Some values of two axes, in C order, with those of any further axes after each.
#[derive(Clone, Debug)]
pub struct Block<'b> {
    /// The indices along the first axis; 0 if there is just one axis.
    pub rows: Range<usize>,
    /// The indices along the second axis, or the only one.
    pub columns: Range<usize>,
    /// The values.
    pub values: &'b [f64],
}

impl<'r, 's> Values<'r, 's> {
    /// The numbers in a slice of an array.
    ///
    /// # Errors
    /// Items that are not numbers, truth values or times; an invalid slice.
    pub fn new(array: &'r OpenArray<'s>, slice: &Slice) -> Result<Values<'r, 's>, Error> {
        let axes = slice.axes(array.layout().shape())?;
        let shape = axes.iter().filter_map(|axis| axis.count).collect();
        let meaning = meaning(array.layout().dtype())?;
        Ok(Values {
            array,
            axes,
            shape,
            part: ComplexPart::default(),
            meaning,
            on_read: None,
        })
    }

    /// The same with this part of complex numbers.
    #[must_use]
    pub fn part(mut self, part: ComplexPart) -> Values<'r, 's> {
        self.part = part;
        self
    }

    /// The same, which calls `on_read` with the number of bytes that were read.
    #[must_use]
    pub fn on_read(mut self, on_read: &'r dyn Fn(u64)) -> Values<'r, 's> {
        self.on_read = Some(on_read);
        self
    }

    /// The dtype of the items.
    pub fn dtype(&self) -> &DType {
        self.array.layout().dtype()
    }

    /// The shape of what is looked at.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The number of values.
    pub fn count(&self) -> usize {
        product(&self.shape)
    }

    /// The size of all of them, as they are stored.
    pub fn nbytes(&self) -> u64 {
        self.count() as u64 * self.array.layout().dtype().itemsize() as u64
    }

    /// What the numbers mean.
    pub fn meaning(&self) -> Meaning {
        self.meaning
    }

    /// Whether any part can be read without what is before it.
    pub fn has_random_access(&self) -> bool {
        self.array.has_random_access()
    }

    /// The index in the array of an index along an axis of what is looked at; times are counted from there, too.
    pub fn index(&self, axis: usize, index: usize) -> usize {
        let kept = self
            .axes
            .iter()
            .filter(|axis| axis.count.is_some())
            .nth(axis);
        kept.map_or(index, |axis| {
            axis.first
                .wrapping_add_signed(axis.step.wrapping_mul(index as isize))
        })
    }

    /// The number of axes of the whole array.
    pub fn axis_count(&self) -> usize {
        self.axes.len()
    }

    /// The unit of spans of time, and the part of complex numbers; nothing for others.
    pub fn unit(&self) -> String {
        match (self.dtype(), self.meaning) {
            (DType::Number(number, _), _) if number.info().class == NumberClass::Complex => {
                self.part.name().to_owned()
            }
            (_, Meaning::Timedelta(step)) => step.to_string(),
            _ => String::new(),
        }
    }

    /// The number in the array of an axis of what is looked at.
    pub fn axis_number(&self, axis: usize) -> usize {
        let kept = self
            .axes
            .iter()
            .enumerate()
            .filter(|(_, axis)| axis.count.is_some());
        kept.map(|(number, _)| number).nth(axis).unwrap_or(axis)
    }

    /// The same at one index of the first axis that is part of the slice; `None` if there is no such axis or index.
    pub fn plane(&self, index: usize) -> Option<Values<'r, 's>> {
        let kept = self.axes.iter().position(|axis| axis.count.is_some())?;
        let mut plane = self.clone();
        let axis = plane.axes.get_mut(kept)?;
        if index >= axis.count? {
            return None;
        }
        axis.first = axis
            .first
            .wrapping_add_signed(axis.step.wrapping_mul(index as isize));
        axis.count = None;
        plane.shape.remove(0);
        Some(plane)
    }

    /// The same without axes of length 1, as long as more than two axes are left.
    #[must_use]
    pub fn squeezed(&self) -> Values<'r, 's> {
        let mut squeezed = self.clone();
        for axis in &mut squeezed.axes {
            if axis.count == Some(1) && squeezed.shape.len() > 2 {
                axis.count = None;
                if let Some(place) = squeezed.shape.iter().position(|length| *length == 1) {
                    squeezed.shape.remove(place);
                }
            }
        }
        squeezed
    }

    /// The values in these ranges of the first axes and everything of the others, in C order.
    ///
    /// # Errors
    /// What the array's own reader says.
    pub fn read(&self, ranges: &[Range<usize>]) -> Result<Vec<f64>, Error> {
        let steps: Vec<_> = ranges
            .iter()
            .map(|range| (range.start, range.len(), 1))
            .collect();
        self.read_steps(&steps)
    }

    /// The same with a first index, a count and a step along each axis.
    ///
    /// # Errors
    /// What the array's own reader says.
    pub fn read_steps(&self, steps: &[(usize, usize, usize)]) -> Result<Vec<f64>, Error> {
        self.numbers(&self.array.slice(&self.slice(steps))?.strided())
    }

    /// The slice of the array that these are; everything along axes that are not among them.
    fn slice(&self, steps: &[(usize, usize, usize)]) -> Slice {
        let mut asked = steps.iter();
        let indices = self.axes.iter().map(|axis| {
            let Some(count) = axis.count else {
                return Index::At(axis.first as isize);
            };
            let &(first, count, step) = asked.next().unwrap_or(&(0, count, 1));
            let start = axis
                .first
                .wrapping_add_signed(axis.step.wrapping_mul(first as isize));
            index(start, count, axis.step.wrapping_mul(step as isize))
        });
        Slice::new(indices.collect::<Vec<_>>())
    }

    /// Everything in blocks of some MiB, wherever the values are.
    ///
    /// # Errors
    /// What the array's own reader says.
    pub fn for_each_part(
        &self,
        mut work: impl FnMut(&[f64]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let reader = self.array.clone().sliced(&self.slice(&[]))?;
        let bytes = BLOCK.saturating_mul(self.dtype().itemsize());
        for block in reader.item_blocks(bytes)? {
            work(&self.numbers(&block?.strided())?)?;
        }
        Ok(())
    }

    /// Everything with its place, in blocks of some MiB: more only if there are more values for one index of the first two
    /// axes. What can only be read from its beginning is read once, and as a whole if it
    /// is in Fortran order or sliced.
    ///
    /// # Errors
    /// What the array's own reader says.
    pub fn for_each_block(
        &self,
        mut work: impl FnMut(&Block<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        if self.count() == 0 {
            return Ok(());
        }
        let (rows, columns) = self.rows_and_columns();
        if self.has_random_access() {
            return self.for_each_slice(work);
        }
        let layout = self.array.layout();
        let is_whole = layout.shape() == self.shape && layout.ndim() > 0;
        if !is_whole || !layout.is_c_contiguous() {
            let values = self.read_steps(&[])?;
            let (rows, columns) = (0..rows, 0..columns);
            return work(&Block {
                rows,
                columns,
                values: &values,
            });
        }
        let mut start = 0;
        for block in self.array.clone().row_blocks(1)?.max_bytes(8 * BLOCK) {
            let values = self.numbers(&block?.strided())?;
            let read = values.len() / self.depth().max(1);
            let block = if self.shape.len() < 2 {
                let range = start..start + read;
                start = range.end;
                Block {
                    rows: 0..1,
                    columns: range,
                    values: &values,
                }
            } else {
                let range = start..start + read / columns.max(1);
                start = range.end;
                Block {
                    rows: range,
                    columns: 0..columns,
                    values: &values,
                }
            };
            work(&block)?;
        }
        Ok(())
    }

    /// In the order in which they are stored.
    fn for_each_slice(
        &self,
        mut work: impl FnMut(&Block<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let (rows, columns) = self.rows_and_columns();
        let depth = self.depth().max(1);
        let is_flat = self.shape.len() < 2;
        let by_columns = !is_flat && self.array.layout().order() == Order::Fortran;
        let most = (BLOCK / depth).max(1);
        let (outer, inner) = if by_columns {
            (columns, rows)
        } else {
            (rows, columns)
        };
        let inner_step = inner.clamp(1, most);
        let outer_step = (most / inner_step).clamp(1, outer.max(1));
        for outer_range in pieces(outer, outer_step) {
            for inner_range in pieces(inner, inner_step) {
                let (rows, columns) = if by_columns {
                    (inner_range, outer_range.clone())
                } else {
                    (outer_range.clone(), inner_range)
                };
                let values = match self.shape.len() {
                    0 => self.read(&[])?,
                    1 => self.read(slice::from_ref(&columns))?,
                    _ => self.read(&[rows.clone(), columns.clone()])?,
                };
                work(&Block {
                    rows,
                    columns,
                    values: &values,
                })?;
            }
        }
        Ok(())
    }

    /// The lengths of the first two axes; a single axis is one row.
    pub fn rows_and_columns(&self) -> (usize, usize) {
        match self.shape[..] {
            [] => (1, 1),
            [length] => (1, length),
            [rows, columns, ..] => (rows, columns),
        }
    }

    /// The number of values for each of their indices.
    pub fn depth(&self) -> usize {
        product(self.shape.get(2..).unwrap_or_default())
    }

    /// These items as `f64`.
    fn numbers(&self, items: &Strided<'_>) -> Result<Vec<f64>, Error> {
        if let Some(on_read) = self.on_read {
            on_read(items.count() as u64 * self.array.layout().dtype().itemsize() as u64);
        }
        let convert = |dtype: DType| {
            let conversion = Conversion::new()
                .astype(dtype, Casting::Unsafe)
                .order(Order::C);
            conversion.byte_order(ByteOrder::NATIVE).apply(items)
        };
        Ok(match items.dtype() {
            DType::Datetime(..) | DType::Timedelta(..) => {
                let counts = convert(DType::I64)?.into_vec::<i64>()?;
                let number = |count: i64| {
                    if count == i64::MIN {
                        f64::NAN
                    } else {
                        count as f64
                    }
                };
                counts.into_iter().map(number).collect()
            }
            DType::Number(number, _) if number.info().class == NumberClass::Complex => {
                let numbers = convert(DType::C128)?;
                let (floats, _) = numbers.as_bytes().as_chunks::<8>();
                let (pairs, _) = floats.as_chunks::<2>();
                let pairs = pairs.iter().map(|pair| pair.map(f64::from_ne_bytes));
                pairs
                    .map(|[real, imaginary]| self.part.of(real, imaginary))
                    .collect()
            }
            _ => convert(DType::F64)?.into_vec::<f64>()?,
        })
    }
}

/// The product of lengths. Beside a length of 0, the others may be so large that theirs does not fit.
pub(crate) fn product(lengths: &[usize]) -> usize {
    let lengths = lengths.iter().copied();
    lengths.fold(1, usize::saturating_mul)
}

/// Parts of this length of a range, the last one shorter.
fn pieces(length: usize, step: usize) -> impl Iterator<Item = Range<usize>> {
    (0..length)
        .step_by(step)
        .map(move |start| start..start.saturating_add(step).min(length))
}

/// `count` indices from `first` on.
fn index(first: usize, count: usize, step: isize) -> Index {
    let start = first as isize;
    // One index after the last; before the first index of the axis there is none.
    let last = start.wrapping_add(step.wrapping_mul(count.saturating_sub(1) as isize));
    let stop = if count == 0 {
        Some(start)
    } else {
        last.checked_add(step.signum()).filter(|stop| *stop >= 0)
    };
    Index::Range {
        start: Some(start),
        stop,
        step,
    }
}

/// What the numbers of this dtype mean.
fn meaning(dtype: &DType) -> Result<Meaning, Error> {
    let why = match dtype {
        DType::Bool => return Ok(Meaning::Bool),
        DType::Number(Number::U8, _) => return Ok(Meaning::Byte),
        DType::Number(number, _) => {
            return Ok(match number.info().class {
                NumberClass::Signed | NumberClass::Unsigned => Meaning::Integer,
                _ => Meaning::Float,
            });
        }
        DType::Datetime(step, _) => return Ok(Meaning::Datetime(*step)),
        DType::Timedelta(step, _) => return Ok(Meaning::Timedelta(*step)),
        DType::Record(record) => {
            let names = record.fields().iter().map(|field| field.name.as_str());
            let names = names.collect::<Vec<_>>().join(", ");
            format!(
                "records are drawn one field at a time: state --field with one of {}",
                excerpt(&names)
            )
        }
        DType::Object => {
            "Python objects have no picture; --allow-pickle reads those that are numbers".to_owned()
        }
        other => format!("items of dtype {other} are not numbers, and have no picture"),
    };
    Err(Error::Unsuitable(why))
}
