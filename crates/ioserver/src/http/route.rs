//! A route as it is served: everything its file names, tied to its controller.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::Value;

use super::{
    accepts::Accepts,
    method_names,
    routes_file::{self, RouteSpec},
    schema::{RequestSchema, ResponseSchema, RouteSchema},
};
use crate::{
    BoxFuture, IOServerError, Reply, Request,
    controller::{ErrorHandler, Handler, Handlers, Hook, ReplyHook},
    middleware::Chain,
};

/// One route. Serving it follows pointers only: no name is looked up.
pub(crate) struct Route {
    /// `onRequest`, `preParsing` and `preValidation`: nothing of ours stands between them.
    pub(crate) before: Hooks,
    pub(crate) chain: Arc<Chain<Request>>,
    pub(crate) request_schema: Option<Box<RequestSchema>>,
    pub(crate) attach_validation: bool,
    pub(crate) pre_handler: Hooks,
    pub(crate) handler: Box<dyn RunHandler>,
    pub(crate) pre_serialization: ReplyHooks,
    pub(crate) on_send: ReplyHooks,
    pub(crate) on_response: ReplyHooks,
    pub(crate) error_handler: Option<Box<dyn RunErrorHandler>>,
    pub(crate) body_limit: Option<usize>,
    pub(crate) accepts: Option<Arc<Accepts>>,
    pub(crate) answers_head: bool,
    pub(crate) has_cors: bool,
    pub(crate) response_schema: Option<Box<ResponseSchema>>,
    pub(crate) config: Option<Arc<Value>>,
}

type Hooks = Box<[Box<dyn RunHook>]>;
type ReplyHooks = Box<[Box<dyn RunReplyHook>]>;

/// A method with the controller it is called on.
struct Bound<C, F> {
    controller: Arc<C>,
    function: F,
}

pub(crate) trait RunHandler: Send + Sync {
    fn run<'a>(&'a self, request: &'a mut Request) -> BoxFuture<'a, Reply>;
}

pub(crate) trait RunHook: Send + Sync {
    fn run<'a>(&'a self, request: &'a mut Request) -> BoxFuture<'a, Result<(), Reply>>;
}

pub(crate) trait RunReplyHook: Send + Sync {
    fn run<'a>(
        &'a self,
        request: &'a mut Request,
        reply: &'a mut Reply,
    ) -> BoxFuture<'a, Result<(), Reply>>;
}

pub(crate) trait RunErrorHandler: Send + Sync {
    fn run<'a>(&'a self, request: &'a mut Request, error: IOServerError) -> BoxFuture<'a, Reply>;
}

impl<C: Send + Sync> RunHandler for Bound<C, Handler<C>> {
    fn run<'a>(&'a self, request: &'a mut Request) -> BoxFuture<'a, Reply> {
        (self.function)(&self.controller, request)
    }
}

impl<C: Send + Sync> RunHook for Bound<C, Hook<C>> {
    fn run<'a>(&'a self, request: &'a mut Request) -> BoxFuture<'a, Result<(), Reply>> {
        (self.function)(&self.controller, request)
    }
}

impl<C: Send + Sync> RunReplyHook for Bound<C, ReplyHook<C>> {
    fn run<'a>(
        &'a self,
        request: &'a mut Request,
        reply: &'a mut Reply,
    ) -> BoxFuture<'a, Result<(), Reply>> {
        (self.function)(&self.controller, request, reply)
    }
}

impl<C: Send + Sync> RunErrorHandler for Bound<C, ErrorHandler<C>> {
    fn run<'a>(&'a self, request: &'a mut Request, error: IOServerError) -> BoxFuture<'a, Reply> {
        (self.function)(&self.controller, request, error)
    }
}

/// Ties the routes of a file to a controller and its methods.
pub(crate) struct Binder<'a, C> {
    pub(crate) controller: &'a Arc<C>,
    pub(crate) methods: &'a Handlers<C>,
    pub(crate) chain: &'a Arc<Chain<Request>>,
    /// What every route of the server accepts.
    pub(crate) accepts: &'a [String],
}

