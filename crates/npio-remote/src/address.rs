//! The address of an object: [`Address`].

use crate::client::Client;
use crate::options::RemoteOptions;
use crate::problem::Problem;
use npio::Error;
use object_store::ObjectStore;
use object_store::path::Path;
use std::sync::Arc;
use url::Url;

/// Whether a text is the address of a remote object, rather than a path: it begins with a scheme that is read here,
/// with whatever features.
///
/// ```
/// assert!(npio_remote::is_url("https://example.org/x.npy"));
/// assert!(npio_remote::is_url("s3://bucket/x.npz"));
/// assert!(!npio_remote::is_url("folder/x.npy"));
/// ```
pub fn is_url(text: &str) -> bool {
    let scheme = text.split_once("://").map(|(scheme, _)| scheme);
    scheme.is_some_and(|scheme| Scheme::of(scheme).is_some())
}

/// An address as errors show it: without user and password, and without a query, which may be a signature.
///
/// ```
/// let url = "https://me:secret@example.org/x.npy?signature=secret";
/// assert_eq!(npio_remote::without_credentials(url), "https://example.org/x.npy");
/// ```
pub fn without_credentials(url: &str) -> String {
    // What cannot be parsed cannot be read, and may have them anywhere.
    Address::parse(url).map_or_else(|_| scheme_of(url).to_owned(), |address| address.shown())
}

fn scheme_of(url: &str) -> &str {
    url.split_once("://").map_or("URL", |(scheme, _)| scheme)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scheme {
    Http,
    Aws,
    Gcp,
    Azure,
}

impl Scheme {
    fn of(name: &str) -> Option<Scheme> {
        match name.to_ascii_lowercase().as_str() {
            "http" | "https" => Some(Scheme::Http),
            "s3" | "s3a" => Some(Scheme::Aws),
            "gs" => Some(Scheme::Gcp),
            "az" | "abfs" | "abfss" => Some(Scheme::Azure),
            _ => None,
        }
    }

    /// The feature that reads it.
    fn feature(self) -> &'static str {
        match self {
            Scheme::Http => "http",
            Scheme::Aws => "aws",
            Scheme::Gcp => "gcp",
            Scheme::Azure => "azure",
        }
    }
}

/// The address of an object, as a URL.
#[derive(Clone, Debug)]
pub(crate) struct Address {
    url: Url,
    scheme: Scheme,
}

impl Address {
    pub(crate) fn parse(text: &str) -> Result<Address, Error> {
        let wrong = |why: String| address_error(scheme_of(text), why);
        let url = Url::parse(text).map_err(|error| wrong(format!("not a URL: {error}")))?;
        let scheme = Scheme::of(url.scheme())
            .ok_or_else(|| wrong("expected http, https, s3, gs or az before ://".to_owned()))?;
        if url.host_str().is_none_or(str::is_empty) {
            return Err(wrong("the URL names no host or bucket".to_owned()));
        }
        Ok(Address { url, scheme })
    }

    /// Without credentials: neither user and password, nor a query, which may be a signature.
    pub(crate) fn shown(&self) -> String {
        let mut url = self.url.clone();
        url.set_query(None);
        url.set_fragment(None);
        // These fail only for addresses without a host.
        let _ = url.set_password(None);
        if self.scheme == Scheme::Http {
            let _ = url.set_username("");
        }
        url.into()
    }

    /// What messages of the store must not repeat.
    pub(crate) fn secrets(&self) -> Vec<String> {
        let parts = [self.url.query(), self.url.password()];
        parts.into_iter().flatten().map(str::to_owned).collect()
    }

    /// The last part of the path, which may tell a format or a layout.
    pub(crate) fn name(&self) -> String {
        let path = percent_decoded(self.url.path());
        path.rsplit('/').next().unwrap_or_default().to_owned()
    }

