//! How a session begins.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderValue, Request, Response, header};
use http_body_util::Full;
use hyper::upgrade::OnUpgrade;
use serde_json::{Value, json};

use super::{Engine, detach::detach, line::Line, query::engine_query, refusal::Refusal};
use crate::{
    Mode, RemoteAddress, http::ResponseBody, network::client_address,
    socket::handshake::ClientAddress,
};

impl Engine {
    /// The request that the engine keeps for as long as the session lives: what middlewares see.
    pub(super) fn opening<B>(
        &self,
        request: Request<B>,
        remote: Option<RemoteAddress>,
        line: &Arc<Line>,
        transport: &str,
    ) -> Request<()> {
        let (mut parts, _) = request.into_parts();
        let query = engine_query(parts.uri.query().unwrap_or_default(), transport);
        // It is a path and a query that were in a URI already.
        parts.uri = format!("{}?{query}", parts.uri.path()).parse().unwrap_or_default();
        detach(&mut parts.headers);
        parts.extensions.remove::<OnUpgrade>();
        if let Some(RemoteAddress(remote)) = remote {
            let client = client_address(remote.ip(), &parts.headers, &self.trust_proxy);
            parts.extensions.remove::<RemoteAddress>();
            parts.extensions.insert(ClientAddress(client));
        }
        parts.extensions.insert(Arc::clone(line));
        Request::from_parts(parts, ())
    }

    pub(super) async fn open_polling<B>(
        &self,
        request: Request<B>,
        remote: Option<RemoteAddress>,
    ) -> Response<ResponseBody> {
        let headers = request.headers().clone();
        let Some(line) = self.lines.open() else {
            return Refusal::TooMany.into_response();
        };
        let request = self.opening(request, remote, &line, "polling");
        let (mut parts, body) = self.call(request.map(|()| Full::default())).await;
        let Some((id, mut packet)) = open_packet(&body) else {
            return self.answer(parts, body, None);
        };
        line.set_id(&id);
        let presented = self.key.present(&id);
        if self.settings.mode == Mode::Polling {
            packet["upgrades"] = json!([]);
        }
        if self.settings.cookie
            && let Ok(cookie) =
                HeaderValue::from_str(&format!("io={presented}; Path=/; HttpOnly; SameSite=Lax"))
        {
            parts.headers.insert(header::SET_COOKIE, cookie);
        }
        packet["sid"] = presented.into();
        self.answer(parts, Bytes::from(format!("0{packet}")), Some(&headers))
    }
}

/// The engine's id and the packet, out of the engine's `0{"sid":…}`.
fn open_packet(body: &[u8]) -> Option<(String, Value)> {
    let packet: Value = serde_json::from_slice(body.strip_prefix(b"0")?).ok()?;
    Some((packet["sid"].as_str()?.to_owned(), packet))
}
