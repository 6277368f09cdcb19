//! One middleware trait for both protocols, and the value that a `middlewares` list holds.

use std::{fmt, sync::Arc};

use crate::{AppHandle, BoxFuture, ConnectError, Handshake, Reply, Request, Result};

mod sealed {
    #[expect(unnameable_types, reason = "that is the point of sealing")]
    pub trait Sealed {}
    impl Sealed for crate::Request {}
    impl Sealed for crate::Handshake {}
}

/// What a middleware looks at: a [`Request`] or a [`Handshake`]. Sealed.
pub trait Context: sealed::Sealed + Send + 'static {
    /// What a middleware refuses with.
    type Refusal: From<crate::IOServerError> + Send + fmt::Debug;
}

impl Context for Request {
    type Refusal = Reply;
}

impl Context for Handshake {
    type Refusal = ConnectError;
}

/// Looks at each request, or at each connecting socket, before the component does.
///
/// `C` says which: implement `BaseMiddleware<Request>` for controllers and
/// `BaseMiddleware<Handshake>` for services. A type may implement both.
///
/// # Examples
///
/// ```
/// use ioserver::{AppHandle, BaseMiddleware, IOServerError, Middleware, Reply, Request};
///
/// #[derive(Debug, Default, Middleware)]
/// #[middleware(Request)]
/// pub struct ApiKeyMiddleware {}
///
/// impl BaseMiddleware<Request> for ApiKeyMiddleware {
///     async fn handle(&self, request: &mut Request, _: &AppHandle) -> Result<(), Reply> {
///         match request.headers().get("x-api-key") {
///             Some(_) => Ok(()),
///             None => Err(IOServerError::new("no API key", 401).into()),
///         }
///     }
/// }
///
/// let middlewares = vec![ApiKeyMiddleware];
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no middleware for `{C}`",
    note = "controllers take `BaseMiddleware<Request>`, services take `BaseMiddleware<Handshake>`"
)]
pub trait BaseMiddleware<C: Context>: Send + Sync + 'static {
    /// Runs once for each place where the middleware is used, after the managers have started and
    /// before the server listens: the moment to look for settings.
    ///
    /// # Errors
    ///
    /// An error ends the start of the whole server.
    fn start(&self, _app: &AppHandle) -> Result<()> {
        Ok(())
    }

    /// Lets the context through with `Ok(())`, or refuses it.
    ///
    /// # Errors
    ///
    /// The answer to the client: a [`Reply`] over HTTP, a [`ConnectError`] on a socket.
    fn handle(
        &self,
        context: &mut C,
        app: &AppHandle,
    ) -> impl Future<Output = Result<(), C::Refusal>> + Send;
}

/// A middleware as a `middlewares` list names it: a class that is made anew for each component,
/// or an instance that components share.
pub struct Middleware<C: Context> {
    make: Make<C>,
}

enum Make<C: Context> {
    Class(fn() -> Arc<dyn ErasedMiddleware<C>>),
    Shared(Arc<dyn ErasedMiddleware<C>>),
}

impl<C: Context> Middleware<C> {
    /// Names a middleware type. `const`, so that a type can lend its name to such a value.
    #[must_use]
    pub const fn of<M: BaseMiddleware<C> + Default>() -> Self {
        Self { make: Make::Class(|| Arc::new(M::default())) }
    }

    /// Wraps a middleware that was made elsewhere, with its own settings.
    #[must_use]
    pub fn new(middleware: impl BaseMiddleware<C>) -> Self {
        Self { make: Make::Shared(Arc::new(middleware)) }
    }

    fn instantiate(&self) -> Arc<dyn ErasedMiddleware<C>> {
        match &self.make {
            Make::Class(make) => make(),
            Make::Shared(middleware) => Arc::clone(middleware),
        }
    }
}

impl<C: Context> Clone for Middleware<C> {
    fn clone(&self) -> Self {
        let make = match &self.make {
            Make::Class(make) => Make::Class(*make),
            Make::Shared(middleware) => Make::Shared(Arc::clone(middleware)),
        };
        Self { make }
    }
}

impl<C: Context> fmt::Debug for Middleware<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Middleware").field(&self.instantiate().name()).finish()
    }
}

/// The `dyn`-safe face of [`BaseMiddleware`].
trait ErasedMiddleware<C: Context>: Send + Sync {
    fn name(&self) -> &'static str;
    fn start(&self, app: &AppHandle) -> Result<()>;
    fn handle<'a>(
        &'a self,
        context: &'a mut C,
        app: &'a AppHandle,
    ) -> BoxFuture<'a, Result<(), C::Refusal>>;
}

impl<C: Context, M: BaseMiddleware<C>> ErasedMiddleware<C> for M {
    fn name(&self) -> &'static str {
        std::any::type_name::<M>()
    }

    fn start(&self, app: &AppHandle) -> Result<()> {
        BaseMiddleware::start(self, app)
    }

    fn handle<'a>(
        &'a self,
        context: &'a mut C,
        app: &'a AppHandle,
    ) -> BoxFuture<'a, Result<(), C::Refusal>> {
        Box::pin(BaseMiddleware::handle(self, context, app))
    }
}

/// A component's middlewares. They run in order, and the first refusal ends it: there is no way to
/// skip one.
pub(crate) struct Chain<C: Context> {
    middlewares: Box<[Arc<dyn ErasedMiddleware<C>>]>,
}

impl<C: Context> Chain<C> {
    pub(crate) fn new(middlewares: &[Middleware<C>]) -> Self {
        Self { middlewares: middlewares.iter().map(Middleware::instantiate).collect() }
    }

    pub(crate) fn start(&self, app: &AppHandle) -> Result<()> {
        self.middlewares.iter().try_for_each(|middleware| middleware.start(app))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.middlewares.is_empty()
    }

    pub(crate) async fn run(&self, context: &mut C, app: &AppHandle) -> Result<(), C::Refusal> {
        for middleware in &self.middlewares {
            middleware.handle(context, app).await?;
        }
        Ok(())
    }
}

impl<C: Context> fmt::Debug for Chain<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.middlewares.iter().map(|middleware| middleware.name())).finish()
    }
}
