//! The Rust types for items of `datetime64` and `timedelta64`.

use crate::dtype::DType;
use crate::element::Element;
use crate::number::ByteOrder;
use crate::time::{NAT, TimeStep, TimeUnit};
use bytemuck::{Pod, Zeroable};
use std::marker::PhantomData;

/// A unit known at compile time, for [`Datetime64`] and [`Timedelta64`].
///
/// ```
/// use dtype::bytemuck::{Pod, Zeroable};
/// #[derive(Clone, Copy, Zeroable, Pod)]
/// #[repr(C)]
/// struct Frames; // 25 frames a second
/// impl dtype::Step for Frames {
///     const STEP: dtype::TimeStep =
///         dtype::TimeStep { count: 40, unit: dtype::TimeUnit::Millisecond };
/// }
/// let found = <dtype::Timedelta64<Frames> as dtype::Element>::dtype();
/// let little = found.with_byte_order(dtype::ByteOrder::Little);
/// assert_eq!(little.to_string(), "<m8[40ms]");
/// ```
pub trait Step: Pod {
    /// The duration that the integer 1 means.
    const STEP: TimeStep;
}

macro_rules! steps {
    ($($(#[$doc:meta])* $name:ident = $unit:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Zeroable, Pod)]
        #[repr(C)]
        pub struct $name;
        impl Step for $name {
            const STEP: TimeStep = TimeStep::of(TimeUnit::$unit);
        }
    )*};
}

steps! {
    /// `[D]`
    Days = Day;
    /// `[s]`
    Seconds = Second;
    /// `[ms]`
    Milliseconds = Millisecond;
    /// `[us]`
    Microseconds = Microsecond;
    /// `[ns]`
    Nanoseconds = Nanosecond;
}

macro_rules! time_type {
    ($(#[$doc:meta])* $name:ident, $variant:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[derive(Zeroable, Pod)]
        #[repr(transparent)]
        pub struct $name<U>(i64, PhantomData<U>);

        impl<U: Step> $name<U> {
            /// The item whose integer is `count`; [`NAT`] is "not a time".
            pub const fn new(count: i64) -> Self {
                Self(count, PhantomData)
            }

            /// The integer, in units of `U`; `None` for NaT.
            pub const fn get(self) -> Option<i64> {
                match self.0 {
                    NAT => None,
                    count => Some(count),
                }
            }
        }

        impl<U: Step> Element for $name<U> {
            fn dtype() -> DType {
                DType::$variant(U::STEP, ByteOrder::NATIVE)
            }
        }
    };
}

time_type!(
    /// One `datetime64[U]`: an integer that counts units from 1970-01-01T00:00.
    Datetime64,
    Datetime
);
time_type!(
    /// One `timedelta64[U]`: an integer that counts units.
    Timedelta64,
    Timedelta
);
