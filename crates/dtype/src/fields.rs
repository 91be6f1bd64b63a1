//! Items that are written part by part: [`WriteFields`], and what the derive calls.

use crate::dtype::{DType, Field, Record};
use crate::element::{Bytes, Element, Str};
use crate::endian::{Be, Le};
use crate::times::{Datetime64, Step, Timedelta64};
use bytemuck::{NoUninit, Pod, bytes_of};

/// An item that can be written part by part, so that padding is never read.
///
/// If a struct has padding, Rust does not allow reading all of its bytes. This writes the bytes of its fields, and
/// leaves the rest as it is. `#[derive(Element)]` implements it, and so do all elements here. For a type of your
/// own without padding it is `out.copy_from_slice(bytemuck::bytes_of(self))`.
///
/// ```
/// use dtype::WriteFields;
/// let mut out = [0; 4];
/// [1u16, 2].copy_to(&mut out);
/// assert_eq!(out.map(u32::from).iter().sum::<u32>(), 3);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be written field by field",
    note = "`#[derive(Element)]` implements `dtype::WriteFields`; by hand, it is one function"
)]
pub trait WriteFields: Element {
    /// Writes the item into `out`, which has its size; padding stays as it is there.
    fn copy_to(&self, out: &mut [u8]);
}

macro_rules! whole {
    ($([$($generics:tt)*] $type:ty;)*) => {$(
        impl<$($generics)*> WriteFields for $type {
            fn copy_to(&self, out: &mut [u8]) {
                copy_whole(self, out);
            }
        }
    )*};
}

whole! {
    [] bool; [] i8; [] i16; [] i32; [] i64; [] u8; [] u16; [] u32; [] u64; [] f32; [] f64;
    [const N: usize] Bytes<N>;
    [const N: usize] Str<N>;
    [S: Step] Datetime64<S>;
    [S: Step] Timedelta64<S>;
    [T: Element + Pod] Be<T>;
    [T: Element + Pod] Le<T>;
}

#[cfg(any(target_pointer_width = "64", target_pointer_width = "32"))]
whole! { [] isize; [] usize; }

#[cfg(feature = "half")]
whole! { [] half::f16; [] half::bf16; }

#[cfg(feature = "complex")]
whole! { [] num_complex::Complex<f32>; [] num_complex::Complex<f64>; }

impl<T: WriteFields + Pod, const N: usize> WriteFields for [T; N] {
    fn copy_to(&self, out: &mut [u8]) {
        let places = out.chunks_exact_mut(size_of::<T>().max(1));
        self.iter()
            .zip(places)
            .for_each(|(item, place)| item.copy_to(place));
    }
}

fn copy_whole<T: NoUninit>(item: &T, out: &mut [u8]) {
    if let Some(out) = out.get_mut(..size_of::<T>()) {
        out.copy_from_slice(bytes_of(item));
    }
}

/// One field of a derived record.
pub fn field(name: &str, title: Option<&str>, offset: usize, dtype: DType) -> Field {
    Field {
        name: name.to_owned(),
        title: title.map(str::to_owned),
        dtype,
        offset,
    }
}

/// A derived record. One over 2 GiB has no dtype and is void bytes, which match nothing.
pub fn record<const N: usize>(itemsize: usize, fields: [Field; N]) -> DType {
    Record::new(fields.into(), itemsize).map_or(DType::Void(0), DType::from)
}

/// Writes one field at its offset.
pub fn put<T: WriteFields>(value: &T, offset: usize, out: &mut [u8]) {
    let place = out
        .get_mut(offset..)
        .and_then(|out| out.get_mut(..size_of::<T>()));
    if let Some(place) = place {
        value.copy_to(place);
    }
}
