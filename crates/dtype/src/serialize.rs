//! Dtypes and layouts in serde's formats.
//!
//! A dtype is its descriptor as a string, as `np.dtype` takes it; a layout has the keys of a `.npy` header.

use crate::{DType, Layout, Order};
use serde::de::{Deserialize, Deserializer, Error as _};
use serde::ser::{Serialize, Serializer};
use std::borrow::Cow;

/// The string that `np.dtype` takes: `<f8`, `[('x', '<f4'), ('y', '<f4')]`.
///
/// ```
/// use dtype::{DType, Layout, Order};
/// let dtype: DType = "<f4".parse()?;
/// assert_eq!(serde_json::to_string(&dtype)?, r#""<f4""#);
/// let layout = Layout::new(dtype, [2, 3], Order::C)?;
/// let text = r#"{"descr":"<f4","fortran_order":false,"shape":[2,3]}"#;
/// assert_eq!(serde_json::to_string(&layout)?, text);
/// assert_eq!(serde_json::from_str::<Layout>(text)?, layout);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
impl Serialize for DType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.name() {
            // Types that NumPy does not know have descriptors that mean something else to it.
            Some(name) if self.to_string().parse().as_ref() != Ok(self) => {
                name.serialize(serializer)
            }
            _ => serializer.collect_str(self),
        }
    }
}

/// Any string that `np.dtype` takes.
impl<'de> Deserialize<'de> for DType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<DType, D::Error> {
        let text = Cow::<'_, str>::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

/// The keys of a header.
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(rename = "Layout", deny_unknown_fields)]
struct Keys<'a> {
    descr: Cow<'a, DType>,
    fortran_order: bool,
    shape: Cow<'a, [usize]>,
}

/// The keys of a `.npy` header: `descr`, `fortran_order`, `shape`.
impl Serialize for Layout {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let keys = Keys {
            descr: Cow::Borrowed(self.dtype()),
            fortran_order: self.order() == Order::Fortran,
            shape: Cow::Borrowed(self.shape()),
        };
        keys.serialize(serializer)
    }
}

/// As [`Layout::new`] makes it, with its errors.
impl<'de> Deserialize<'de> for Layout {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Layout, D::Error> {
        let keys = Keys::deserialize(deserializer)?;
        let order = if keys.fortran_order {
            Order::Fortran
        } else {
            Order::C
        };
        Layout::new(keys.descr.into_owned(), keys.shape.into_owned(), order)
            .map_err(D::Error::custom)
    }
}
