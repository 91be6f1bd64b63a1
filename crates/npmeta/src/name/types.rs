//! The names of types in file names.

use dtype::{ByteOrder, DType};

/// Bits of a byte, and of a character of NumPy's text.
const BITS_PER_BYTE: u32 = 8;
const BITS_PER_CHARACTER: u32 = 32;

/// The little-endian type of this name: the name of a scalar type of NumPy, or the `np.dtype.name` of
/// another.
pub(super) fn dtype_by_name(name: &str) -> Option<DType> {
    let sized = |kind, unit| {
        let bits = name.strip_prefix(kind)?;
        let is_number = bits.bytes().all(|byte| byte.is_ascii_digit());
        let bits: u32 = bits.parse().ok().filter(|_| is_number)?;
        bits.is_multiple_of(unit).then_some(bits / unit)
    };
    let little = ByteOrder::Little;
    let text = || sized("str", BITS_PER_CHARACTER).map(|n| DType::Str(n, little));
    let bytes = || sized("bytes", BITS_PER_BYTE).map(DType::Bytes);
    let void = || sized("void", BITS_PER_BYTE).map(DType::Void);
    let dtype = text()
        .or_else(bytes)
        .or_else(void)
        .or_else(|| by_plain_name(name))?;
    // Items without bytes cannot describe a file.
    let dtype = dtype.with_byte_order(little);
    (dtype.itemsize() > 0 && !dtype.has_object()).then_some(dtype)
}

/// Short codes are not names here: too many file names contain a `b1` or a `d`.
fn by_plain_name(name: &str) -> Option<DType> {
    let letters = name.bytes().take_while(u8::is_ascii_lowercase).count();
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"_[]".contains(&byte);
    if letters >= 3 && name.bytes().all(is_name) {
        name.parse().ok()
    } else {
        None
    }
}

/// The name of a type, without its byte order.
pub(super) fn dtype_name(dtype: &DType) -> Option<String> {
    Some(match dtype {
        DType::Bytes(n) => format!("bytes{}", n.checked_mul(BITS_PER_BYTE)?),
        DType::Str(n, _) => format!("str{}", n.checked_mul(BITS_PER_CHARACTER)?),
        DType::Void(n) => format!("void{}", n.checked_mul(BITS_PER_BYTE)?),
        DType::Datetime(step, _) => format!("datetime64{step}"),
        DType::Timedelta(step, _) => format!("timedelta64{step}"),
        _ => dtype.name()?,
    })
}
