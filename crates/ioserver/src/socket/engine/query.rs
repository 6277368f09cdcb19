//! What a request asks of the engine, and in which order it is looked at.

use http::{HeaderMap, HeaderValue, Method, Request, Version, header};

use super::{handshake::Key, refusal::Refusal, session_key::SessionKey};
use crate::Mode;

/// What a request asks of the engine. Ids are the engine's own, without their MAC.
#[derive(Debug)]
pub(super) enum Asks {
    OpenPolling,
    OpenWebsocket(Key),
    Poll(String),
    Post(String),
    Upgrade(String, Key),
}

/// The parameters that the engine reads.
#[derive(Debug, Default)]
struct Query {
    transport: Once,
    sid: Once,
    version: Once,
}

/// A parameter that counts only if it is there once: the engine would take the first, Node the last.
#[derive(Debug, Default)]
enum Once {
    #[default]
    Never,
    Here(String),
    Often,
}

impl Once {
    fn see(&mut self, value: String) {
        *self = match self {
            Self::Never => Self::Here(value),
            _ => Self::Often,
        };
    }

    fn is(&self, wanted: &str) -> bool {
        matches!(self, Self::Here(value) if value == wanted)
    }
}

impl Query {
    fn read(query: &str) -> Self {
        let mut read = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "transport" => read.transport.see(value.into_owned()),
                "sid" => read.sid.see(value.into_owned()),
                "EIO" => read.version.see(value.into_owned()),
                _ => {}
            }
        }
        read
    }
}

impl Asks {
    /// Looks at a request in the order of Engine.IO for Node, so that the same fault is named.
    pub(super) fn read<B>(
        request: &Request<B>,
        mode: Mode,
        key: &SessionKey,
    ) -> Result<Self, Refusal> {
        let query = Query::read(request.uri().query().unwrap_or_default());
        let websocket = match (query.transport.is("polling"), query.transport.is("websocket")) {
            (true, _) if mode != Mode::Websocket => false,
            (_, true) if mode != Mode::Polling => true,
            _ => return Err(Refusal::UnknownTransport),
        };
        let headers = request.headers();
        if headers.get(header::ORIGIN).is_some_and(|origin| origin.to_str().is_err()) {
            return Err(Refusal::BadRequest);
        }
        let session = match &query.sid {
            Once::Here(sid) if !sid.is_empty() => {
                Some(key.verify(sid).ok_or(Refusal::UnknownSession)?.to_owned())
            }
            Once::Often => return Err(Refusal::UnknownSession),
            _ => None,
        };
        if websocket {
            if !is_upgrade(request.version(), headers) {
                return Err(Refusal::BadRequest);
            }
            if session.is_none() {
                handshake(request.method(), &query)?;
            }
            let key = Key::read(request)?;
            return Ok(match session {
                Some(sid) => Self::Upgrade(sid, key),
                None => Self::OpenWebsocket(key),
            });
        }
        match (session, request.method()) {
            (Some(sid), &Method::GET) => Ok(Self::Poll(sid)),
            (Some(sid), &Method::POST) => Ok(Self::Post(sid)),
            (Some(_), _) => Err(Refusal::BadRequest),
            (None, method) => handshake(method, &query).map(|()| Self::OpenPolling),
        }
    }
}

fn handshake(method: &Method, query: &Query) -> Result<(), Refusal> {
    if method != Method::GET {
        return Err(Refusal::HandshakeMethod);
    }
    if !query.version.is("4") {
        return Err(Refusal::ProtocolVersion);
    }
    Ok(())
}

/// RFC 9110 section 7.8: HTTP/1.0 cannot upgrade, and `Connection` must name the field.
fn is_upgrade(version: Version, headers: &HeaderMap) -> bool {
    let named = |name, wanted: &str| {
        let fields = headers.get_all(name).iter();
        let fields = fields.filter_map(|field: &HeaderValue| field.to_str().ok());
        let mut tokens = fields.flat_map(|field| field.split(',')).map(str::trim);
        tokens.any(|token| token.eq_ignore_ascii_case(wanted))
    };
    version == Version::HTTP_11
        && named(header::CONNECTION, "upgrade")
        && named(header::UPGRADE, "websocket")
}

/// A query that the engine reads as we do: it takes parameters undecoded, the first of each name.
pub(super) fn engine_query(raw: &str, transport: &str) -> String {
    let ours = ["EIO=", "transport=", "sid="];
    let others = raw.split('&').filter(|pair| !ours.iter().any(|name| pair.starts_with(name)));
    others.fold(format!("EIO=4&transport={transport}"), |query, pair| {
        if pair.is_empty() { query } else { query + "&" + pair }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(method: Method, query: &str) -> Result<Asks, Refusal> {
        let uri = format!("/socket.io/?{query}");
        let request = Request::builder().method(method).uri(uri).body(()).unwrap();
        Asks::read(&request, Mode::Both, &SessionKey::new([7; 32]).unwrap())
    }

    #[test]
    fn faults_are_named_in_the_order_of_node() {
        let refused = |method, query| ask(method, query).unwrap_err();
        let get = || Method::GET;
        assert_eq!(refused(get(), ""), Refusal::UnknownTransport);
        assert_eq!(refused(get(), "EIO=3&transport=pigeon&sid=x"), Refusal::UnknownTransport);
        assert_eq!(
            refused(get(), "EIO=4&transport=polling&transport=polling"),
            Refusal::UnknownTransport
        );
        assert_eq!(refused(get(), "EIO=3&transport=polling&sid=x"), Refusal::UnknownSession);
        assert_eq!(refused(Method::PUT, "EIO=3&transport=polling"), Refusal::HandshakeMethod);
        assert_eq!(refused(get(), "EIO=4&transport=websocket"), Refusal::BadRequest);
        assert_eq!(refused(get(), "EIO=3&transport=polling"), Refusal::ProtocolVersion);
        assert_eq!(refused(get(), "EIO=4&EIO=4&transport=polling"), Refusal::ProtocolVersion);
    }

    #[test]
    fn an_id_counts_with_its_mac_only_and_in_any_spelling_of_the_query() {
        let id = "AAAAAAAAAAAAAAHs";
        let presented = SessionKey::new([7; 32]).unwrap().present(id);
        let found = |query: &str| ask(Method::GET, query);
        let good = format!("transport=polling&sid={presented}");
        assert!(matches!(found(&good), Ok(Asks::Poll(sid)) if sid == id));
        let encoded = format!("transport=polling&%73id={presented}");
        assert!(matches!(found(&encoded), Ok(Asks::Poll(sid)) if sid == id));
        for sid in [id.to_owned(), format!("{presented}&sid={id}"), format!("{id}&sid={presented}")]
        {
            let query = format!("transport=polling&sid={sid}");
            assert_eq!(found(&query).unwrap_err(), Refusal::UnknownSession);
        }
        assert!(matches!(found("EIO=4&transport=polling&sid="), Ok(Asks::OpenPolling)));
    }

    #[test]
    fn the_engine_reads_the_query_as_we_do() {
        let query = engine_query("a=1&sid=&%45IO=3&EIO=4&transport=polling&b=2", "polling");
        assert_eq!(query, "EIO=4&transport=polling&a=1&%45IO=3&b=2");
        assert_eq!(engine_query("", "websocket"), "EIO=4&transport=websocket");
    }
}
