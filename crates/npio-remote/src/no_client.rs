//! In a build without any address: [`Client`].

use std::sync::Arc;

/// No client.
#[derive(Clone, Debug)]
pub(crate) struct Client;

/// No resolver.
pub(crate) struct InThread;

impl Client {
    pub(crate) fn new(_: Option<Arc<InThread>>) -> Client {
        Client
    }
}
