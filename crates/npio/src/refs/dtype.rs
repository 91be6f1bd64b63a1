//! Dtypes in the metadata of Zarr: [`ZarrDType`].

use super::ZarrFormat;
use flatfile::dtype::python::excerpt;
use flatfile::dtype::{ByteOrder, DType, Number, NumberClass, Record, TimeStep};
use serde_json::{Value, json};
use std::fmt;

/// The size in bytes of the largest items without a meaning that have a fill value, which is as long a text.
const MAX_FILL: usize = 64 << 10;

/// The length of the longest dtype that a message has in it as a whole.
const MAX_SHOWN: usize = 1000;

/// A dtype, as the metadata of an array states it.
#[derive(Clone, Debug)]
pub(super) struct ZarrDType {
    /// Its name, or a description.
    pub(super) name: Value,
    /// What is in chunks that are not there. There are none, but version 3 wants a value.
    pub(super) fill_value: Value,
    /// The byte order of version 3, which is not part of the dtype.
    pub(super) endian: Option<&'static str>,
}

/// A dtype that Zarr does not have, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unsupported {
    /// Python objects.
    Objects,
    /// A `longdouble`, or a complex number of two.
    LongDouble(DType),
    /// A number of ml_dtypes.
    Extension(Number),
    /// Items of no bytes.
    NoBytes(DType),
    /// Items without a meaning, or records, that are too large for a fill value.
    TooLarge(DType),
    /// A field that is an array: its name.
    Subarray(String),
    /// A record with bytes between its fields, and the same without them.
    Padding(DType),
    /// A field that is a record, which version 2 is not read with: its name.
    RecordInRecord(String),
    /// A field that is big-endian, which version 3 does not state: its name.
    BigEndianField(String),
}

impl ZarrDType {
    /// The dtype in this version of the format.
    pub(super) fn new(dtype: &DType, format: ZarrFormat) -> Result<ZarrDType, Unsupported> {
        check(dtype)?;
        match format {
            ZarrFormat::V2 => Ok(ZarrDType {
                name: name_v2(dtype)?,
                // Whatever is here, xarray takes for a missing item.
                fill_value: Value::Null,
                endian: None,
            }),
            ZarrFormat::V3 => v3(dtype),
        }
    }
}

/// Checks that Zarr has such a dtype.
fn check(dtype: &DType) -> Result<(), Unsupported> {
    match dtype {
        _ if dtype.has_object() => return Err(Unsupported::Objects),
        DType::Number(number, _) => {
            let info = number.info();
            if info.module == "ml_dtypes" {
                return Err(Unsupported::Extension(*number));
            }
            if info.float.is_some_and(|format| format.has_integer_bit) {
                return Err(Unsupported::LongDouble(dtype.clone()));
            }
        }
        DType::Record(record) => {
            for field in record.fields() {
                if let DType::Subarray(_) = field.dtype {
                    return Err(Unsupported::Subarray(field.name.clone()));
                }
                check(&field.dtype)?;
            }
            if is_padded(record) {
                return Err(Unsupported::Padding(packed(dtype)));
            }
        }
        // A layout has taken its axes, so only fields have this type.
        DType::Subarray(_) => return Err(Unsupported::Subarray(String::new())),
        _ => {}
    }
    if dtype.itemsize() == 0 {
        return Err(Unsupported::NoBytes(dtype.clone()));
    }
    Ok(())
}

/// Whether there are bytes between the fields of a record, or after them.
fn is_padded(record: &Record) -> bool {
    let sizes = record.fields().iter().map(|field| field.dtype.itemsize());
    sizes.sum::<usize>() != record.itemsize()
}

/// The same dtype without bytes between the fields of records.
fn packed(dtype: &DType) -> DType {
    let Some(record) = dtype.as_record() else {
        return dtype.clone();
    };
    let fields = record.fields().iter();
    let fields = fields.map(|field| (field.name.as_str(), packed(&field.dtype)));
    Record::packed(fields).map_or_else(|_| dtype.clone(), DType::from)
}

/// What `.zarray` has as dtype: NumPy's notation, with a list of fields for a record. Lists in it are not read by
/// zarr-python, although it writes them.
fn name_v2(dtype: &DType) -> Result<Value, Unsupported> {
    let Some(record) = dtype.as_record() else {
        return Ok(dtype.to_string().into());
    };
    let mut fields = Vec::new();
    for field in record.fields() {
        if field.dtype.as_record().is_some() {
            return Err(Unsupported::RecordInRecord(field.name.clone()));
        }
        fields.push(json!([field.name, field.dtype.to_string()]));
    }
    Ok(fields.into())
}

/// The dtype in version 3, where all numbers of an array have one byte order.
fn v3(dtype: &DType) -> Result<ZarrDType, Unsupported> {
    Ok(ZarrDType {
        name: name_v3(dtype)?,
        fill_value: fill_value(dtype)?,
        endian: byte_order(dtype).map(|order| match order {
            ByteOrder::Little => "little",
            ByteOrder::Big => "big",
        }),
    })
}

