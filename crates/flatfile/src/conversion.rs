//! The conversion of items between where they are stored and where they are used: [`Conversion`].

use crate::array::Array;
use crate::blocks::BLOCK;
use crate::buffer::Buffer;
use crate::cast::Cast;
use crate::element::{Compatibility, check_element, compatibility, item_dtype, to_native};
use crate::error::{Error, ErrorKind, refuse_objects};
use crate::longdouble::{Evidence, LongDouble, Proof, has_long_double};
use crate::strided::Strided;
use dtype::{ByteOrder, Casting, DType, Element, Layout, Order, set_byte_order};

/// The conversion of items while they are read or written: by default, none.
///
/// ```
/// use flatfile::{Array, Conversion, npy, dtype::{ByteOrder, Order}};
/// let file = npy::to_bytes(&Array::from_slice(&[1u16, 2, 3, 4], [2, 2])?)?;
/// let conversion = Conversion::new().byte_order(ByteOrder::Big).order(Order::Fortran);
/// let array = npy::ReadOptions::new().conversion(conversion).open(&file)?.read()?;
/// assert_eq!(array.as_bytes(), [0, 1, 0, 3, 0, 2, 0, 4]);
/// # Ok::<(), flatfile::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Conversion {
    byte_order: Option<ByteOrder>,
    order: Option<Order>,
    astype: Option<(DType, Casting)>,
    longdouble: Option<LongDouble>,
}

impl Conversion {
    /// Items stay as they are.
    pub fn new() -> Conversion {
        Conversion::default()
    }

    /// Converts the items to this byte order.
    #[must_use]
    pub fn byte_order(mut self, order: ByteOrder) -> Conversion {
        self.byte_order = Some(order);
        self
    }

    /// The same, with this memory order if none is asked for.
    pub(crate) fn order_or(self, order: Order) -> Conversion {
        Conversion {
            order: self.order.or(Some(order)),
            ..self
        }
    }

    /// Converts the items to this memory order. Read at positions, that takes 8 MiB in addition to the array; from
    /// a stream of unknown length, the memory of both orders.
    #[must_use]
    pub fn order(mut self, order: Order) -> Conversion {
        self.order = Some(order);
        self
    }

    /// Converts the items to this dtype, as [`Array::astype`] does, without a second array. (From a stream of
    /// unknown length it takes the memory of both.)
    #[must_use]
    pub fn astype(mut self, dtype: DType, casting: Casting) -> Conversion {
        self.astype = Some((dtype, casting));
        self
    }

    /// States the format of the long doubles; they become x87 numbers without padding. Items of other types stay as
    /// they are.
    #[must_use]
    pub fn longdouble(mut self, longdouble: LongDouble) -> Conversion {
        self.longdouble = Some(longdouble);
        self
    }

    /// The same for items whose values matter: if nothing is stated of their long doubles, these are checked.
    pub(crate) fn checked(mut self, dtype: &DType) -> Conversion {
        if has_long_double(dtype) {
            self.longdouble.get_or_insert(LongDouble::Checked);
        }
        self
    }

    /// Whether items of this dtype have long doubles, and what they are is found out from them.
    pub(crate) fn checks_long_doubles(&self, dtype: &DType) -> bool {
        self.longdouble == Some(LongDouble::Checked) && has_long_double(dtype)
    }

    /// The dtype that is asked for, if any.
    pub fn requested_dtype(&self) -> Option<&DType> {
        self.astype.as_ref().map(|(dtype, _)| dtype)
    }

    /// The memory order that is asked for, if any.
    pub fn requested_order(&self) -> Option<Order> {
        self.order
    }

    /// The byte order that is asked for, if any.
    pub fn requested_byte_order(&self) -> Option<ByteOrder> {
        self.byte_order
    }

    /// Whether items stay as they are.
    pub fn is_none(&self) -> bool {
        self.byte_order.is_none()
            && self.order.is_none()
            && self.astype.is_none()
            && self.longdouble.is_none()
    }

