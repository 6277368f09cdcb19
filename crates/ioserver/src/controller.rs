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
///
/// # Route files
///
/// A file is an array of Fastify's route options, with the names of methods where functions stand:
///
/// | option | value |
/// |---|---|
/// | `method` | a method or a list of them |
/// | `url` | find-my-way's patterns: `/:id`, `/:from-:to`, `/:n(^\\d+$)`, `/:page?`, `/files/*` |
/// | `handler`, `errorHandler` | a name |
/// | `onRequest`, `preParsing`, `preValidation`, `preHandler`, `preSerialization`, `onSend`, `onResponse` | a name or a list of names |
/// | `schema` | `params`, `body`, `querystring` (or `query`), `headers`, `response` |
/// | `attachValidation` | `true`: the handler asks [`Request::validation_error`] itself |
/// | `bodyLimit` | bytes |
/// | `accepts` | media types besides JSON and text |
/// | `exposeHeadRoute` | whether the GET route answers HEAD (`true`) |
/// | `constraints` | `host` (a text, or `{ "regex": "…" }`) and `version` (`Accept-Version`) |
/// | `config` | anything, for [`Request::route_config`] |
/// | `prefixTrailingSlash` | without effect, as in the original |
///
/// Anything else is refused by its name when the controller is added, and so is a name that no
/// method has.
///
/// # The way of a request
///
/// `onRequest`, `preParsing`, `preValidation`, the middlewares, the body, the schema, `preHandler`,
/// the handler; then `preSerialization` (for JSON only), the response schema and `onSend`; and
/// `onResponse` when the reply is on its way. A hook ends the way to the handler by returning an
/// error, which goes to `errorHandler`, or a [`Reply`], which is the answer. The hooks on replies
/// see errors and such answers too.
///
/// An error that `errorHandler`, `preSerialization`, the response schema or `onSend` gives is
/// answered by whoever comes next: `errorHandler`, the server's own answer, then a bare one that
/// names the status. `preParsing` looks at the request and cannot replace the stream of its body;
/// [`Request::set_body`] replaces the parsed body.
///
/// # Schemas
///
/// JSON Schema draft 7, compiled when the controller is added, with what Fastify's Ajv adds: types
/// are coerced, defaults filled in, members removed under `additionalProperties: false`, and the
/// first failure is a 400 in Ajv's words, such as `body/name must be string`. What Ajv's strict mode
/// refuses is refused. Handlers see the coerced values. Departures, each where the original lets
/// through what the schema does not allow:
///
/// - `"Infinity"` is no number; a value at the root of a part is coerced for the handler too; the
///   only item of a list never stands for the list in later keywords.
/// - A body of a content type that `body.content` does not name, and one that is left for the
///   handler to read, is 415.
/// - A schema that leads back to itself without an end is refused, and a value that is too deep or
///   would take too long for a schema that contains itself is a 400.
/// - `formatMinimum` and its kin are refused.
/// - In replies, `additionalProperties: false` holds beside `patternProperties`, `additionalItems`
///   holds after a tuple, and texts of dates are escaped.
pub trait BaseController: Send + Sync + Sized + 'static {
    /// Names the methods that the route file may refer to.
    fn handlers(on: &mut Handlers<Self>);
}

/// What a hook returns: nothing, or a `Result` whose error is the answer to the client.
///
/// An [`IOServerError`] goes to the route's `errorHandler`; a [`Reply`] is sent as it is.
#[diagnostic::on_unimplemented(
    message = "a hook cannot return `{Self}`",
    note = "return nothing, or a `Result<(), E>` whose error is the answer: an `IOServerError` or a `Reply`"
)]
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
    pub(crate) bodies: BTreeMap<&'static str, &'static str>,
    pub(crate) hooks: BTreeMap<&'static str, Hook<C>>,
    pub(crate) reply_hooks: BTreeMap<&'static str, ReplyHook<C>>,
    pub(crate) error_handlers: BTreeMap<&'static str, ErrorHandler<C>>,
}

impl<C: Send + Sync + 'static> Handlers<C> {
    pub(crate) fn new() -> Self {
        let (handlers, bodies, hooks, reply_hooks, error_handlers) = Default::default();
        Self { handlers, bodies, hooks, reply_hooks, error_handlers }
    }

    /// Lets routes name `method` as their `handler`.
    pub fn handler<F, A, R>(&mut self, name: &'static str, method: F) -> &mut Self
    where
        F: for<'a> AsyncMethod<'a, C, A, Output = R> + Copy + Send + Sync + 'static,
        A: FromRequest,
        R: IntoReply,
    {
        self.reads(name, A::BODY).handler_fn(name, move |controller, request| {
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

    /// Says which media type a handler's body has, if that is neither JSON nor text, as
    /// [`FromRequest::BODY`] does: a route that does not accept it is refused.
    pub fn reads(&mut self, name: &'static str, media_type: Option<&'static str>) -> &mut Self {
        if let Some(media_type) = media_type {
            self.bodies.insert(name, media_type);
        }
        self
    }

    /// Lets routes name `method` as their `onRequest`, `preParsing`, `preValidation` or
    /// `preHandler`: an `async fn(&self, &mut Request)` that returns nothing or a `Result<(), E>`.
    #[doc(alias = "onRequest")]
    #[doc(alias = "preParsing")]
    #[doc(alias = "preValidation")]
    #[doc(alias = "preHandler")]
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

    /// Lets routes name `method` as their `preSerialization`, `onSend` or `onResponse`: an
    /// `async fn(&self, &mut Request, &mut Reply)` that returns nothing or a `Result<(), E>`.
    #[doc(alias = "preSerialization")]
    #[doc(alias = "onSend")]
    #[doc(alias = "onResponse")]
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

    /// Lets routes name `method` as their `errorHandler`: an
    /// `async fn(&self, &mut Request, IOServerError)` that returns a reply.
    #[doc(alias = "errorHandler")]
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
