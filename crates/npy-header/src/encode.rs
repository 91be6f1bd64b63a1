//! From a [`Header`] to bytes, the same that NumPy writes (`_write_array_header`).

use crate::{Error, ErrorKind, Header, MAGIC, Version};
use dtype::{Layout, Order};
use std::fmt;

/// The number of digits that NumPy leaves room for on the axis along which an array grows.
const GROWTH_AXIS_MAX_DIGITS: usize = 21;

/// The data begins at a multiple of this.
const ALIGNMENT: usize = 64;

impl Header {
    /// The bytes of the header, padded so that the data after it is aligned to 64.
    ///
    /// The text leaves room for the growth axis (the first, in Fortran order the last) to become longer without
    /// moving the data.
    ///
    /// # Errors
    /// `VersionTooOld` if [`with_version`](Header::with_version) asked for a version that cannot hold the text.
    pub fn encode(&self) -> Result<Vec<u8>, Error> {
        let begin = self.version.text_offset();
        let length = begin + self.text()?.len() + growth_padding(&self.layout) + 1;
        // NumPy pads by 1 to 64 bytes; the last of them is the newline.
        self.encode_in(length - length % ALIGNMENT + ALIGNMENT)
    }

    /// The bytes of the header, padded so that the data after it begins at `data_offset`: for a file that has
    /// grown, whose header is overwritten.
    ///
    /// ```
    /// use npy_header::{Header, dtype::{DType, Layout, Order}};
    /// let header = |rows| Layout::new(DType::F64, [rows], Order::C).map(Header::new);
    /// let grown = header(1_000_000)?.encode_in(header(0)?.encode()?.len())?;
    /// assert_eq!(grown, header(1_000_000)?.encode()?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// `HeaderFull` if the text is longer; as [`encode`](Header::encode).
    pub fn encode_in(&self, data_offset: usize) -> Result<Vec<u8>, Error> {
        let too_old = Error::at(0, ErrorKind::VersionTooOld(self.version));
        let text = self.text()?;
        let begin = self.version.text_offset();
        let needed = begin + text.len() + 1;
        let Some(spaces) = data_offset.checked_sub(needed) else {
            let room = data_offset;
            return Err(Error::at(0, ErrorKind::HeaderFull { needed, room }));
        };
        let length = data_offset - begin;
        let mut bytes = Vec::with_capacity(data_offset);
        bytes.extend(MAGIC);
        bytes.extend(self.version.to_bytes());
        match self.version {
            Version::V1 => bytes.extend(u16::try_from(length).map_err(|_| too_old)?.to_le_bytes()),
            _ => bytes.extend(u32::try_from(length).map_err(|_| too_old)?.to_le_bytes()),
        }
        bytes.extend(text);
        bytes.extend(std::iter::repeat_n(b' ', spaces));
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// The dict in the version's encoding.
    fn text(&self) -> Result<Vec<u8>, Error> {
        let text = HeaderDict(&self.layout).to_string();
        match self.version {
            Version::V3 => Ok(text.into_bytes()),
            version => latin1(&text).ok_or(Error::at(0, ErrorKind::VersionTooOld(version))),
        }
    }
}

/// The oldest version that can hold the header of `layout`.
pub(crate) fn oldest_version(layout: &Layout) -> Version {
    let text = HeaderDict(layout).to_string();
    match latin1(&text).map(|bytes| bytes.len() + growth_padding(layout) + ALIGNMENT + 1) {
        None => Version::V3,
        Some(length) if length <= usize::from(u16::MAX) => Version::V1,
        // Close to the limit, the padding decides.
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

/// The length of the axis along which an array grows.
fn growth_axis(layout: &Layout) -> Option<usize> {
    if is_fortran(layout) {
        layout.shape().last().copied()
    } else {
        layout.shape().first().copied()
    }
}

/// Arrays that are in both orders are written as False.
fn is_fortran(layout: &Layout) -> bool {
    layout.order() == Order::Fortran && !layout.is_c_contiguous()
}

/// The number of spaces that leave room for the growth axis to become longer.
fn growth_padding(layout: &Layout) -> usize {
    let digits = growth_axis(layout).map(|length| length.to_string().len());
    digits.map_or(0, |digits| GROWTH_AXIS_MAX_DIGITS - digits)
}

/// The dict, without padding.
struct HeaderDict<'a>(&'a Layout);

impl fmt::Display for HeaderDict<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let HeaderDict(layout) = self;
        let fortran_order = if is_fortran(layout) { "True" } else { "False" };
        let (descr, shape) = (layout.dtype().descr(), layout.shape_tuple());
        write!(
            f,
            "{{'descr': {descr}, 'fortran_order': {fortran_order}, 'shape': {shape}, }}"
        )
    }
}
