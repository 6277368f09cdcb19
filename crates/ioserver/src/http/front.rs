//! What hyper calls for each request: CORS, then Socket.IO, a route, a file or 404.

use std::{
    convert::Infallible,
    future::ready,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use http::{Method, Request as HttpRequest, Response, StatusCode, header, request::Parts};
use hyper::{body::Incoming, service::Service};

use super::{
    RequestBody, Stack, StaticFiles,
    body::ParsedBody,
    constraints::Claims,
    cors::{Cors, Grant},
    pipeline,
    refuse::{ReadBy, refuse},
    respond::{ResponseBody, error_reply, not_found, respond},
    route::Route,
    router::{Match, Router},
};
use crate::{
    AppHandle, BoxFuture, Limits, Network, Reply, Request,
    network::client_address,
    server::{Activity, InFlight, RemoteAddress, Tracked},
    socket::engine::Engine,
};

/// Everything that serves requests. Shared by all connections.
pub(crate) struct Front {
    pub(crate) router: Router<Arc<Route>>,
    pub(crate) cors: Cors,
    pub(crate) engine: Engine,
    pub(crate) files: Option<StaticFiles>,
    pub(crate) app: AppHandle,
    pub(crate) body_limit: usize,
    pub(crate) limits: Limits,
    pub(crate) trust_proxy: Box<[Network]>,
    pub(crate) hide_internal: bool,
}

/// The service of one connection.
#[derive(Clone)]
pub(crate) struct Connection {
    pub(crate) front: Arc<Front>,
    /// The front with its layers, if there are any.
    pub(crate) stack: Option<Stack>,
    pub(crate) remote: SocketAddr,
    pub(crate) activity: Arc<Activity>,
}

/// An answer that may have to wait. All it needs is in one box, made where the request is.
pub(crate) type Answer = BoxFuture<'static, Response<ResponseBody>>;

fn now(response: Response<ResponseBody>) -> Answer {
    Box::pin(ready(response))
}

impl Connection {
    fn answer(&self, request: HttpRequest<Incoming>) -> Answer {
        let (mut parts, body) = request.into_parts();
        // Before it may be refused: a body that nobody reads has to be known of.
        let body = RequestBody::hyper(body, &self.front.limits, &self.activity);
        if let Some(refusal) = refuse(&parts, &self.front.limits, ReadBy::Us) {
            return now(refusal);
        }
        let remote = RemoteAddress(self.remote);
        match &self.stack {
            None => self.front.answer(parts, body, Some(remote)),
            Some(stack) => {
                parts.extensions.insert(remote);
                stack.answer(HttpRequest::from_parts(parts, body))
            }
        }
    }
}

impl Service<HttpRequest<Incoming>> for Connection {
    type Response = Response<Tracked<ResponseBody>>;
    type Error = Infallible;
    type Future = TrackedAnswer;

    fn call(&self, request: HttpRequest<Incoming>) -> TrackedAnswer {
        let flight = Some(self.activity.begin(request.version()));
        TrackedAnswer { answer: self.answer(request), flight }
    }
}

/// An answer that tells its connection how far it is.
pub(crate) struct TrackedAnswer {
    answer: Answer,
    flight: Option<InFlight>,
}

impl Future for TrackedAnswer {
    type Output = Result<Response<Tracked<ResponseBody>>, Infallible>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let response = ready!(self.answer.as_mut().poll(context));
        let flight = self.flight.take().expect("an answer is not polled after its end");
        if response.status() == StatusCode::SWITCHING_PROTOCOLS {
            flight.upgrade();
        }
        Poll::Ready(Ok(response.map(|body| Tracked::new(body, flight))))
    }
}

