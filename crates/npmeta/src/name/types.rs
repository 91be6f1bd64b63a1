//! The names of types that may stand in a file name.

use dtype::{ByteOrder, DType};

/// Bits of a byte, and of a character of NumPy's text.
const BYTE: u32 = 8;
const CHARACTER: u32 = 32;

/// The little-endian type of this name: that of a scalar type of NumPy, or what `np.dtype.name` says of
/// others.
pub(super) fn by_name(name: &str) -> Option<DType> {
    let sized = |kind, unit| {
        let bits = name.strip_prefix(kind)?;
        let is_number = bits.bytes().all(|byte| byte.is_ascii_digit());
        let bits: u32 = bits.parse().ok().filter(|_| is_number)?;
        bits.is_multiple_of(unit).then_some(bits / unit)
    };
    let little = ByteOrder::Little;
    let text = || sized("str", CHARACTER).map(|n| DType::Str(n, little));
    let bytes = || sized("bytes", BYTE).map(DType::Bytes);
    let void = || sized("void", BYTE).map(DType::Void);
    let dtype = text().or_else(bytes).or_else(void).or_else(|| word(name))?;
    // What takes no bytes says nothing of a file.
    let dtype = dtype.with_byte_order(little);
    (dtype.itemsize() > 0 && !dtype.has_object()).then_some(dtype)
}

/// Short codes are no names: too many files have a `b1` or a `d` in theirs.
fn word(name: &str) -> Option<DType> {
    let letters = name.bytes().take_while(u8::is_ascii_lowercase).count();
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"_[]".contains(&byte);
    match letters >= 3 && name.bytes().all(is_name) {
        true => name.parse().ok(),
        false => None,
    }
}

/// The name of a type, its byte order aside.
pub(super) fn name_of(dtype: &DType) -> Option<String> {
    Some(match dtype {
        DType::Bytes(n) => format!("bytes{}", n.checked_mul(BYTE)?),
        DType::Str(n, _) => format!("str{}", n.checked_mul(CHARACTER)?),
        DType::Void(n) => format!("void{}", n.checked_mul(BYTE)?),
        DType::Datetime(step, _) => format!("datetime64{step}"),
        DType::Timedelta(step, _) => format!("timedelta64{step}"),
        _ => dtype.name()?,
    })
}
