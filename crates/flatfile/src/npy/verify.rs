//! Errors in a `.npy`, and their positions.

use super::ReadOptions;
use super::rows::RowLayout;
use crate::error::{Error, ErrorKind};
use crate::read_at::ReadAt;
use dtype::Layout;
use npy_header::ErrorKind as HeaderKind;
use std::fmt;

/// The alignment at which NumPy lets the data begin.
const ALIGNMENT: u64 = 64;

/// Something about a file that its reader may want to know.
#[derive(Debug)]
pub struct Issue {
    /// The position in the file.
    pub offset: u64,
    /// The kind of issue.
    pub kind: IssueKind,
}

/// The kinds of [`Issue`].
#[derive(Debug)]
#[non_exhaustive]
pub enum IssueKind {
    /// No header, or a broken one; or data that is too short.
    Error(Error),
    /// There are bytes after the array that are not an array.
    Trailing {
        /// The number of bytes.
        bytes: u64,
        /// The number of whole rows of the array that these bytes form, if they do.
        rows: Option<u64>,
    },
    /// There is another array after the first. NumPy's `load` reads one after another from an open file.
    Another,
    /// The data does not begin at a multiple of 64, so that it may be slow to map.
    Unaligned,
    /// The data is a pickle, which was not inspected.
    Pickle,
}

impl Issue {
    /// Whether it makes the file wrong, rather than merely unusual.
    pub fn is_wrong(&self) -> bool {
        matches!(self.kind, IssueKind::Error(_) | IssueKind::Trailing { .. })
    }
}

impl fmt::Display for Issue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let offset = self.offset;
        match &self.kind {
            // The header's error includes the position itself.
            IssueKind::Error(error) if offset == 0 => error.fmt(f),
            IssueKind::Error(error) => write!(f, "from byte {offset} on: {error}"),
            IssueKind::Trailing { bytes, rows } => {
                write!(f, "{bytes} bytes follow the array, from byte {offset} on")?;
                match rows {
                    Some(rows) => write!(f, ": as many as {rows} rows take"),
                    None => Ok(()),
                }
            }
            IssueKind::Another => write!(f, "another array begins at byte {offset}"),
            IssueKind::Unaligned => write!(
                f,
                "the data begins at byte {offset}, which is not a multiple of {ALIGNMENT}"
            ),
            IssueKind::Pickle => write!(f, "the pickle at byte {offset} was not looked into"),
        }
    }
}

/// Checks headers and lengths of the arrays in a source; no data is read.
///
/// ```
/// use flatfile::{Array, npy};
/// let mut file = npy::to_bytes(&Array::from_slice(&[1.0, 2.0], [2])?)?;
/// assert!(npy::verify(&file)?.is_empty());
/// file.extend([0; 16]);
/// let issues = npy::verify(&file)?;
/// assert!(issues[0].is_wrong());
/// assert_eq!(
///     issues[0].to_string(),
///     "16 bytes follow the array, from byte 144 on: as many as 2 rows take"
/// );
/// # Ok::<(), flatfile::Error>(())
/// ```
///
/// # Errors
/// Only `Io`: everything else is an issue.
pub fn verify<S: ReadAt + ?Sized>(source: &S) -> Result<Vec<Issue>, Error> {
    let length = source.len()?;
    let mut issues = Vec::new();
    let mut next = array(source, 0, length, &mut issues)?;
    while let Some((layout, end)) = next.filter(|(_, end)| *end < length) {
        let others = issues.len();
        next = array(source, end, length, &mut issues)?;
        let offset = end;
        let kind = match issues.get(others) {
            Some(Issue {
                offset,
                kind: IssueKind::Error(error),
            }) if *offset == end && is_no_header(error) => {
                issues.truncate(others);
                let (bytes, rows) = (length - end, whole_rows(&layout, length - end));
                IssueKind::Trailing { bytes, rows }
            }
            _ => IssueKind::Another,
        };
        issues.insert(others, Issue { offset, kind });
    }
    Ok(issues)
}

/// Checks the array that begins at this byte, and returns its kind and its end if they can be determined.
fn array<S: ReadAt + ?Sized>(
    source: &S,
    begin: u64,
    length: u64,
    issues: &mut Vec<Issue>,
) -> Result<Option<(Layout, u64)>, Error> {
    let mut found = |offset, kind| issues.push(Issue { offset, kind });
    let reader = match ReadOptions::new().open_at(source, begin) {
        Ok(reader) => reader,
        Err(error) if matches!(error.kind(), ErrorKind::Io(_)) => return Err(error),
        Err(error) => {
            found(begin, IssueKind::Error(error));
            return Ok(None);
        }
    };
    let (layout, data) = (reader.layout(), reader.data_offset().unwrap_or(begin));
    if layout.dtype().has_object() {
        // Only the pickle itself states where it ends.
        found(data, IssueKind::Pickle);
        return Ok(None);
    }
    if !data.is_multiple_of(ALIGNMENT) {
        found(data, IssueKind::Unaligned);
    }
    let (expected, there) = (layout.nbytes(), length.saturating_sub(data));
    if there < expected as u64 {
        let error = Error::short(expected, there as usize);
        found(data, IssueKind::Error(error));
        return Ok(None);
    }
    Ok(Some((layout.clone(), data + expected as u64)))
}

/// Whether it means that there is no header at all.
pub(super) fn is_no_header(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Header(error) if matches!(
        error.kind(),
        HeaderKind::Magic(_) | HeaderKind::Truncated { found: 0..8, .. }
    ))
}

/// The number of rows of the array in this many bytes, if it is a whole number.
fn whole_rows(layout: &Layout, bytes: u64) -> Option<u64> {
    let one = RowLayout::of(layout).ok()?.row_nbytes().ok()? as u64;
    (one > 0 && bytes.is_multiple_of(one)).then(|| bytes / one)
}
