//! From a [`Header`] to bytes, the same that NumPy writes (`_write_array_header`).

use crate::{Error, ErrorKind, Header, MAGIC, Version};
use dtype::{Layout, Order};
use std::fmt;

/// Digits that NumPy leaves room for on the axis along which an array grows.
const GROWTH_AXIS_MAX_DIGITS: usize = 21;

/// The data begins at a multiple of this.
const ALIGNMENT: usize = 64;

impl Header {
    /// The bytes of the header, padded so that the data behind it is aligned to 64.
    ///
    /// The text leaves room for the growth axis (the first, in Fortran order the last) to become
    /// longer without moving the data.
    ///
    /// # Errors
    /// `VersionTooOld` where [`with_version`](Header::with_version) asked for one that cannot hold
    /// the text.
    pub fn encode(&self) -> Result<Vec<u8>, Error> {
        let too_old = Error::at(0, ErrorKind::VersionTooOld(self.version));
        let text = Text(&self.layout).to_string();
        let text = match self.version {
            Version::V3 => text.into_bytes(),
            Version::V1 | Version::V2 => latin1(&text).ok_or(too_old.clone())?,
        };
        let begin = self.version.text_offset();
        // 1 to 64 bytes, of which the last is the newline.
        let padding = ALIGNMENT - (begin + text.len() + 1) % ALIGNMENT + 1;
        let length = text.len() + padding;
        let mut bytes = Vec::with_capacity(begin + length);
        bytes.extend(MAGIC);
        bytes.extend(self.version.to_bytes());
        match self.version {
            Version::V1 => bytes.extend(u16::try_from(length).map_err(|_| too_old)?.to_le_bytes()),
            _ => bytes.extend(u32::try_from(length).map_err(|_| too_old)?.to_le_bytes()),
        }
        bytes.extend(text);
        bytes.resize(begin + length - 1, b' ');
        bytes.push(b'\n');
        Ok(bytes)
    }
}

/// The oldest version that can hold the header of `layout`.
pub(crate) fn oldest_version(layout: &Layout) -> Version {
    let text = Text(layout).to_string();
    match latin1(&text).map(|bytes| bytes.len() + ALIGNMENT + 1) {
        None => Version::V3,
        Some(length) if length <= usize::from(u16::MAX) => Version::V1,
        // Close to the limit the padding decides.
        Some(_) => {
            let layout = layout.clone();
            let version = Version::V1;
            match (Header { layout, version }).encode() {
                Ok(_) => Version::V1,
                Err(_) => Version::V2,
            }
        }
    }
}

fn latin1(text: &str) -> Option<Vec<u8>> {
    if text.is_ascii() {
        return Some(text.as_bytes().to_vec());
    }
    text.chars().map(|c| u8::try_from(c).ok()).collect()
}

/// The dict and the room for growth, without padding.
struct Text<'a>(&'a Layout);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let layout = self.0;
        // NumPy asks for C order first, so that arrays that are in both say False.
        let (fortran_order, growth_axis) = match layout.order() {
            Order::Fortran if !layout.is_c_contiguous() => ("True", layout.shape().last()),
            _ => ("False", layout.shape().first()),
        };
        let (descr, shape) = (layout.dtype().descr(), layout.shape_tuple());
        write!(
            f,
            "{{'descr': {descr}, 'fortran_order': {fortran_order}, 'shape': {shape}, }}"
        )?;
        let digits = growth_axis.map(|length| length.to_string().len());
        let slack = digits.map_or(0, |digits| GROWTH_AXIS_MAX_DIGITS - digits);
        write!(f, "{:slack$}", "")
    }
}
