//! What hyper calls for each request: CORS, then Socket.IO, a route, a file or 404.

use std::{convert::Infallible, net::SocketAddr, pin::Pin, sync::Arc};

use http::{HeaderMap, Method, Request as HttpRequest, Response, StatusCode, header};
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
    AppHandle, Limits, Network, Reply, Request,
    network::client_address,
    server::{Activity, RemoteAddress, Tracked},
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
    /// The front with its layers, if there are any: without, nothing is boxed.
    pub(crate) stack: Option<Stack>,
    pub(crate) remote: SocketAddr,
    pub(crate) activity: Arc<Activity>,
}

type TrackedResponse = Response<Tracked<ResponseBody>>;
type Answer = Pin<Box<dyn Future<Output = Result<TrackedResponse, Infallible>> + Send>>;

impl Service<HttpRequest<Incoming>> for Connection {
    type Response = TrackedResponse;
    type Error = Infallible;
    type Future = Answer;

    fn call(&self, request: HttpRequest<Incoming>) -> Answer {
        let Self { front, stack, remote, activity } = self.clone();
        let flight = activity.begin();
        Box::pin(async move {
            let version = request.version();
            let request = request.map(|body| RequestBody::hyper(body, &front.limits, &activity));
            let response = answer(&front, stack, request, RemoteAddress(remote)).await;
            if response.status() == StatusCode::SWITCHING_PROTOCOLS {
                activity.upgrade();
            }
            Ok(response.map(|body| Tracked::new(body, version, flight)))
        })
    }
}

/// Answers what came over a connection of ours.
async fn answer(
    front: &Front,
    stack: Option<Stack>,
    mut request: HttpRequest<RequestBody>,
    remote: RemoteAddress,
) -> Response<ResponseBody> {
    if let Some(refusal) = refuse(&request, &front.limits, ReadBy::Us) {
        return refusal;
    }
    match stack {
        None => front.answer(request, Some(remote)).await,
        Some(stack) => {
            request.extensions_mut().insert(remote);
            stack.answer(request).await
        }
    }
}

impl Front {
    pub(crate) async fn answer(
        &self,
        request: HttpRequest<RequestBody>,
        remote: Option<RemoteAddress>,
    ) -> Response<ResponseBody> {
        let mut grant = match self.cors.judge(request.headers().get(header::ORIGIN)) {
            Ok(grant) => grant,
            Err(error) => {
                let mut response = respond(error_reply(error, self.hide_internal));
                self.cors.apply(None, response.headers_mut());
                return response;
            }
        };
        let mut response = match self.serve(request, remote, &mut grant).await {
            Ok(response) => response,
            Err(bad_url) => return bad_url, // as recorded: without CORS headers
        };
        self.cors.apply(grant, response.headers_mut());
        response
    }

    /// `Err` is the answer to a path that is none. The grant is taken away where CORS is off.
    async fn serve(
        &self,
        request: HttpRequest<RequestBody>,
        remote: Option<RemoteAddress>,
        grant: &mut Option<Grant>,
    ) -> Result<Response<ResponseBody>, Response<ResponseBody>> {
        let preflight = self.preflight(&request, grant.is_some());
        if let Some(Preflight::Answered(reply)) = preflight {
            return Ok(respond(reply));
        }
        if self.engine.owns(request.uri().path()) {
            return Ok(self.engine.serve(request, remote, &self.cors).await);
        }
        let (parts, body) = request.into_parts();
        let (route, params) = match self.find(&parts) {
            Match::Found { value, params } => (value, params),
            Match::BadUrl => return Err(respond(bad_url(parts.uri.path()))),
            Match::NotFound => return Ok(self.unrouted(&parts, grant.is_some()).await),
        };
        if !route.has_cors {
            *grant = None;
        }
        let limit = route.body_limit.unwrap_or(self.body_limit);
        let body = ParsedBody::new(&parts.method, body, limit, route.accepts.as_ref());
        let client = remote.map(|RemoteAddress(remote)| {
            client_address(remote.ip(), &parts.headers, &self.trust_proxy)
        });
        let request = Request::new(parts, params, body, client, self.app.clone());
        let mut response = pipeline::serve(route, request, self.hide_internal).await;
        if let Some(Preflight::GoesOn(asked)) = preflight {
            self.cors.allow(&asked, response.headers_mut());
        }
        Ok(response)
    }

    /// What CORS has to say to an OPTIONS request before a route is looked for. The engine has no
    /// routes: all its OPTIONS requests are answered.
    fn preflight<B>(&self, request: &HttpRequest<B>, granted: bool) -> Option<Preflight> {
        if request.method() != Method::OPTIONS || !granted || !self.cors.answers_preflight {
            return None;
        }
        let headers = request.headers();
        if self.engine.owns(request.uri().path()) {
            return Some(Preflight::Answered(self.cors.preflight(headers)));
        }
        match (Cors::is_preflight(headers), self.cors.goes_on) {
            (false, _) => None,
            (true, true) => Some(Preflight::GoesOn(headers.clone())),
            (true, false) => Some(Preflight::Answered(self.cors.preflight(headers))),
        }
    }

    /// HEAD is answered by a route of its own, else by the one for GET: hyper leaves out the body.
    fn find(&self, parts: &http::request::Parts) -> Match<'_, Arc<Route>> {
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

    async fn unrouted(
        &self,
        parts: &http::request::Parts,
        granted: bool,
    ) -> Response<ResponseBody> {
        if parts.method == Method::OPTIONS && granted && self.cors.answers_preflight {
            return respond(self.cors.unrouted(&parts.headers));
        }
        if let Some(files) = &self.files
            && let Some(response) = files
                .serve(&parts.method, parts.uri.path(), &parts.headers, |file| {
                    self.router.stands_at(&Method::GET, file)
                })
                .await
        {
            return response;
        }
        let url = parts.uri.path_and_query().map_or("/", |url| url.as_str());
        respond(error_reply(not_found(&parts.method, url), false))
    }
}

/// A question of a browser, before the request that it is about.
enum Preflight {
    Answered(Reply),
    /// Its route answers; what it asked with is kept, to be answered in headers.
    GoesOn(HeaderMap),
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
