//! The HTTP client of the stores that are made for an address: [`Client`].

use crate::options::RemoteOptions;
use object_store::client::{
    DnsFuture, DnsResolver, HttpClient, HttpConnector, HttpError, ReqwestConnector,
};
use object_store::{BackoffConfig, ClientOptions, ObjectStore, Result, RetryConfig};
use std::collections::HashMap;
use std::error::Error;
use std::net::ToSocketAddrs;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;
use url::Url;

/// Whether this error is of a connection, rather than an answer.
pub(crate) fn is_of_connection(error: &(dyn Error + 'static)) -> bool {
    error.is::<HttpError>()
}

/// The wait before a request is repeated; each is about twice as long as the one before.
const FIRST_WAIT: Duration = Duration::from_millis(50);

/// A client whose connections all stores share that it makes.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    /// One for each timeout, with and without TLS only.
    connectors: Arc<Mutex<HashMap<(Duration, bool), Shared>>>,
    resolver: Option<Arc<dyn DnsResolver>>,
}

/// The first client that was made, for all.
#[derive(Clone, Debug, Default)]
struct Shared(Arc<OnceLock<HttpClient>>);

impl HttpConnector for Shared {
    fn connect(&self, options: &ClientOptions) -> Result<HttpClient> {
        if let Some(client) = self.0.get() {
            return Ok(client.clone());
        }
        let client = ReqwestConnector::default().connect(options)?;
        Ok(self.0.get_or_init(|| client).clone())
    }
}

/// Looks names up as the system does, in the thread that waits for the connection.
#[derive(Debug)]
pub(crate) struct InThread;

impl DnsResolver for InThread {
    fn resolve(&self, host: &str) -> DnsFuture {
        let host = host.to_owned();
        Box::pin(async move {
            let found = (host.as_str(), 0).to_socket_addrs()?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

impl Client {
    /// A client without connections that looks names up with this, or as its runtime does.
    pub(crate) fn new(resolver: Option<Arc<dyn DnsResolver>>) -> Client {
        // One that the program has chosen stays. If two threads do this at once, the second finds the first one's.
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            let _ = rustls::crypto::ring::default_provider().install_default();
        }
        let connectors = Arc::default();
        Client {
            connectors,
            resolver,
        }
    }

    fn connector(&self, options: &RemoteOptions, allow_http: bool) -> Shared {
        let connectors = self.connectors.lock();
        let mut connectors = connectors.unwrap_or_else(PoisonError::into_inner);
        let key = (options.timeout, allow_http);
        connectors.entry(key).or_default().clone()
    }

    fn options(&self, options: &RemoteOptions, allow_http: bool) -> ClientOptions {
        let client = ClientOptions::new()
            .with_timeout(options.timeout)
            .with_allow_http(allow_http);
        match &self.resolver {
            Some(resolver) => client.with_dns_resolver(Arc::clone(resolver)),
            None => client,
        }
    }
}

fn retry(options: &RemoteOptions) -> RetryConfig {
    RetryConfig {
        backoff: BackoffConfig {
            init_backoff: FIRST_WAIT,
            ..BackoffConfig::default()
        },
        max_retries: options.retries,
        retry_timeout: options.retry_timeout,
    }
}

/// The variables of the environment that begin with this, for a store.
#[cfg(any(feature = "aws", feature = "gcp", feature = "azure"))]
pub(crate) fn environment(prefix: &str) -> Vec<(String, String)> {
    let variables = std::env::vars_os().filter_map(|(name, value)| {
        let (name, value) = (name.into_string().ok()?, value.into_string().ok()?);
        name.starts_with(prefix).then_some((name, value))
    });
    variables.collect()
}

/// Whether they name a server without TLS, as those for tests are.
#[cfg(any(feature = "aws", feature = "gcp", feature = "azure"))]
fn is_plain(variables: &[(String, String)]) -> bool {
    let mut endpoints = variables
        .iter()
        .filter(|(name, _)| name.contains("ENDPOINT"));
    endpoints.any(|(_, value)| value.starts_with("http://"))
}

/// A store's builder with everything that the address, the options and the environment say.
#[cfg(any(feature = "aws", feature = "gcp", feature = "azure"))]
macro_rules! store {
    ($client:expr, $builder:ty, $prefix:literal, $url:expr, $options:expr) => {{
        let variables = environment($prefix);
        let allow_http = is_plain(&variables);
        let builder = <$builder>::new()
            .with_url($url.as_str())
            .with_client_options($client.options($options, allow_http))
            .with_http_connector($client.connector($options, allow_http))
            .with_retry(retry($options));
        let builder = variables
            .into_iter()
            .fold(builder, |builder, (name, value)| {
                // Others with this prefix are for other programs.
                match name.to_ascii_lowercase().parse() {
                    Ok(key) => builder.with_config(key, value),
                    Err(_) => builder,
                }
            });
        Ok(Arc::new(builder.build()?))
    }};
}

impl Client {
    #[cfg(feature = "http")]
    pub(crate) fn http(&self, url: &Url, options: &RemoteOptions) -> Result<Arc<dyn ObjectStore>> {
        let store = object_store::http::HttpBuilder::new()
            .with_url(url.as_str())
            .with_client_options(self.options(options, true))
            .with_http_connector(self.connector(options, true))
            .with_retry(retry(options));
        Ok(Arc::new(store.build()?))
    }

    #[cfg(feature = "aws")]
    pub(crate) fn aws(&self, url: &Url, options: &RemoteOptions) -> Result<Arc<dyn ObjectStore>> {
        store!(
            self,
            object_store::aws::AmazonS3Builder,
            "AWS_",
            url,
            options
        )
    }

    #[cfg(feature = "gcp")]
    pub(crate) fn gcp(&self, url: &Url, options: &RemoteOptions) -> Result<Arc<dyn ObjectStore>> {
        store!(
            self,
            object_store::gcp::GoogleCloudStorageBuilder,
            "GOOGLE_",
            url,
            options
        )
    }

    #[cfg(feature = "azure")]
    pub(crate) fn azure(&self, url: &Url, options: &RemoteOptions) -> Result<Arc<dyn ObjectStore>> {
        store!(
            self,
            object_store::azure::MicrosoftAzureBuilder,
            "AZURE_",
            url,
            options
        )
    }
}
