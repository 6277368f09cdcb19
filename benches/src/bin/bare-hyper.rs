//! The least that can answer: hyper, jsonwebtoken for `/secure/me`, and for `/signature/ALGORITHM`
//! the check of a signature alone.

use std::{convert::Infallible, sync::Arc};

use bytes::Bytes;
use http_body_util::Full;
use hyper::{Request, Response, StatusCode, body::Incoming, header, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto::Builder,
};
use ioserver_bench::{Keys, issuer::Algorithm, port, signatures::Signatures};
use serde::Serialize;
use tokio::net::TcpListener;

#[derive(Serialize)]
struct Hello {
    hello: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Me {
    user_id: String,
}

/// The same as that of the app that is measured.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let keys = Arc::new((Keys::fetch().await?, Signatures::fetch().await?));
    let listener = TcpListener::bind(("127.0.0.1", port())).await?;
    println!("listening on {}", listener.local_addr()?);
    let builder = Builder::new(TokioExecutor::new());
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let (builder, keys) = (builder.clone(), Arc::clone(&keys));
        tokio::spawn(async move {
            let service = service_fn(|request| {
                let answer = answer(&request, &keys);
                async move { Ok::<_, Infallible>(answer) }
            });
            let _ = builder.serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

fn answer(
    request: &Request<Incoming>,
    (keys, signatures): &(Keys, Signatures),
) -> Response<Full<Bytes>> {
    let header = request.headers().get(header::AUTHORIZATION).map(header::HeaderValue::as_bytes);
    let signed_with = |algorithm| {
        let is_right = signatures.hold(algorithm, header);
        let hello = || json(&Hello { hello: "world" });
        if is_right { hello() } else { status(StatusCode::UNAUTHORIZED) }
    };
    match request.uri().path() {
        "/api/hello" => json(&Hello { hello: "world" }),
        "/secure/me" => match keys.user(header) {
            Some(user_id) => json(&Me { user_id }),
            None => status(StatusCode::UNAUTHORIZED),
        },
        "/signature/RS256" => signed_with(Algorithm::Rs256),
        "/signature/ES256" => signed_with(Algorithm::Es256),
        "/signature/EdDSA" => signed_with(Algorithm::EdDsa),
        _ => status(StatusCode::NOT_FOUND),
    }
}

fn json(value: &impl Serialize) -> Response<Full<Bytes>> {
    let body = serde_json::to_vec(value).unwrap_or_default();
    let mut response = Response::new(Full::from(body));
    let kind = header::HeaderValue::from_static("application/json; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}

fn status(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = status;
    response
}
