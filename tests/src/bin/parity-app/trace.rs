//! The list of strings that a request carries along.

use std::sync::{Arc, Mutex, PoisonError};

use ioserver::{Request, Result, extract::FromRequest};

/// What hooks, middlewares and handlers of one request have pushed, in their order.
#[derive(Clone, Default)]
pub(crate) struct Trace(Arc<Mutex<Vec<String>>>);

impl Trace {
    /// The request's list, made when it is first asked for.
    pub(crate) fn of(request: &mut Request) -> Self {
        request.extensions_mut().get_or_insert_default::<Self>().clone()
    }

    pub(crate) fn push(&self, text: impl Into<String>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(text.into());
    }

    pub(crate) fn copy(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn joined(&self) -> String {
        self.copy().join(" ")
    }
}

impl FromRequest for Trace {
    async fn from_request(request: &mut Request) -> Result<Self> {
        Ok(Self::of(request))
    }
}
