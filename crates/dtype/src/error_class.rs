//! What a caller can do about an error: [`ErrorClass`].

/// What a caller can do about an error, from this crate or from those that build on it.
///
/// ```
/// use dtype::{DType, ErrorClass};
/// assert_eq!("<q9".parse::<DType>().unwrap_err().class(), ErrorClass::Format);
/// assert_eq!("<M8[foo]".parse::<DType>().unwrap_err().class(), ErrorClass::Format);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorClass {
    /// There is no such file.
    NotFound,
    /// The archive has no such member.
    NoMember,
    /// The file is empty, or the stream is at its end.
    Empty,
    /// Another program, or another part of this program, is using the file.
    Busy,
    /// The system failed: no permission, no space, a broken disk.
    Io,
    /// The data is invalid: corrupt, truncated, or of another format.
    Format,
    /// The data is valid, but uses something that is not supported.
    Unsupported,
    /// The data is valid, but not what was asked for: another dtype, another number of items.
    Mismatch,
    /// A limit was exceeded, of memory or of the options.
    Limit,
    /// The work was cancelled.
    Cancelled,
}
