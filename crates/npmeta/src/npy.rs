//! Values in a `.npy`: an array, or the pickle that NumPy's `save` makes of all else.
//!
//! ```
//! use npmeta::{Dict, Value, npy};
//! let mdata = Value::from([("author", "Emma")].into_iter().collect::<Dict>());
//! let bytes = npy::to_bytes(&mdata)?;
//! assert!(npy::parse(&bytes, false).is_err());
//! assert_eq!(npy::parse(&bytes, true)?.into_item()?, mdata);
//! # Ok::<(), npmeta::Error>(())
//! ```

use crate::value::Objects;
use crate::{Error, ErrorKind, Value, pickle};
use dtype::{DType, Layout};
use flatfile::npy::ReadOptions;
use flatfile::npy_header::Header;

/// The array that a `.npy` has, or the value in it; the pickle of one only where that is allowed. As NumPy, this
/// asks the pickle for the shape of an array of objects, not the header.
///
/// # Errors
/// `NotAllowed`; as [`pickle::parse`], whose places count from the beginning of the `.npy`; `Array`.
pub fn parse(bytes: &[u8], allow_pickle: bool) -> Result<Value, Error> {
    parse_with(bytes, allow_pickle, &ReadOptions::new())
}

/// As [`parse`], an array in the way that the options say.
///
/// # Errors
/// As [`parse`].
pub fn parse_with(bytes: &[u8], allow_pickle: bool, options: &ReadOptions) -> Result<Value, Error> {
    let mut rest = bytes;
    let (header, length) = options.read_header(&mut rest)?;
    if !header.layout().dtype().has_object() {
        return Ok(options.open(bytes)?.read()?.into());
    }
    if !allow_pickle {
        return Err(ErrorKind::NotAllowed.into());
    }
    match pickle::parse(rest) {
        Ok((value, _)) => Ok(value),
        Err(error) => Err(error.later(length)),
    }
}

/// The value as the bytes of a `.npy`: what NumPy's `save` makes of it, but that a value of Python always becomes
/// an array of one object, also where NumPy would make numbers of a list.
///
/// # Errors
/// As [`pickle::to_bytes`].
pub fn to_bytes(value: &Value) -> Result<Vec<u8>, Error> {
    let objects = match value {
        Value::Array(array) | Value::Scalar(array) => {
            return Ok(flatfile::npy::to_bytes(&**array)?);
        }
        Value::Objects(objects) => objects.clone(),
        other => Box::new(Objects::new([], vec![other.clone()])?),
    };
    let layout = Layout::new(DType::Object, objects.shape(), objects.order)?;
    let mut bytes = Header::new(layout)
        .encode()
        .map_err(flatfile::Error::from)?;
    bytes.extend(pickle::to_bytes(&Value::Objects(objects))?);
    Ok(bytes)
}