    /// Everything that the store for this address depends on; `None` if each object has its own.
    #[cfg(any(feature = "aws", feature = "gcp", feature = "azure"))]
    pub(crate) fn store_key(&self, options: &RemoteOptions) -> Option<String> {
        let prefix = match self.scheme {
            Scheme::Http => return None,
            Scheme::Aws => "AWS_",
            Scheme::Gcp => "GOOGLE_",
            Scheme::Azure => "AZURE_",
        };
        let mut url = self.url.clone();
        url.set_path("");
        let mut variables = crate::client::environment(prefix);
        variables.sort();
        let (retries, timeout) = (options.retries, options.timeout);
        Some(format!("{url} {retries} {timeout:?} {variables:?}"))
    }

    /// The path of the object in its store.
    pub(crate) fn path(&self) -> Result<Path, Error> {
        // The store of an object on a web server is the object, so that its address stays as it is.
        if self.scheme == Scheme::Http {
            return Ok(Path::default());
        }
        let path = Path::from_url_path(self.url.path());
        path.map_err(|error| address_error(&self.shown(), error.to_string()))
    }

    /// The store that holds the object, read by this client.
    pub(crate) fn connect(
        &self,
        options: &RemoteOptions,
        client: &Client,
    ) -> Result<Arc<dyn ObjectStore>, Error> {
        let store = self.store(options, client).ok_or_else(|| {
            let feature = self.scheme.feature();
            let why = format!(
                "this build does not read it: build npio-remote with the feature {feature}"
            );
            address_error(&self.shown(), why)
        })?;
        store.map_err(|error| {
            let problem = Problem::of_store(&error, &self.secrets());
            address_error(&self.shown(), problem.to_string())
        })
    }

    /// The same, or `None` if this build has no such store.
    #[cfg_attr(
        not(feature = "client"),
        expect(unused_variables, reason = "it has none")
    )]
    fn store(
        &self,
        options: &RemoteOptions,
        client: &Client,
    ) -> Option<object_store::Result<Arc<dyn ObjectStore>>> {
        match self.scheme {
            #[cfg(feature = "http")]
            Scheme::Http => Some(client.http(&self.url, options)),
            #[cfg(feature = "aws")]
            Scheme::Aws => Some(client.aws(&self.url, options)),
            #[cfg(feature = "gcp")]
            Scheme::Gcp => Some(client.gcp(&self.url, options)),
            #[cfg(feature = "azure")]
            Scheme::Azure => Some(client.azure(&self.url, options)),
            #[cfg(not(all(
                feature = "http",
                feature = "aws",
                feature = "gcp",
                feature = "azure"
            )))]
            _ => None,
        }
    }
}

/// An error about an address that is shown as this.
fn address_error(shown: &str, why: String) -> Error {
    Error::from(std::io::Error::from(Problem::Address(why))).in_file(shown)
}

/// The text with its escapes `%20` resolved, if they are UTF-8.
fn percent_decoded(text: &str) -> String {
    Path::from_url_path(text).map_or_else(|_| text.to_owned(), |path| path.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_not_shown() {
        let address = Address::parse("https://me:secret@host:81/a%20b/x_f8.npy?sig=abc#f").unwrap();
        assert_eq!(address.shown(), "https://host:81/a%20b/x_f8.npy");
        assert_eq!(address.secrets(), ["sig=abc", "secret"]);
        assert_eq!(address.name(), "x_f8.npy");
        assert_eq!(
            Address::parse("s3://bucket/a/x.npz").unwrap().shown(),
            "s3://bucket/a/x.npz"
        );
        assert_eq!(
            Address::parse("az://box@account/x").unwrap().shown(),
            "az://box@account/x"
        );
    }

    #[test]
    fn what_is_no_address_is_an_error() {
        for text in [
            "x.npy",
            "ftp://host/x",
            "http://",
            "s3:///x",
            "https://me:secret@[/x",
        ] {
            let error = Address::parse(text).unwrap_err();
            assert!(!error.to_string().contains("secret"), "{error}");
        }
    }
}