fn name_v3(dtype: &DType) -> Result<Value, Unsupported> {
    let with_length = |name: &str| {
        let length = dtype.itemsize();
        json!({"name": name, "configuration": {"length_bytes": length}})
    };
    let time = |name: &str, step: &TimeStep| {
        let (unit, count) = (step.unit.symbol(), step.count);
        json!({"name": name, "configuration": {"unit": unit, "scale_factor": count}})
    };
    Ok(match dtype {
        DType::Bytes(_) => with_length("null_terminated_bytes"),
        DType::Str(..) => with_length("fixed_length_utf32"),
        DType::Datetime(step, _) => time("numpy.datetime64", step),
        DType::Timedelta(step, _) => time("numpy.timedelta64", step),
        DType::Record(record) => {
            let mut fields = Vec::new();
            for field in record.fields() {
                if byte_order(&field.dtype) == Some(ByteOrder::Big) {
                    return Err(Unsupported::BigEndianField(field.name.clone()));
                }
                fields.push(json!([field.name, name_v3(&field.dtype)?]));
            }
            json!({"name": "structured", "configuration": {"fields": fields}})
        }
        DType::Bool | DType::Number(..) => dtype.name().into(),
        // The others are refused by `check`.
        _ => with_length("raw_bytes"),
    })
}

/// The byte order of items that have one. That of a record is that of its fields.
fn byte_order(dtype: &DType) -> Option<ByteOrder> {
    match dtype {
        DType::Number(number, _) if number.size() == 1 => None,
        DType::Number(_, order)
        | DType::Str(_, order)
        | DType::Datetime(_, order)
        | DType::Timedelta(_, order) => Some(*order),
        _ => None,
    }
}

/// Zero, or what is nearest to it; of times none, which they are in every unit.
fn fill_value(dtype: &DType) -> Result<Value, Unsupported> {
    Ok(match dtype {
        DType::Bool => false.into(),
        DType::Number(number, _) => match number.info().class {
            NumberClass::Signed | NumberClass::Unsigned => 0.into(),
            NumberClass::Float => 0.0.into(),
            NumberClass::Complex => json!([0.0, 0.0]),
        },
        DType::Datetime(..) | DType::Timedelta(..) => "NaT".into(),
        DType::Bytes(_) | DType::Str(..) => "".into(),
        _ if dtype.itemsize() > MAX_FILL => return Err(Unsupported::TooLarge(dtype.clone())),
        _ => zeros_in_base64(dtype.itemsize()).into(),
    })
}

/// This many bytes of zero in base64.
fn zeros_in_base64(length: usize) -> String {
    let mut text = "A".repeat((length * 4).div_ceil(3));
    while !text.len().is_multiple_of(4) {
        text.push('=');
    }
    text
}

impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unsupported::Objects => f.write_str(
                "Python objects are a pickle, which has no chunks: save them as plain items (npio convert --allow-pickle)",
            ),
            Unsupported::LongDouble(dtype) => {
                let is_complex = matches!(dtype, DType::Number(number, _) if number.info().class == NumberClass::Complex);
                let instead = if is_complex { "c16" } else { "f8" };
                write!(
                    f,
                    "Zarr has no longdouble ({dtype}): convert it (npio convert --dtype {instead})"
                )
            }
            Unsupported::Extension(number) => {
                let instead = match number.info().class {
                    NumberClass::Signed => "i1",
                    NumberClass::Unsigned => "u1",
                    NumberClass::Float | NumberClass::Complex => "f4",
                };
                write!(
                    f,
                    "Zarr has no {number}: convert it (npio convert --dtype {instead})"
                )
            }
            Unsupported::NoBytes(dtype) => {
                write!(f, "items of {dtype} have no bytes to refer to")
            }
            Unsupported::TooLarge(dtype) => write!(
                f,
                "items of {} bytes need a fill value as long in version 3 of Zarr: use version 2 (npio refs --zarr 2)",
                dtype.itemsize()
            ),
            Unsupported::Subarray(field) => write!(
                f,
                "field {} is an array, which fields in Zarr are not: save it as an array of its own (npio convert --field \
                 {field})",
                excerpt(field)
            ),
            Unsupported::Padding(packed) => {
                f.write_str(
                    "there are bytes between the fields, which records in Zarr do not have: remove them (npio convert --dtype ",
                )?;
                let packed = packed.to_string();
                if packed.len() > MAX_SHOWN {
                    f.write_str("with the same fields)")
                } else {
                    write!(f, "\"{packed}\")")
                }
            }
            Unsupported::RecordInRecord(field) => write!(
                f,
                "field {} is a record, which zarr-python does not read in version 2 of Zarr: use version 3 (npio refs --zarr \
                 3)",
                excerpt(field)
            ),
            Unsupported::BigEndianField(field) => write!(
                f,
                "field {} is big-endian, which version 3 of Zarr does not state, so that it would be read wrong: use \
                 version 2 (npio refs --zarr 2), or convert it (npio convert --byteorder little)",
                excerpt(field)
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zarr(dtype: &str, format: ZarrFormat) -> Result<ZarrDType, Unsupported> {
        ZarrDType::new(&dtype.parse().unwrap(), format)
    }

    #[test]
    fn version_2_has_numpys_notation() {
        for dtype in [
            "|b1", "<i4", ">f8", "<f2", ">c16", "|S3", ">U2", "<M8[25s]", "<m8", "|V5", "|u1",
        ] {
            let found = zarr(dtype, ZarrFormat::V2).unwrap();
            assert_eq!((found.name, found.fill_value), (dtype.into(), Value::Null));
        }
        let record = zarr("[('a', '<i4'), ('b', '>f8'), ('c', '|b1')]", ZarrFormat::V2);
        let expected = json!([["a", "<i4"], ["b", ">f8"], ["c", "|b1"]]);
        assert_eq!(record.unwrap().name, expected);
    }

    #[test]
    fn version_3_has_names_and_one_byte_order() {
        let found = |dtype| {
            let found = zarr(dtype, ZarrFormat::V3).unwrap();
            (found.name, found.fill_value, found.endian)
        };
        assert_eq!(found("|b1"), (json!("bool"), json!(false), None));
        assert_eq!(found("|i1"), (json!("int8"), json!(0), None));
        assert_eq!(found(">f2"), (json!("float16"), json!(0.0), Some("big")));
        assert_eq!(
            found("<c8"),
            (json!("complex64"), json!([0.0, 0.0]), Some("little"))
        );
        let text = json!({"name": "fixed_length_utf32", "configuration": {"length_bytes": 12}});
        assert_eq!(found(">U3"), (text, json!(""), Some("big")));
        let time = json!({"name": "numpy.timedelta64", "configuration": {"unit": "s", "scale_factor": 25}});
        assert_eq!(found("<m8[25s]"), (time, json!("NaT"), Some("little")));
        let raw = json!({"name": "raw_bytes", "configuration": {"length_bytes": 5}});
        assert_eq!(found("|V5"), (raw, json!("AAAAAAA="), None));
        let record = json!({"name": "structured", "configuration": {"fields": [["a", "int32"], ["b", "uint8"]]}});
        assert_eq!(
            found("[('a', '<i4'), ('b', 'u1')]"),
            (record, json!("AAAAAAA="), None)
        );
    }

    #[test]
    fn zeros() {
        let zeros: Vec<String> = (0..5).map(zeros_in_base64).collect();
        assert_eq!(zeros, ["", "AA==", "AAA=", "AAAA", "AAAAAA=="]);
    }

    #[test]
    fn what_zarr_does_not_have() {
        let refused = |dtype, format| zarr(dtype, format).unwrap_err().to_string();
        for (dtype, message) in [
            (
                "O",
                "Python objects are a pickle, which has no chunks: save them as plain items (npio convert --allow-pickle)",
            ),
            (
                "[('a', 'O')]",
                "Python objects are a pickle, which has no chunks: save them as plain items (npio convert --allow-pickle)",
            ),
            (
                "f16",
                "Zarr has no longdouble (<f16): convert it (npio convert --dtype f8)",
            ),
            (
                ">c32",
                "Zarr has no longdouble (>c32): convert it (npio convert --dtype c16)",
            ),
            (
                "bfloat16",
                "Zarr has no bfloat16: convert it (npio convert --dtype f4)",
            ),
            (
                "int4",
                "Zarr has no int4: convert it (npio convert --dtype i1)",
            ),
            ("|S0", "items of |S0 have no bytes to refer to"),
            ("[('a', '<U0')]", "items of <U0 have no bytes to refer to"),
            (
                "[('a', '<f4', (2,))]",
                "field 'a' is an array, which fields in Zarr are not: save it as an array of its own (npio convert --field a)",
            ),
            (
                "[('a', '|i1'), ('', '|V3'), ('b', '<i4')]",
                "there are bytes between the fields, which records in Zarr do not have: remove them (npio convert --dtype \
                 \"[('a', '|i1'), ('b', '<i4')]\")",
            ),
        ] {
            assert_eq!(refused(dtype, ZarrFormat::V2), message);
            assert_eq!(refused(dtype, ZarrFormat::V3), message);
        }
        let nested = "[('a', [('b', '<f8')])]";
        assert!(zarr(nested, ZarrFormat::V3).is_ok());
        assert!(refused(nested, ZarrFormat::V2).starts_with("field 'a' is a record"));
        let big = "[('a', [('b', '>f8')])]";
        assert!(refused(big, ZarrFormat::V3).starts_with("field 'b' is big-endian"));
        let large = "[('a', '|V100000')]";
        assert!(zarr(large, ZarrFormat::V2).is_ok());
        assert!(refused(large, ZarrFormat::V3).contains("use version 2"));
    }
}