    /// A converted copy of these items, in C order if no other is asked for.
    ///
    /// ```
    /// use flatfile::{Array, Conversion, dtype::{ByteOrder, Casting, DType}};
    /// let conversion = Conversion::new().astype(DType::I16, Casting::SameKind).byte_order(ByteOrder::Big);
    /// let array = conversion.apply(&Array::from_slice(&[1, 258], [2])?.strided())?;
    /// assert_eq!(array.as_bytes(), [0, 1, 1, 2]);
    /// # Ok::<(), flatfile::Error>(())
    /// ```
    ///
    /// # Errors
    /// `Cast`, `Object`, `Memory`; `Layout` of arrays that cannot be in the order asked for.
    pub fn apply(&self, items: &Strided<'_>) -> Result<Array, Error> {
        Plan::new(&items.layout(Order::C)?, self, None)?.copy(items)
    }

    /// The same of a whole array, in its own memory where the items keep their size and order.
    ///
    /// # Errors
    /// As [`apply`](Conversion::apply).
    pub fn convert(&self, array: Array) -> Result<Array, Error> {
        Plan::new(&array.layout().clone(), self, None)?.convert(array)
    }

    /// The same, but to exactly this dtype: by the cast that is asked for, else by one that changes no value.
    pub(crate) fn exactly(&self, dtype: &DType) -> Conversion {
        Conversion {
            byte_order: None,
            astype: Some((dtype.clone(), self.casting())),
            ..self.clone()
        }
    }

    /// The error if the requested cast is not possible.
    pub(crate) fn cannot_cast(&self, from: &DType, to: &DType) -> Error {
        let (from, to, casting) = (from.clone(), to.clone(), self.casting());
        ErrorKind::Cast { from, to, casting }.into()
    }

    /// The level of the requested cast; if none is requested, no value may change.
    fn casting(&self) -> Casting {
        let requested = self.astype.as_ref();
        requested.map_or(Casting::Equiv, |(_, casting)| *casting)
    }

    /// The requested dtype, in the requested byte order.
    fn target(&self, byte_order: Option<ByteOrder>) -> Option<(DType, Casting)> {
        let (to, casting) = self.astype.as_ref()?;
        let to = match byte_order {
            Some(order) => to.with_byte_order(order),
            None => to.clone(),
        };
        Some((to, *casting))
    }

    /// The cast of items of this dtype to the requested ones, if changing the byte order is not enough.
    fn cast(
        &self,
        from: &DType,
        byte_order: Option<ByteOrder>,
        wanted: Option<&DType>,
    ) -> Result<Option<Cast>, Error> {
        let stated = self.longdouble;
        match (self.target(byte_order), wanted) {
            (None, Some(wanted)) => element_cast(from, wanted, stated),
            (None, None) if stated.is_some() && has_long_double(from) => {
                let to = match byte_order {
                    Some(order) => from.with_byte_order(order),
                    None => from.clone(),
                };
                Cast::of_stated(from, &to, Casting::Unsafe, stated).map(Some)
            }
            (None, None) => Ok(None),
            (Some((to, casting)), wanted) => {
                // The Rust type may have its own byte order.
                let to = wanted
                    .filter(|wanted| to_native(wanted) == to_native(&to))
                    .unwrap_or(&to);
                Cast::of_stated(from, to, casting, stated).map(Some)
            }
        }
    }
}

/// The cast from the items found to the wanted ones, if changing the byte order is not enough.
fn element_cast(
    found: &DType,
    wanted: &DType,
    stated: Option<LongDouble>,
) -> Result<Option<Cast>, Error> {
    let is_stated = stated.is_some() && has_long_double(found);
    match compatibility(found, wanted) {
        // Fields that the struct does not have are left out, which no other level allows.
        Ok(Some(compatibility)) if compatibility == Compatibility::Cast || is_stated => {
            Cast::of_stated(found, wanted, Casting::Unsafe, stated).map(Some)
        }
        _ => Ok(None),
    }
}

