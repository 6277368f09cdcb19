//! What hyper calls for each request: CORS, then Socket.IO, a route, a file or 404.

use std::{convert::Infallible, net::SocketAddr, pin::Pin, sync::Arc};

use http::{HeaderMap, Method, Request as HttpRequest, Response, Version, header};
use hyper::{body::Incoming, service::Service};

use super::{
    RemoteAddress, StaticFiles,
    body::RequestBody,
    cors::Cors,
    pipeline,
    respond::{ResponseBody, error_reply, not_found, respond},
    route::Route,
    router::{Match, Router},
};
use crate::{AppHandle, Reply, Request, socket::engine::Engine};

/// Everything that serves requests. Shared by all connections.
pub(crate) struct Front {
    pub(crate) router: Router<Arc<Route>>,
    pub(crate) cors: Cors,
    pub(crate) engine: Engine,
    pub(crate) files: Option<StaticFiles>,
    pub(crate) app: AppHandle,
    pub(crate) body_limit: usize,
    pub(crate) hide_internal: bool,
}

/// The service of one connection.
#[derive(Clone)]
pub(crate) struct Connection {
    pub(crate) front: Arc<Front>,
    pub(crate) remote: SocketAddr,
}

type Answer = Pin<Box<dyn Future<Output = Result<Response<ResponseBody>, Infallible>> + Send>>;

impl Service<HttpRequest<Incoming>> for Connection {
    type Response = Response<ResponseBody>;
    type Error = Infallible;
    type Future = Answer;

    fn call(&self, request: HttpRequest<Incoming>) -> Answer {
        let Self { front, remote } = self.clone();
        Box::pin(async move { Ok(front.answer(request, remote).await) })
    }
}

impl Front {
    async fn answer(
        &self,
        request: HttpRequest<Incoming>,
        remote: SocketAddr,
    ) -> Response<ResponseBody> {
        if let Some(refusal) = refuse_host(&request) {
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
        request: HttpRequest<Incoming>,
        remote: SocketAddr,
    ) -> Result<Response<ResponseBody>, Response<ResponseBody>> {
        if request.method() == Method::OPTIONS && Cors::is_preflight(request.headers()) {
            return Ok(respond(self.cors.preflight(request.headers())));
        }
        if self.engine.owns(request.uri().path()) {
            return Ok(self.engine.serve(request, RemoteAddress(remote), &self.cors).await);
        }
        let (parts, body) = request.into_parts();
        let (route, params) = match self.find(&parts.method, parts.uri.path()) {
            Match::Found { value, params } => (value, params),
            Match::BadUrl => return Err(respond(bad_url(parts.uri.path()))),
            Match::NotFound => return Ok(self.unrouted(&parts).await),
        };
        let limit = route.body_limit.unwrap_or(self.body_limit);
        let body = RequestBody::new(&parts.method, body, limit);
        let request = Request::new(parts, params, body, Some(remote), self.app.clone());
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

/// RFC 9112 section 3.2: a request of HTTP/1.1 names its host exactly once; hyper does not check.
fn refuse_host<B>(request: &HttpRequest<B>) -> Option<Response<ResponseBody>> {
    if request.version() != Version::HTTP_11 || is_host_fine(request.headers()) {
        return None;
    }
    let mut response = respond(Reply::new(400_u16));
    response.headers_mut().insert(header::CONNECTION, http::HeaderValue::from_static("close"));
    Some(response)
}

fn is_host_fine(headers: &HeaderMap) -> bool {
    let mut hosts = headers.get_all(header::HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else { return false };
    host.is_empty() || host.to_str().is_ok_and(|host| host.parse::<http::uri::Authority>().is_ok())
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
