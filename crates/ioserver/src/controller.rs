//! Controllers: async methods that answer HTTP routes, found by the names in a route file.

use std::{collections::BTreeMap, fmt, sync::Arc};

use crate::{
    BoxFuture, IOServerError, IntoReply, Reply, Request,
    extract::FromRequest,
    method::{AsyncErrorHandler, AsyncHook, AsyncMethod, AsyncReplyHook},
};

/// Answers the routes of one route file.
///
/// `#[controller]` on the inherent `impl` block writes [`handlers`](BaseController::handlers) from
/// the block's public async methods.
pub trait BaseController: Send + Sync + Sized + 'static {
    /// Names the methods that the route file may refer to.
    fn handlers(on: &mut Handlers<Self>);
}

/// What a hook returns: nothing, or a `Result` whose error is the answer to the client.
///
/// An [`IOServerError`] goes to the route's `errorHandler`; a [`Reply`] is sent as it is.
pub trait IntoVerdict {
    /// `Err` is the answer.
    ///
    /// # Errors
    ///
    /// The answer to the client; the handler does not run.
    fn into_verdict(self) -> Result<(), Reply>;
}

impl IntoVerdict for () {
    fn into_verdict(self) -> Result<(), Reply> {
        Ok(())
    }
}

impl<E: Into<Reply>> IntoVerdict for Result<(), E> {
    fn into_verdict(self) -> Result<(), Reply> {
        self.map_err(Into::into)
    }
}

pub(crate) type Handler<C> =
    Arc<dyn for<'a> Fn(&'a C, &'a mut Request) -> BoxFuture<'a, Reply> + Send + Sync>;
pub(crate) type Hook<C> =
    Arc<dyn for<'a> Fn(&'a C, &'a mut Request) -> BoxFuture<'a, Result<(), Reply>> + Send + Sync>;
pub(crate) type ReplyHook<C> = Arc<
    dyn for<'a> Fn(&'a C, &'a mut Request, &'a mut Reply) -> BoxFuture<'a, Result<(), Reply>>
        + Send
        + Sync,
>;
pub(crate) type ErrorHandler<C> = Arc<
    dyn for<'a> Fn(&'a C, &'a mut Request, IOServerError) -> BoxFuture<'a, Reply> + Send + Sync,
>;

/// The methods of a controller, by the names that route files use.
///
/// Handlers and the three kinds of hooks are name spaces of their own: a method can be more than
/// one of them.
pub struct Handlers<C> {
    pub(crate) handlers: BTreeMap<&'static str, Handler<C>>,
    pub(crate) hooks: BTreeMap<&'static str, Hook<C>>,
    pub(crate) reply_hooks: BTreeMap<&'static str, ReplyHook<C>>,
    pub(crate) error_handlers: BTreeMap<&'static str, ErrorHandler<C>>,
}

impl<C: Send + Sync + 'static> Handlers<C> {
    pub(crate) fn new() -> Self {
        let (handlers, hooks, reply_hooks, error_handlers) = Default::default();
        Self { handlers, hooks, reply_hooks, error_handlers }
    }

    /// Lets routes name `method` as their `handler`.
    pub fn handler<F, A, R>(&mut self, name: &'static str, method: F) -> &mut Self
    where
        F: for<'a> AsyncMethod<'a, C, A, Output = R> + Copy + Send + Sync + 'static,
        A: FromRequest,
        R: IntoReply,
    {
        self.handler_fn(name, move |controller, request| {
            Box::pin(async move {
                match A::from_request(request).await {
                    Ok(args) => method.invoke(controller, args).await.into_reply(),
                    Err(error) => error.into(),
                }
            })
        })
    }

    /// Lets routes name a function that takes the request apart itself. `#[controller]` writes
    /// these.
    pub fn handler_fn<F>(&mut self, name: &'static str, function: F) -> &mut Self
    where
        F: for<'a> Fn(&'a C, &'a mut Request) -> BoxFuture<'a, Reply> + Send + Sync + 'static,
    {
        self.handlers.insert(name, Arc::new(function));
        self
    }

    /// Lets routes name `method` as their `onRequest`, `preParsing`, `preValidation` or
    /// `preHandler`.
    pub fn hook<F, R>(&mut self, name: &'static str, method: F) -> &mut Self
    where
        F: for<'a> AsyncHook<'a, C, Output = R> + Copy + Send + Sync + 'static,
        R: IntoVerdict,
    {
        let hook: Hook<C> = Arc::new(move |this, request| {
            Box::pin(async move { method.invoke(this, request).await.into_verdict() })
        });
        self.hooks.insert(name, hook);
        self
    }

    /// Lets routes name `method` as their `preSerialization`, `onSend` or `onResponse`.
    pub fn reply_hook<F, R>(&mut self, name: &'static str, method: F) -> &mut Self
    where
        F: for<'a> AsyncReplyHook<'a, C, Output = R> + Copy + Send + Sync + 'static,
        R: IntoVerdict,
    {
        let hook: ReplyHook<C> = Arc::new(move |this, request, reply| {
            Box::pin(async move { method.invoke(this, request, reply).await.into_verdict() })
        });
        self.reply_hooks.insert(name, hook);
        self
    }

    /// Lets routes name `method` as their `errorHandler`.
    pub fn error_handler<F, R>(&mut self, name: &'static str, method: F) -> &mut Self
    where
        F: for<'a> AsyncErrorHandler<'a, C, Output = R> + Copy + Send + Sync + 'static,
        R: IntoReply,
    {
        let handler: ErrorHandler<C> = Arc::new(move |this, request, error| {
            Box::pin(async move { method.invoke(this, request, error).await.into_reply() })
        });
        self.error_handlers.insert(name, handler);
        self
    }
}

impl<C> fmt::Debug for Handlers<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handlers")
            .field("handlers", &self.handlers.keys())
            .field("hooks", &self.hooks.keys())
            .field("reply_hooks", &self.reply_hooks.keys())
            .field("error_handlers", &self.error_handlers.keys())
            .finish()
    }
}
