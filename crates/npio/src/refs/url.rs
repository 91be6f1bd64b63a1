//! Addresses of files, as fsspec takes them.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io;
use std::path::{self, Component, Path};

/// The address of a file on this machine: `file://` and its absolute path. Links are only followed if there is a `..` in the path.
///
/// Nothing in the path is escaped: fsspec takes what follows `file://` as it is.
///
/// ```
/// # if cfg!(unix) {
/// assert_eq!(npio::refs::file_url("/data/a b.npy")?, "file:///data/a b.npy");
/// # }
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// `InvalidInput` for a path that is not Unicode; no current folder; a path with `..` that does not exist.
pub fn file_url(path: impl AsRef<Path>) -> io::Result<String> {
    let mut path = path::absolute(path)?;
    if path.components().any(|part| part == Component::ParentDir) {
        // After a link it is the system that knows where this leads.
        path = path.canonicalize()?;
    }
    let path = with_slashes(unicode(&path)?);
    // On Windows it begins with the letter of a drive.
    let root = if path.starts_with('/') { "" } else { "/" };
    Ok(format!("file://{root}{path}"))
}

/// The address of a file under another one, such as that of a bucket: a relative path is kept, and of an absolute one the
/// last name.
///
/// Characters with a meaning in an address are escaped for `http://` and `https://`; the keys of object stores are
/// written as they are, as fsspec takes them.
///
/// ```
/// use npio::refs::url_in;
/// assert_eq!(url_in("s3://bucket/dir/", "run 1/x.npy")?, "s3://bucket/dir/run 1/x.npy");
/// assert_eq!(url_in("https://host/dir", "./run 1/x.npy")?, "https://host/dir/run%201/x.npy");
/// assert!(url_in("s3://bucket", "../x.npy").is_err());
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// `InvalidInput`: a path that is not Unicode, or that has `..` in it; an address without a scheme, or with a query.
pub fn url_in(prefix: &str, path: impl AsRef<Path>) -> io::Result<String> {
    let path = path.as_ref();
    let invalid = |message: &str| io::Error::new(io::ErrorKind::InvalidInput, message);
    let parts = prefix.split_once("://");
    let Some((scheme, rest)) = parts.filter(|(scheme, _)| !scheme.is_empty()) else {
        return Err(invalid(
            "the prefix is not an address such as s3://bucket/dir",
        ));
    };
    let is_http = matches!(scheme, "http" | "https");
    if is_http && prefix.contains(['?', '#']) {
        return Err(invalid(
            "the prefix has a query, which would follow the name of the file",
        ));
    }
    let mut url = format!("{scheme}://{}", rest.trim_end_matches('/'));
    let mut add = |name: &str| {
        let name = if is_http { escaped(name) } else { name.into() };
        if !url.ends_with("://") || rest.starts_with('/') {
            url.push('/');
        }
        url.push_str(&name);
    };
    if path.is_absolute() {
        let name = path
            .file_name()
            .ok_or_else(|| invalid("the path has no name"))?;
        add(unicode(Path::new(name))?);
        return Ok(url);
    }
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::Normal(name) => add(unicode(Path::new(name))?),
            _ => {
                return Err(invalid(
                    "the path leads out of the folder, which has no address under the prefix",
                ));
            }
        }
    }
    Ok(url)
}

fn unicode(path: &Path) -> io::Result<&str> {
    path.to_str()
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "the path is not Unicode"))
}

/// The path with slashes, whatever the system separates names with.
fn with_slashes(path: &str) -> Cow<'_, str> {
    if cfg!(windows) {
        path.replace('\\', "/").into()
    } else {
        path.into()
    }
}

/// A name in the path of an address: everything that is not unreserved is escaped.
fn escaped(name: &str) -> Cow<'_, str> {
    let mut escaped = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            escaped.push(byte.into());
        } else {
            // A string takes everything.
            let _ = write!(escaped, "%{byte:02X}");
        }
    }
    escaped.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_this_machine_are_absolute() {
        let url = file_url("./x#1.npy").unwrap();
        assert!(url.starts_with("file:///"), "{url}");
        assert!(url.ends_with("/x#1.npy") && !url.contains("/./"), "{url}");
        assert!(!file_url("src/../src").unwrap().contains(".."));
    }

    #[test]
    fn addresses_under_a_prefix() {
        let at = |prefix: &str, path: &str| url_in(prefix, path).map_err(|error| error.to_string());
        assert_eq!(at("gs://b", "x.npy").unwrap(), "gs://b/x.npy");
        assert_eq!(
            at("http://h/d", "é?.npy").unwrap(),
            "http://h/d/%C3%A9%3F.npy"
        );
        assert_eq!(at("memory://", "x.npy").unwrap(), "memory://x.npy");
        assert_eq!(at("memory://", "d/x.npy").unwrap(), "memory://d/x.npy");
        assert_eq!(at("file:///", "d/x.npy").unwrap(), "file:///d/x.npy");
        assert!(
            at("bucket/dir", "x.npy")
                .unwrap_err()
                .contains("not an address")
        );
        assert!(
            at("https://h/d?sig=1", "x.npy")
                .unwrap_err()
                .contains("query")
        );
        #[cfg(unix)]
        assert_eq!(at("s3://b/d", "/data/x.npy").unwrap(), "s3://b/d/x.npy");
    }
}