impl<C: Send + Sync + 'static> Binder<'_, C> {
    /// Resolves every name; the error lists the names that there are.
    pub(crate) fn bind(&self, spec: &RouteSpec) -> Result<Route, String> {
        let Handlers { handlers, hooks, reply_hooks, error_handlers, .. } = self.methods;
        let others = Others::of(self.methods);
        let handler = find("handler", &spec.handler, handlers, &others)?;
        let accepts = Accepts::new(spec.accepts.iter().chain(self.accepts))?;
        self.check_body(&spec.handler, accepts.as_deref())?;
        let error_handler = spec.error_handler.as_deref();
        let error_handler = error_handler
            .map(|name| find("errorHandler", name, error_handlers, &others))
            .transpose()?;
        let hook = |kind: &str, names: &routes_file::OneOrMore| -> Result<Hooks, String> {
            names
                .names()
                .iter()
                .map(|name| Ok(self.hook(find(kind, name, hooks, &others)?)))
                .collect()
        };
        let reply_hook = |kind: &str,
                          names: &routes_file::OneOrMore|
         -> Result<ReplyHooks, String> {
            let find = |name: &String| Ok(self.reply_hook(find(kind, name, reply_hooks, &others)?));
            names.names().iter().map(find).collect()
        };
        let before = [
            hook("onRequest", &spec.on_request)?,
            hook("preParsing", &spec.pre_parsing)?,
            hook("preValidation", &spec.pre_validation)?,
        ];
        let schema = match &spec.schema {
            Some(schema) => RouteSchema::of(schema, &spec.methods()?)?,
            None => RouteSchema::default(),
        };
        Ok(Route {
            before: before.into_iter().flatten().collect(),
            chain: Arc::clone(self.chain),
            request_schema: schema.request.map(Box::new),
            attach_validation: spec.attach_validation,
            response_schema: schema.response.map(Box::new),
            config: spec.config.clone().map(Arc::new),
            pre_handler: hook("preHandler", &spec.pre_handler)?,
            handler: Box::new(self.tie(handler)),
            pre_serialization: reply_hook("preSerialization", &spec.pre_serialization)?,
            on_send: reply_hook("onSend", &spec.on_send)?,
            on_response: reply_hook("onResponse", &spec.on_response)?,
            error_handler: error_handler.map(|found| Box::new(self.tie(found)) as _),
            body_limit: spec.body_limit,
            accepts,
            answers_head: spec.expose_head_route,
            has_cors: spec.has_cors(),
        })
    }

    /// Refuses a route that answers 415 to every body its handler could read.
    fn check_body(&self, handler: &str, accepts: Option<&Accepts>) -> Result<(), String> {
        let bodies = &self.methods.bodies;
        let known = self.methods.handlers.keys().copied();
        let name = method_names::resolve(handler, known).ok().flatten();
        match name.and_then(|name| bodies.get(name)) {
            Some(body) if !accepts.is_some_and(|accepts| accepts.delivers(body)) => Err(format!(
                "`{handler}` reads a body of `{body}`, which the route does not accept: add \
                 `\"accepts\": [\"{body}\"]` to it"
            )),
            _ => Ok(()),
        }
    }

    fn hook(&self, hook: &Hook<C>) -> Box<dyn RunHook> {
        Box::new(self.tie(hook))
    }

    fn reply_hook(&self, hook: &ReplyHook<C>) -> Box<dyn RunReplyHook> {
        Box::new(self.tie(hook))
    }

    fn tie<F: Clone>(&self, function: &F) -> Bound<C, F> {
        Bound { controller: Arc::clone(self.controller), function: function.clone() }
    }
}

/// The method that a file names; the error lists those that there are, and says so if the name is
/// one of another kind.
fn find<'m, F>(
    kind: &str,
    name: &str,
    methods: &'m BTreeMap<&'static str, F>,
    others: &Others<'_>,
) -> Result<&'m F, String> {
    let known = methods.keys().copied();
    let found = method_names::resolve(name, known.clone()).map_err(|[one, other]| {
        format!("`{kind}` names `{name}`, which may be `{one}` or `{other}`: write one of these")
    })?;
    found.and_then(|found| methods.get(found)).ok_or_else(|| {
        let meant = method_names::nearest(name, known.clone());
        let known = known.collect::<Vec<_>>().join(", ");
        let known = if known.is_empty() { "none".to_owned() } else { known };
        let hint = match (others.hint(name), meant) {
            (hint, Some(meant)) if hint.is_empty() => format!("; did you mean `{meant}`?"),
            (hint, _) => hint,
        };
        format!("`{kind}` names `{name}`, but the controller's methods for it are: {known}{hint}")
    })
}

/// The names of all kinds of methods.
struct Others<'m>([(&'static str, Vec<&'m str>); 4]);

impl<'m> Others<'m> {
    fn of<C>(methods: &'m Handlers<C>) -> Self {
        fn names<'m, F>(methods: &'m BTreeMap<&'static str, F>) -> Vec<&'m str> {
            methods.keys().copied().collect()
        }
        Self([
            ("a handler", names(&methods.handlers)),
            ("a hook before the handler (`#[hook]`)", names(&methods.hooks)),
            ("a hook on replies (`#[hook(reply)]`)", names(&methods.reply_hooks)),
            ("an error handler (`#[hook(error)]`)", names(&methods.error_handlers)),
        ])
    }

    fn hint(&self, name: &str) -> String {
        let is_one = |(_, names): &&(&str, Vec<&str>)| {
            matches!(method_names::resolve(name, names.iter().copied()), Ok(Some(_)))
        };
        match self.0.iter().find(is_one) {
            Some((kind, _)) => format!("; `{name}` is {kind}"),
            None => String::new(),
        }
    }
}
