//! In a build without any address: [`Client`].

use std::error::Error;
use std::sync::Arc;

/// There are none.
pub(crate) fn is_of_connection(_: &(dyn Error + 'static)) -> bool {
    false
}

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