impl Front {
    /// What a request's head decides is decided at once; what may have to wait is put into a future,
    /// which is the smaller for it.
    pub(crate) fn answer(
        self: &Arc<Self>,
        parts: Parts,
        body: RequestBody,
        remote: Option<RemoteAddress>,
    ) -> Answer {
        let grant = match self.cors.judge(parts.headers.get(header::ORIGIN)) {
            Ok(grant) => grant,
            Err(error) => {
                let response = respond(error_reply(error, self.hide_internal));
                return now(self.with_cors(response, None));
            }
        };
        let preflight = self.preflight(&parts, grant.is_some());
        if let Preflight::Answered(reply) = preflight {
            return now(self.with_cors(respond(reply), grant));
        }
        if self.engine.owns(parts.uri.path()) {
            let (front, request) = (Arc::clone(self), HttpRequest::from_parts(parts, body));
            return Box::pin(async move {
                let response = front.engine.serve(request, remote, &front.cors).await;
                front.with_cors(response, grant)
            });
        }
        let (route, params) = match self.find(&parts) {
            Match::Found { value, params } => (value, params),
            // As recorded: without CORS headers.
            Match::BadUrl => return now(respond(bad_url(parts.uri.path()))),
            Match::NotFound => return self.unrouted(parts, grant),
        };
        let limit = route.body_limit.unwrap_or(self.body_limit);
        let body = ParsedBody::new(&parts.method, body, limit, route.accepts.as_ref());
        let client = remote.map(|RemoteAddress(remote)| {
            client_address(remote.ip(), &parts.headers, &self.trust_proxy)
        });
        let (app, config) = (self.app.clone(), route.config.clone());
        let mut request = Request::new(parts, params, body, client, app, config);
        let (front, route) = (Arc::clone(self), Arc::clone(route));
        let grant = grant.filter(|_| route.has_cors);
        let goes_on = matches!(preflight, Preflight::GoesOn);
        Box::pin(async move {
            let mut response = pipeline::serve(&front, &route, &mut request).await;
            if goes_on {
                front.cors.allow(request.headers(), response.headers_mut());
            }
            if !route.on_response.is_empty() {
                tokio::spawn(pipeline::after(route, request, response.status()));
            }
            front.with_cors(response, grant)
        })
    }

    fn with_cors(
        &self,
        mut response: Response<ResponseBody>,
        grant: Option<Grant>,
    ) -> Response<ResponseBody> {
        self.cors.apply(grant, response.headers_mut());
        response
    }

    /// What CORS has to say to an OPTIONS request before a route is looked for. The engine has no
    /// routes: all its OPTIONS requests are answered.
    fn preflight(&self, parts: &Parts, granted: bool) -> Preflight {
        if parts.method != Method::OPTIONS || !granted || !self.cors.answers_preflight {
            return Preflight::None;
        }
        let headers = &parts.headers;
        if self.engine.owns(parts.uri.path()) {
            return Preflight::Answered(self.cors.preflight(headers));
        }
        match (Cors::is_preflight(headers), self.cors.goes_on) {
            (false, _) => Preflight::None,
            (true, true) => Preflight::GoesOn,
            (true, false) => Preflight::Answered(self.cors.preflight(headers)),
        }
    }

    /// HEAD is answered by a route of its own, else by the one for GET: hyper leaves out the body.
    fn find(&self, parts: &Parts) -> Match<'_, Arc<Route>> {
        let (method, path) = (&parts.method, parts.uri.path());
        let claims = if self.router.has_constraints() {
            Claims::of(&parts.uri, &parts.headers)
        } else {
            Claims::default()
        };
        match self.router.find(method, path, claims) {
            Match::NotFound if method == Method::HEAD => {
                match self.router.find(&Method::GET, path, claims) {
                    Match::Found { value, .. } if !value.answers_head => Match::NotFound,
                    found => found,
                }
            }
            found => found,
        }
    }

    /// Answers what no route does.
    fn unrouted(self: &Arc<Self>, parts: Parts, grant: Option<Grant>) -> Answer {
        if parts.method == Method::OPTIONS && grant.is_some() && self.cors.answers_preflight {
            return now(self.with_cors(respond(self.cors.unrouted(&parts.headers)), grant));
        }
        let not_found = |parts: &Parts| {
            let url = parts.uri.path_and_query().map_or("/", |url| url.as_str());
            respond(error_reply(not_found(&parts.method, url), false))
        };
        if self.files.is_none() {
            return now(self.with_cors(not_found(&parts), grant));
        }
        let front = Arc::clone(self);
        Box::pin(async move {
            let (method, path) = (&parts.method, parts.uri.path());
            let file = match &front.files {
                Some(files) => {
                    let is_routed = |file: &str| front.router.stands_at(&Method::GET, file);
                    files.serve(method, path, &parts.headers, is_routed).await
                }
                None => None,
            };
            front.with_cors(file.unwrap_or_else(|| not_found(&parts)), grant)
        })
    }
}

/// A question of a browser, before the request that it is about.
enum Preflight {
    /// It is none.
    None,
    Answered(Reply),
    /// Its route answers, and headers are added to that.
    GoesOn,
}

fn bad_url(path: &str) -> Reply {
    let body = serde_json::json!({
        "error": "Bad Request",
        "code": "FST_ERR_BAD_URL",
        "message": format!("'{path}' is not a valid url component"),
        "statusCode": 400,
    });
    let mut reply = Reply::json(&body).with_status(400_u16);
    let bare = http::HeaderValue::from_static("application/json");
    reply.headers_mut().insert(header::CONTENT_TYPE, bare);
    reply
}
