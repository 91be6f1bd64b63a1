//! Rust types that are items of arrays: [`Element`].

use crate::dtype::{DType, Subarray};
use crate::number::ByteOrder;
use bytemuck::{CheckedBitPattern, Pod, Zeroable};
use std::fmt;

/// A Rust type whose memory is one item of an array.
///
/// Implementing it is safe: the size is compared with the dtype's before a byte is viewed, and bytemuck's
/// `CheckedBitPattern` ensures that the bytes are a valid value.
///
/// ```
/// use dtype::{DType, Element};
/// assert_eq!(f64::dtype(), "float64".parse()?);
/// assert_eq!(<[i16; 3]>::dtype().itemsize(), 6);
/// # Ok::<(), dtype::Error>(())
/// ```
///
/// # Structs
/// With the feature `derive`, a struct with named fields is a record. It is `repr(C)`, with its padding,
/// `repr(C, packed)` or `repr(transparent)`. It also derives traits of bytemuck, which say what its bytes can be (a
/// project that does this depends on bytemuck with its features `derive` and `min_const_generics`):
///
/// | the struct | derive, besides `Clone, Copy, Element` | to save |
/// |---|---|---|
/// | no padding, every field is `Pod` (numbers, [`Bytes`], [`Str`], arrays of them) | `bytemuck::Zeroable, bytemuck::Pod` | as it is |
/// | no padding, a `bool` | `bytemuck::CheckedBitPattern, bytemuck::NoUninit` | as it is |
/// | padding (`repr(C)` with fields of different alignment) | `bytemuck::CheckedBitPattern` | flatfile's `Array::from_records`, or `repr(C, packed)` |
///
/// Fields are any elements: other derived structs, arrays of `Pod` types, [`Bytes`], [`Str`], [`Be`](crate::Be). When
/// records are read, fields are found by name, whatever the file's padding, so the struct may have fewer of them.
#[cfg_attr(
    feature = "derive",
    doc = "
```
use dtype::{DType, Element, bytemuck};

#[derive(Clone, Copy, Element, bytemuck::Zeroable, bytemuck::Pod)]
#[repr(C, packed)]
struct Star {
    id: u32,
    #[element(rename = \"pos\", title = \"position\")]
    position: [f64; 3],
}
let dtype: DType = \"[('id', 'u4'), (('position', 'pos'), 'f8', (3,))]\".parse().unwrap();
assert_eq!(Star::dtype(), dtype);

// Three bytes of padding after `is_valid`, as NumPy has with `align=True`.
#[derive(Clone, Copy, Element, bytemuck::CheckedBitPattern)]
#[repr(C)]
struct Sample {
    is_valid: bool,
    value: f32,
}
assert_eq!(Sample::dtype(), \"[('is_valid', '?'), ('', 'V3'), ('value', 'f4')]\".parse().unwrap());
```
"
)]
/// `#[element(crate = "path")]` on the struct gives the path of this crate, if it is not `::dtype` (or, for npio's
/// derive of the same name, `::npio::dtype`).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an array item: it does not implement `Element`",
    note = "a struct derives it: `#[derive(Clone, Copy, Element, bytemuck::Zeroable, bytemuck::Pod)] #[repr(C)]`, or with `bytemuck::CheckedBitPattern` instead of both if it has a `bool` or padding",
    note = "text is `Bytes<N>` or `Str<N>`, a date is `Datetime64`, an array is `[T; N]` of a `T: Pod`"
)]
pub trait Element: CheckedBitPattern {
    /// The dtype of one item, in native byte order.
    fn dtype() -> DType;
}

macro_rules! elements {
    ($($type:ty = $dtype:expr;)*) => {$(
        impl Element for $type {
            fn dtype() -> DType {
                $dtype
            }
        }
    )*};
}

elements! {
    bool = DType::Bool;
    i8 = DType::I8;
    i16 = DType::I16;
    i32 = DType::I32;
    i64 = DType::I64;
    u8 = DType::U8;
    u16 = DType::U16;
    u32 = DType::U32;
    u64 = DType::U64;
    f32 = DType::F32;
    f64 = DType::F64;
}

#[cfg(target_pointer_width = "64")]
elements! { isize = DType::I64; usize = DType::U64; }

