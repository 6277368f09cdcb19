//! Services: async methods that answer Socket.IO events.

mod call;
mod payload;

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    sync::Arc,
};

use crate::{BoxFuture, IOServerError, LogLevel, Result, method::AsyncMethod, task::catch_panic};

pub use crate::method::Args;
pub(crate) use call::{Acked, fail};
pub use call::{Call, EventName, FromEvent, IntoAck};
pub use payload::{Arguments, Payload};

/// Answers the events of one namespace.
///
/// `#[service]` on the inherent `impl` block writes [`events`](BaseService::events) from the
/// block's public async methods; write it by hand to choose names or to leave methods out.
///
/// Methods named `disconnect` and `disconnecting` are no events: they run when a client goes, with
/// the [`Socket`](crate::Socket) and the [`DisconnectReason`](crate::DisconnectReason). Nor is
/// `connect`: it runs once the client has heard that it is connected, with the socket and what the
/// client sent as `auth`. (No client can send an event of that name; the original never calls it.)
pub trait BaseService: Send + Sync + Sized + 'static {
    /// Names the events that the service answers.
    fn events(on: &mut Events<Self>);
}

/// The events of a service, by name.
pub struct Events<S> {
    handlers: BTreeMap<&'static str, Handler<S>>,
    any: Option<Handler<S>>,
    rejected: Vec<String>,
}

type Handler<S> =
    Arc<dyn for<'a> Fn(&'a S, &'a mut Call) -> BoxFuture<'a, Result<()>> + Send + Sync>;

impl<S: Send + Sync + 'static> Events<S> {
    pub(crate) fn new() -> Self {
        Self { handlers: BTreeMap::new(), any: None, rejected: Vec::new() }
    }

    /// Answers `event` with a method such as `Self::send_message`.
    ///
    /// An event that is named twice, whose name Socket.IO keeps for itself, or whose name begins
    /// with `_` is an error of [`add_service`](crate::IOServer::add_service).
    pub fn event<F, A, R>(&mut self, event: &'static str, method: F) -> &mut Self
    where
        F: for<'a> AsyncMethod<'a, S, A, Output = R> + Copy + Send + Sync + 'static,
        A: FromEvent + Send,
        R: IntoAck + Send,
    {
        self.event_fn(event, move |service, call| {
            Box::pin(async move {
                let arguments = A::from_event(call)?;
                method.invoke(service, arguments).await.into_ack(call.ack())
            })
        })
    }

    /// Answers `event` with a function that takes the call apart itself. `#[service]` writes these.
    pub fn event_fn<F>(&mut self, event: &'static str, function: F) -> &mut Self
    where
        F: for<'a> Fn(&'a S, &'a mut Call) -> BoxFuture<'a, Result<()>> + Send + Sync + 'static,
    {
        if matches!(event, "connect_error" | "newListener" | "removeListener" | "") {
            self.rejected
                .push(format!("event `{event}` is a name that Socket.IO keeps for itself"));
        }
        if event.starts_with('_') {
            // The original exposes no method of such a name.
            self.rejected.push(format!("event `{event}` begins with `_` and is never exposed"));
        }
        if self.handlers.insert(event, Arc::new(function)).is_some() {
            self.rejected.push(format!("event `{event}` is named twice"));
        }
        self
    }

    /// Calls a method with every event, before the event's own method if it has one. Only an event
    /// without one can be answered here.
    ///
    /// The method is told the event's [`EventName`].
    #[doc(alias = "onAny")]
    pub fn any<F, A, R>(&mut self, method: F) -> &mut Self
    where
        F: for<'a> AsyncMethod<'a, S, A, Output = R> + Copy + Send + Sync + 'static,
        A: FromEvent + Send,
        R: IntoAck + Send,
    {
        self.any_fn(move |service, call| {
            Box::pin(async move {
                let arguments = A::from_event(call)?;
                method.invoke(service, arguments).await.into_ack(call.ack())
            })
        })
    }

    /// Like [`any`](Self::any), with a function that takes the call apart itself. `#[any]` writes
    /// it.
    pub fn any_fn<F>(&mut self, function: F) -> &mut Self
    where
        F: for<'a> Fn(&'a S, &'a mut Call) -> BoxFuture<'a, Result<()>> + Send + Sync + 'static,
    {
        if self.any.replace(Arc::new(function)).is_some() {
            self.rejected.push("two methods are for any event".into());
        }
        self
    }

    /// Ties the handlers to the service, so that serving does not know its type.
    pub(crate) fn bind(self, service: &Arc<S>, name: &str) -> Result<ServiceEvents> {
        if let Some(problem) = self.rejected.first() {
            return Err(IOServerError::new(format!("service `{name}`: {problem}"), 500));
        }
        let bound = |(event, handler)| (event, erase(service, event, handler));
        let mut by_name: HashMap<_, _> = self.handlers.into_iter().map(bound).collect();
        let connect = by_name.remove("connect");
        let disconnecting = by_name.remove("disconnecting");
        let disconnect = by_name.remove("disconnect");
        let any = self.any.map(|handler| erase(service, "any", handler));
        Ok(ServiceEvents { by_name, any, connect, disconnecting, disconnect })
    }
}

impl<S> fmt::Debug for Events<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.handlers.keys()).finish()
    }
}

/// What answers one event: it never fails, because it has told the client.
pub(crate) type EventHandler = Box<dyn Fn(Call) -> BoxFuture<'static, ()> + Send + Sync>;

/// The events of a namespace, tied to its service.
#[derive(Default)]
pub(crate) struct ServiceEvents {
    by_name: HashMap<&'static str, EventHandler>,
    pub(crate) any: Option<EventHandler>,
    pub(crate) connect: Option<EventHandler>,
    pub(crate) disconnecting: Option<EventHandler>,
    pub(crate) disconnect: Option<EventHandler>,
}

impl ServiceEvents {
    /// The names of the events, in order.
    pub(crate) fn names(&self) -> Vec<&'static str> {
        let mut names: Vec<_> = self.by_name.keys().copied().collect();
        names.sort_unstable();
        names
    }

    pub(crate) fn find(&self, event: &str) -> Option<&EventHandler> {
        self.by_name.get(event)
    }
}

fn erase<S: Send + Sync + 'static>(
    service: &Arc<S>,
    event: &'static str,
    handler: Handler<S>,
) -> EventHandler {
    let service = Arc::clone(service);
    Box::new(move |call: Call| {
        let (service, handler) = (Arc::clone(&service), Arc::clone(&handler));
        let mut call = call.of(event);
        Box::pin(async move {
            let outcome = catch_panic(async { handler(&service, &mut call).await }).await;
            let result = outcome.unwrap_or_else(|_| {
                let text =
                    format_args!("event `{event}` of namespace `{}` panicked", call.socket().ns());
                call.app().log(LogLevel::Error, text);
                Err(IOServerError::panicked())
            });
            if let Err(error) = result {
                call.fail(&error);
            }
        })
    })
}
