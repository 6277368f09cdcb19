//! A request of any kind to a server that looks at all of it. Nothing that a stranger sends is an
//! internal error.

use std::{cell::OnceCell, fs};

use bytes::Bytes;
use http::{Method, Request, Uri};
use http_body_util::{BodyExt, Full};
use ioserver::{
    ControllerOptions, HttpService, IOServer, IOServerOptions, Json, RemoteAddress, controller,
};
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};
use tower_service::Service;

const ROUTES: &str = r#"[
    { "method": ["GET", "POST", "PUT"], "url": "/all/:a/:b?", "handler": "all",
      "accepts": ["application/x-www-form-urlencoded", "application/octet-stream"] },
    { "method": "GET", "url": "/versioned", "handler": "all", "constraints": { "version": "1.2.0" } },
    { "method": "POST", "url": "/checked", "handler": "all", "schema": {
        "querystring": { "type": "object", "properties": { "n": { "type": "integer" } } },
        "body": { "type": "object", "required": ["name"], "additionalProperties": false,
                  "properties": { "name": { "type": "string", "pattern": "^(a|b)+c$" },
                                  "when": { "type": "string", "format": "date-time" },
                                  "at": { "type": "string", "format": "uri" },
                                  "list": { "type": "array", "uniqueItems": true } } } } }
]"#;

struct Any;

#[controller]
impl Any {
    pub async fn all(&self, request: &mut ioserver::Request) -> ioserver::Result<Json<Value>> {
        let body = request.body().await?.cloned();
        Ok(Json(json!({
            "query": request.query(), "cookie": request.cookie("sid"), "body": body,
            "params": request.params_value(), "headers": request.headers_value(),
            "ip": request.ip().map(|ip| ip.to_string()),
        })))
    }
}

struct Lab {
    runtime: Runtime,
    service: HttpService,
    _folder: tempfile::TempDir,
}

impl Lab {
    fn new() -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime starts");
        let folder = tempfile::tempdir().expect("there is room");
        let files = folder.path().join("files");
        fs::create_dir(&files).expect("there is room");
        fs::write(files.join("index.html"), "<h1>home</h1>").expect("there is room");
        fs::write(folder.path().join("any.json"), ROUTES).expect("there is room");
        let mut server = IOServer::new(IOServerOptions {
            routes: folder.path().into(),
            root_dir: Some(files),
            precompressed: true,
            trust_proxy: vec!["10.0.0.0/8".parse().expect("it is a network")],
            ..Default::default()
        });
        let any = ControllerOptions {
            name: "any",
            controller: |_| Any,
            middlewares: vec![],
            prefix: Some("/"),
        };
        server.add_controller(any).expect("the routes are sound");
        let service = runtime.block_on(server.into_service()).expect("the server starts");
        Self { runtime, service, _folder: folder }
    }
}

pub(crate) fn run(bytes: &[u8]) {
    thread_local!(static LAB: OnceCell<Lab> = const { OnceCell::new() });
    if let Some(request) = parse(bytes) {
        LAB.with(|lab| check(lab.get_or_init(Lab::new), request));
    }
}

fn check(lab: &Lab, request: Request<Full<Bytes>>) {
    let mut service = lab.service.clone();
    let (status, body) = lab.runtime.block_on(async {
        let Ok(response) = service.call(request).await;
        let (parts, body) = response.into_parts();
        (parts.status, body.collect().await.map(http_body_util::Collected::to_bytes))
    });
    let body = body.expect("the answer is whole");
    assert!(!status.is_server_error(), "{status}: {}", String::from_utf8_lossy(&body));
}

/// `METHOD URI`, a header a line, a blank line, the body: as far as it can reach a server at all.
fn parse(bytes: &[u8]) -> Option<Request<Full<Bytes>>> {
    let end = bytes.windows(2).position(|two| two == b"\n\n").unwrap_or(bytes.len());
    let (head, body) = bytes.split_at(end);
    let body = Bytes::copy_from_slice(body.get(2..).unwrap_or_default());
    let mut lines = head.split(|byte| *byte == b'\n');
    let line = lines.next()?;
    let space = line.iter().position(|byte| *byte == b' ')?;
    let uri = Uri::try_from(&line[space + 1..]).ok()?;
    let mut request = Request::new(Full::new(body.clone()));
    *request.method_mut() = Method::from_bytes(&line[..space]).ok()?;
    *request.uri_mut() = uri;
    for line in lines {
        let colon = line.iter().position(|byte| *byte == b':')?;
        let name = http::HeaderName::from_bytes(&line[..colon]).ok()?;
        let value = http::HeaderValue::from_bytes(line[colon + 1..].trim_ascii()).ok()?;
        request.headers_mut().append(name, value);
    }
    if !body.is_empty() {
        request.headers_mut().insert(http::header::CONTENT_LENGTH, body.len().into());
    }
    request.extensions_mut().insert(RemoteAddress(([10, 0, 0, 1], 1).into()));
    Some(request)
}
