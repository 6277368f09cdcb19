//! What hyper calls for each request: CORS, then Socket.IO, a route, a file or 404.

use std::{convert::Infallible, net::SocketAddr, pin::Pin, sync::Arc};

use http::{Method, Request as HttpRequest, Response, StatusCode, header};
use hyper::{body::Incoming, service::Service};

use super::{
    RemoteAddress, StaticFiles,
    body::RequestBody,
    cors::Cors,
    incoming::IncomingBody,
    pipeline,
    refuse::refuse,
    respond::{ResponseBody, error_reply, not_found, respond},
    route::Route,
    router::{Match, Router},
};
use crate::{
    AppHandle, Limits, Network, Reply, Request,
    network::client_address,
    server::{Activity, Tracked},
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
        let Self { front, remote, activity } = self.clone();
        let flight = activity.begin();
        Box::pin(async move {
            let (idle, version) = (front.limits.body_idle, request.version());
            let request = request.map(|body| IncomingBody::hyper(body, idle, &activity));
            let response = front.answer(request, remote).await;
            if response.status() == StatusCode::SWITCHING_PROTOCOLS {
                activity.upgrade();
            }
            Ok(response.map(|body| Tracked::new(body, version, flight)))
        })
    }
}

impl Front {
    async fn answer(
        &self,
        request: HttpRequest<IncomingBody>,
        remote: SocketAddr,
    ) -> Response<ResponseBody> {
        if let Some(refusal) = refuse(&request, &self.limits) {
            return refusal;
        }
        let origin = request.headers().get(header::ORIGIN).cloned();
        let mut response = match self.serve(request, remote).await {
            Ok(response) => response,
            Err(bad_url) => return bad_url, // as recorded: without CORS headers
        };
        self.cors.apply(origin.as_ref(), response.headers_mut());
        response
    }

    /// `Err` is the answer to a path that is none.
    async fn serve(
        &self,
        request: HttpRequest<IncomingBody>,
        remote: SocketAddr,
    ) -> Result<Response<ResponseBody>, Response<ResponseBody>> {
        if request.method() == Method::OPTIONS && Cors::is_preflight(request.headers()) {
            return Ok(respond(self.cors.preflight(request.headers())));
        }
        if self.engine.owns(request.uri().path()) {
            return Ok(self.engine.serve(request, RemoteAddress(remote)).await);
        }
        let (parts, body) = request.into_parts();
        let (route, params) = match self.find(&parts.method, parts.uri.path()) {
            Match::Found { value, params } => (value, params),
            Match::BadUrl => return Err(respond(bad_url(parts.uri.path()))),
            Match::NotFound => return Ok(self.unrouted(&parts).await),
        };
        let limit = route.body_limit.unwrap_or(self.body_limit);
        let body = RequestBody::new(&parts.method, body, limit);
        let client = client_address(remote.ip(), &parts.headers, &self.trust_proxy);
        let request = Request::new(parts, params, body, Some(client), self.app.clone());
        Ok(pipeline::serve(route, request, self.hide_internal).await)
    }

    /// HEAD is answered by a route of its own, else by the one for GET: hyper leaves out the body.
    fn find(&self, method: &Method, path: &str) -> Match<'_, Arc<Route>> {
        match self.router.find(method, path) {
            Match::NotFound if method == Method::HEAD => {
                match self.router.find(&Method::GET, path) {
                    Match::Found { value, .. } if !value.answers_head => Match::NotFound,
                    found => found,
                }
            }
            found => found,
        }
    }

    async fn unrouted(&self, parts: &http::request::Parts) -> Response<ResponseBody> {
        if parts.method == Method::OPTIONS && self.cors.strict {
            return respond(Cors::no_preflight());
        }
        if let Some(files) = &self.files
            && let Some(response) =
                files.serve(&parts.method, parts.uri.path(), &parts.headers).await
        {
            return response;
        }
        let url = parts.uri.path_and_query().map_or("/", |url| url.as_str());
        respond(error_reply(not_found(&parts.method, url), false))
    }
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
