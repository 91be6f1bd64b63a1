//! The Rust type of a dtype that is known only at run time: [`with_element!`](crate::with_element).

/// Evaluates an expression with the Rust type that items of a dtype have.
///
/// `with_element!(dtype, T => expression)` is `Some` of the expression, in which `T` is `bool`, an integer or a
/// float of 8 to 64 bits, with feature `half` `f16` or `bf16`, with feature `complex` `Complex<f32>` or
/// `Complex<f64>`. It is `None` for other dtypes, which have no single Rust type. The expression is compiled once
/// for each type, so the functions it calls have to be generic. `T` has the dtype in native byte order: the items
/// themselves may be in another.
///
/// ```
/// use dtype::{DType, Element, with_element};
///
/// fn bits<T: Element>() -> usize {
///     size_of::<T>() * 8
/// }
///
/// let dtype: DType = ">i4".parse()?;
/// assert_eq!(with_element!(&dtype, T => bits::<T>()), Some(32));
/// assert_eq!(with_element!(&"S3".parse()?, T => bits::<T>()), None);
/// # Ok::<(), dtype::Error>(())
/// ```
///
/// `with_element!(dtype, T in [types] => expression)` tries only these types, in this order: those for which the
/// expression compiles, or records of your own. The sum of any real numbers:
///
/// ```
/// use dtype::{DType, bytemuck, with_element};
///
/// /// The sum of native items.
/// fn sum(dtype: &DType, bytes: &[u8]) -> Option<f64> {
///     with_element!(dtype, T in [i8, i16, i32, i64, u8, u16, u32, u64, f32, f64] => {
///         let items = bytes.chunks_exact(size_of::<T>());
///         items.map(|item| bytemuck::pod_read_unaligned::<T>(item) as f64).sum()
///     })
/// }
///
/// assert_eq!(sum(&DType::U8, &[1, 2, 3]), Some(6.0));
/// assert_eq!(sum(&DType::F32, bytemuck::cast_slice(&[0.5f32, 0.25])), Some(0.75));
/// assert_eq!(sum(&DType::Bool, &[1]), None);
/// ```
#[macro_export]
macro_rules! with_element {
    ($dtype:expr, $T:ident in [$($type:ty),+ $(,)?] => $body:expr) => {
        match $crate::DType::with_byte_order($dtype, $crate::ByteOrder::NATIVE) {
            $(dtype if dtype == <$type as $crate::Element>::dtype() => {
                #[allow(dead_code, reason = "the expression need not name the type")]
                type $T = $type;
                ::core::option::Option::Some($body)
            })+
            _ => ::core::option::Option::None,
        }
    };
    ($dtype:expr, $T:ident => $body:expr) => {
        $crate::__with_half!($dtype, $T in [
            bool, i8, i16, i32, i64, u8, u16, u32, u64, f32, f64,
        ] => $body)
    };
}

// A macro cannot test the features of its own crate where it is expanded. So each feature has a macro that adds its
// types to the list, or does not, and passes the list on.

#[cfg(feature = "half")]
#[doc(hidden)]
#[macro_export]
macro_rules! __with_half {
    ($dtype:expr, $T:ident in [$($types:tt)*] => $body:expr) => {
        $crate::__with_complex!($dtype, $T in [
            $($types)* $crate::__private::f16, $crate::__private::bf16,
        ] => $body)
    };
}

#[cfg(not(feature = "half"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __with_half {
    ($($all:tt)*) => { $crate::__with_complex!($($all)*) };
}

#[cfg(feature = "complex")]
#[doc(hidden)]
#[macro_export]
macro_rules! __with_complex {
    ($dtype:expr, $T:ident in [$($types:tt)*] => $body:expr) => {
        $crate::with_element!($dtype, $T in [
            $($types)* $crate::__private::Complex<f32>, $crate::__private::Complex<f64>,
        ] => $body)
    };
}

#[cfg(not(feature = "complex"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __with_complex {
    ($($all:tt)*) => { $crate::with_element!($($all)*) };
}