/// The requirements of a Rust type on an array.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ElementRequirements {
    alignment: usize,
    item: fn() -> DType,
    check: fn(&Layout) -> Result<Compatibility, Error>,
}

impl ElementRequirements {
    /// Items that a vector of `T` can take over.
    pub(crate) fn of<T: Element>() -> ElementRequirements {
        ElementRequirements {
            alignment: align_of::<T>(),
            item: item_dtype::<T>,
            check: check_element::<T>,
        }
    }
}

/// A conversion resolved for one stored array: once, however many parts of it are read.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    from: DType,
    dtype: DType,
    order: Order,
    alignment: usize,
    operation: Operation,
    /// Evidence about the long doubles that one part provides holds for the others.
    proof: Proof,
}

/// The operation on each item.
#[derive(Clone, Debug)]
enum Operation {
    Keep,
    Swap(ByteOrder),
    Cast(Cast),
}

impl Plan {
    /// Resolves the conversion for items of this layout: as requested, and for a Rust type if there is one, which
    /// then determines the byte order of the items.
    ///
    /// # Errors
    /// `Object`, `Cast`, `Mismatch`, and the other errors for a type that does not fit.
    pub(crate) fn new(
        stored: &Layout,
        conversion: &Conversion,
        wanted: Option<ElementRequirements>,
    ) -> Result<Plan, Error> {
        let from = stored.dtype();
        refuse_objects(from)?;
        let item = wanted.map(|wanted| (wanted.item)());
        let byte_order = match &item {
            Some(item) => item.is_native().then_some(ByteOrder::NATIVE),
            None => conversion.byte_order,
        };
        let cast = conversion.cast(from, byte_order, item.as_ref())?;
        let order = conversion.order.unwrap_or(stored.order());
        let dtype = cast.as_ref().map_or(from, Cast::dtype).clone();
        if let Some(wanted) = wanted {
            (wanted.check)(&Layout::new(dtype.clone(), stored.shape(), order)?)?;
        }
        let dtype = match byte_order {
            Some(order) => dtype.with_byte_order(order),
            None => dtype,
        };
        let operation = match (cast, byte_order) {
            (Some(cast), _) => Operation::Cast(cast),
            (None, Some(order)) if dtype != *from => Operation::Swap(order),
            _ => Operation::Keep,
        };
        Ok(Plan {
            from: from.clone(),
            alignment: wanted.map_or(dtype.alignment(), |wanted| wanted.alignment),
            dtype,
            order,
            operation,
            proof: Proof::default(),
        })
    }

    /// The dtype of the converted items.
    pub(crate) fn dtype(&self) -> &DType {
        &self.dtype
    }

    /// The memory order of the converted items.
    pub(crate) fn order(&self) -> Order {
        self.order
    }

    /// The required alignment of the items' address.
    pub(crate) fn alignment(&self) -> usize {
        self.alignment
    }

    /// The layout of a converted array of this shape.
    pub(crate) fn layout(&self, shape: &[usize]) -> Result<Layout, Error> {
        Ok(Layout::new(self.dtype.clone(), shape, self.order)?)
    }

    /// The converter of items; it adds to the evidence about their long doubles.
    pub(crate) fn converter<'a>(&'a self, evidence: &'a Evidence) -> Converter<'a> {
        match &self.operation {
            Operation::Keep => Converter::Keep,
            Operation::Swap(order) => Converter::Swap(&self.from, *order),
            Operation::Cast(cast) => Converter::Cast(cast, evidence),
        }
    }

    /// For parts that are read in any order.
    pub(crate) fn evidence(&self) -> Evidence {
        Evidence::in_any_order(Some(&self.proof))
    }

    /// For parts that are read in sequence.
    pub(crate) fn evidence_in_sequence(&self) -> Evidence {
        Evidence::in_sequence(Some(&self.proof))
    }

