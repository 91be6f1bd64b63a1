//! Values in a `.npy`: an array, or the pickle that NumPy's `save` makes of anything else.
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
use dtype::Layout;
use flatfile::npy::ReadOptions;
use flatfile::npy_header::Header;

/// The array in a `.npy`, or the pickled value in it if pickles are allowed. As in NumPy, the shape of an array of
/// objects is taken from the pickle, not from the header.
///
/// # Errors
/// `NotAllowed`; as [`pickle::parse`], whose positions count from the beginning of the `.npy`; `Array`.
pub fn parse(bytes: &[u8], allow_pickle: bool) -> Result<Value, Error> {
    let pickles = allow_pickle.then(pickle::Options::new);
    parse_with(bytes, pickles.as_ref(), &ReadOptions::new())
}

/// As [`parse`]; an array is read with these options, and a pickle, if it is allowed, with its own.
///
/// # Errors
/// As [`parse`].
pub fn parse_with(
    bytes: &[u8],
    pickles: Option<&pickle::Options>,
    options: &ReadOptions,
) -> Result<Value, Error> {
    let mut rest = bytes;
    let (header, length) = options.read_header(&mut rest)?;
    if !header.layout().dtype().has_object() {
        return Ok(options.open(bytes)?.read()?.into());
    }
    let Some(pickles) = pickles else {
        return Err(ErrorKind::NotAllowed.into());
    };
    match pickles.parse(rest) {
        Ok((value, _)) => Ok(value),
        Err(error) => Err(error.shift_offset(length)),
    }
}

/// The value as the bytes of a `.npy`: as NumPy's `save` writes it, except that a Python value always becomes an
/// array of one object, even if NumPy would turn a list into numbers.
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
    let layout = Layout::new(objects.dtype().clone(), objects.shape(), objects.order)?;
    let mut bytes = Header::new(layout)
        .encode()
        .map_err(flatfile::Error::from)?;
    bytes.extend(pickle::to_bytes(&Value::Objects(objects))?);
    Ok(bytes)
}
