//! Items in a byte order of their own: [`Be`] and [`Le`].

use crate::dtype::DType;
use crate::element::Element;
use crate::number::ByteOrder;
use crate::swap::set_byte_order;
use bytemuck::{Pod, Zeroable, bytes_of_mut};
use std::fmt;

macro_rules! wrappers {
    ($($(#[$doc:meta])* $name:ident = $order:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Default, Zeroable, Pod)]
        #[repr(transparent)]
        pub struct $name<T>(T);

        impl<T: Element + Pod> $name<T> {
            /// This value, converted to the byte order.
            pub fn new(value: T) -> Self {
                $name(in_byte_order(value, ByteOrder::$order))
            }

            /// The value, in native byte order.
            pub fn get(self) -> T {
                in_byte_order(self.0, ByteOrder::$order)
            }
        }

        impl<T: Element + Pod> From<T> for $name<T> {
            fn from(value: T) -> Self {
                $name::new(value)
            }
        }

        impl<T: Element + Pod> Element for $name<T> {
            fn dtype() -> DType {
                T::dtype().with_byte_order(ByteOrder::$order)
            }
        }

        impl<T: Element + Pod + PartialEq> PartialEq for $name<T> {
            fn eq(&self, other: &Self) -> bool {
                self.get() == other.get()
            }
        }

        impl<T: Element + Pod + fmt::Debug> fmt::Debug for $name<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.get().fmt(f)
            }
        }
    )*};
}

wrappers! {
    /// A big-endian item, for record fields that are big-endian in the file and in memory.
    ///
    /// It has the alignment of `T`, as NumPy's `align=True` gives it; in a `repr(C, packed)` struct it has none.
    /// `T` itself is in native byte order.
    ///
    /// ```
    /// use dtype::{Be, Element};
    /// let x = Be::new(1.5f64);
    /// assert_eq!((x.get(), bytemuck::bytes_of(&x)[0]), (1.5, 0x3f));
    /// assert_eq!(Be::<f64>::dtype().to_string(), ">f8");
    /// ```
    Be = Big;
    /// A little-endian item: see [`Be`].
    Le = Little;
}

/// From native byte order to this one, or back: the same swap.
fn in_byte_order<T: Element + Pod>(mut value: T, order: ByteOrder) -> T {
    let bytes = bytes_of_mut(&mut value);
    match T::dtype() {
        _ if order == ByteOrder::NATIVE => {}
        // If `T` is a number, this is all that is compiled.
        DType::Number(number, _) => bytes
            .chunks_exact_mut(number.part_size())
            .for_each(<[u8]>::reverse),
        dtype => set_byte_order(&dtype, order, bytes),
    }
    value
}