    /// Checks that the long doubles of a view can be converted, which depends on all of them together.
    pub(crate) fn check(&self, view: &Strided<'_>) -> Result<(), Error> {
        match &self.operation {
            Operation::Cast(cast) => cast.check(view),
            _ => Ok(()),
        }
    }

    /// A converted copy of items in memory.
    pub(crate) fn copy(&self, items: &Strided<'_>) -> Result<Array, Error> {
        let layout = self.layout(items.shape())?;
        let mut bytes = Buffer::zeroed(layout.nbytes(), self.alignment)?;
        self.copy_to(items, bytes.as_mut())?;
        Array::new(layout, bytes)
    }

    /// The same into existing memory.
    pub(crate) fn copy_to(&self, items: &Strided<'_>, out: &mut [u8]) -> Result<(), Error> {
        let items = items.in_order(self.order);
        let copied = self
            .converter(&self.evidence_in_sequence())
            .convert_into(&items, out);
        copied.map_err(|error| error.of_item(|item| items.before(item)))
    }

    /// The converted array, in its own memory if the conversion can be done there.
    pub(crate) fn convert(&self, mut array: Array) -> Result<Array, Error> {
        match self.operation {
            _ if array.layout().order() != self.order => self.copy(&array.strided()),
            Operation::Keep => Ok(array),
            Operation::Swap(order) => {
                array.set_byte_order(order);
                Ok(array)
            }
            Operation::Cast(_) => self.copy(&array.strided()),
        }
    }
}

/// Converts items while they are read or written.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Converter<'a> {
    /// Nothing.
    Keep,
    /// Items of this dtype are converted to this byte order.
    Swap(&'a DType, ByteOrder),
    /// Items are cast to another dtype; their long doubles add to the evidence.
    Cast(&'a Cast, &'a Evidence),
}

impl Converter<'_> {
    /// The size of an item in bytes before and after the conversion, at least one after it; items that may be split
    /// anywhere are treated as bytes.
    pub(crate) fn sizes(&self) -> (usize, usize) {
        let (from, to) = match self {
            Converter::Keep => (1, 1),
            Converter::Swap(dtype, _) => (dtype.itemsize(), dtype.itemsize()),
            Converter::Cast(cast, _) => (cast.from().itemsize(), cast.dtype().itemsize()),
        };
        (from, to.max(1))
    }

    /// Writes the converted items into `out` in C order.
    pub(crate) fn convert_into(&self, items: &Strided<'_>, out: &mut [u8]) -> Result<(), Error> {
        match self {
            Converter::Keep => items.copy_to(Order::C, out),
            Converter::Swap(dtype, order) => {
                items.copy_to(Order::C, out)?;
                set_byte_order(dtype, *order, out);
                Ok(())
            }
            Converter::Cast(cast, evidence) => match items.as_contiguous(Order::C) {
                Some(bytes) => cast.apply_part(bytes, out, evidence),
                None => {
                    let mut copy = vec![0; items.layout(Order::C)?.nbytes()];
                    items.copy_to(Order::C, &mut copy)?;
                    cast.apply_part(&copy, out, evidence)
                }
            },
        }
    }

    /// Fills `out` with the items that `read` returns, in sequence.
    pub(crate) fn fill(
        &self,
        out: &mut [u8],
        mut read: impl FnMut(&mut [u8]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let (from, to) = self.sizes();
        let items = (BLOCK / from.max(to)).max(1);
        match self {
            Converter::Keep => read(out),
            Converter::Swap(dtype, order) => {
                for block in out.chunks_mut(items * to) {
                    read(block)?;
                    set_byte_order(dtype, *order, block);
                }
                Ok(())
            }
            Converter::Cast(cast, evidence) => {
                let mut stage = Vec::new();
                for (i, block) in out.chunks_mut(items * to).enumerate() {
                    stage.resize(block.len() / to * from, 0);
                    read(&mut stage)?;
                    let cast = cast.apply_part(&stage, block, evidence);
                    cast.map_err(|error| error.items_later(i * items))?;
                }
                Ok(())
            }
        }
    }
}