#[cfg(target_pointer_width = "32")]
elements! { isize = DType::I32; usize = DType::U32; }

#[cfg(feature = "half")]
elements! { half::f16 = DType::F16; half::bf16 = DType::BF16; }

#[cfg(feature = "complex")]
elements! {
    num_complex::Complex<f32> = DType::C64;
    num_complex::Complex<f64> = DType::C128;
}

/// A subarray, whose axes come before those of a `T` that is a subarray itself. One over 2 GiB has no dtype and is
/// void bytes, which match nothing.
impl<T: Element + Pod, const N: usize> Element for [T; N] {
    fn dtype() -> DType {
        let (base, mut shape) = match T::dtype() {
            DType::Subarray(sub) => (sub.base().clone(), sub.shape().to_vec()),
            dtype => (dtype, Vec::new()),
        };
        shape.insert(0, N);
        Subarray::dtype(base, shape).unwrap_or(DType::Void(0))
    }
}

/// The value of a text that is padded with NULs: bytes, code points, or code points in bytes, without the NULs at
/// the end.
///
/// ```
/// assert_eq!(dtype::trim_nuls(b"a\0b\0\0"), b"a\0b");
/// ```
pub fn trim_nuls<T: Zeroable + PartialEq>(items: &[T]) -> &[T] {
    let nul = T::zeroed();
    let end = items.iter().rposition(|item| *item != nul);
    items
        .get(..end.map_or(0, |last| last + 1))
        .unwrap_or_default()
}

/// One item of dtype `SN`: bytes, padded with NULs that are not part of the value.
///
/// ```
/// let b = dtype::Bytes::<4>::new(b"abc").unwrap();
/// assert_eq!(b.as_bytes(), b"abc");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Zeroable, Pod)]
#[repr(transparent)]
pub struct Bytes<const N: usize>([u8; N]);

impl<const N: usize> Bytes<N> {
    /// `value`, padded with NULs; `None` if it is longer than `N`.
    pub fn new(value: &[u8]) -> Option<Self> {
        let mut bytes = [0; N];
        bytes.get_mut(..value.len())?.copy_from_slice(value);
        Some(Bytes(bytes))
    }

    /// The value, without the NULs at its end.
    pub fn as_bytes(&self) -> &[u8] {
        trim_nuls(&self.0)
    }
}

impl<const N: usize> Element for Bytes<N> {
    fn dtype() -> DType {
        DType::Bytes(u32::try_from(N).unwrap_or(u32::MAX))
    }
}

impl<const N: usize> fmt::Debug for Bytes<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "b\"{}\"", self.as_bytes().escape_ascii())
    }
}

/// One item of dtype `UN`: UCS-4 characters in native byte order, padded with NULs that are not part of the value.
///
/// ```
/// let s = dtype::Str::<4>::new("né").unwrap();
/// assert_eq!(s.to_text().unwrap(), "né");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Zeroable, Pod)]
#[repr(transparent)]
pub struct Str<const N: usize>([u32; N]);

impl<const N: usize> Str<N> {
    /// `value`, padded with NULs; `None` if it has more than `N` characters.
    pub fn new(value: &str) -> Option<Self> {
        let mut points = [0; N];
        let mut characters = value.chars();
        for (point, c) in points.iter_mut().zip(&mut characters) {
            *point = u32::from(c);
        }
        characters.next().is_none().then_some(Str(points))
    }

    /// The code points, without the NULs at the end. A file may hold any number here.
    pub fn code_points(&self) -> &[u32] {
        trim_nuls(&self.0)
    }

    /// The value as Rust text; `None` if a code point is not a character, such as a lone surrogate.
    pub fn to_text(&self) -> Option<String> {
        self.code_points()
            .iter()
            .map(|p| char::from_u32(*p))
            .collect()
    }
}

impl<const N: usize> Element for Str<N> {
    fn dtype() -> DType {
        DType::Str(u32::try_from(N).unwrap_or(u32::MAX), ByteOrder::NATIVE)
    }
}

impl<const N: usize> fmt::Debug for Str<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let points = self.code_points().iter();
        let text: String = points
            .map(|p| char::from_u32(*p).unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect();
        fmt::Debug::fmt(&text, f)
    }
}
