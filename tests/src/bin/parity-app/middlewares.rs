//! The middlewares of both protocols.

use std::time::Duration;

use ioserver::{
    AppHandle, BaseMiddleware, ConnectError, Handshake, IOServerError, Middleware, Reply, Request,
};
use serde_json::json;
use tokio::time::sleep;

use crate::trace::Trace;

#[derive(Default, Middleware)]
#[middleware(Request)]
pub(crate) struct MwA {}

impl BaseMiddleware<Request> for MwA {
    async fn handle(&self, request: &mut Request, _: &AppHandle) -> Result<(), Reply> {
        Trace::of(request).push("mwA");
        Ok(())
    }
}

#[derive(Default, Middleware)]
#[middleware(Request)]
pub(crate) struct MwB {}

impl BaseMiddleware<Request> for MwB {
    async fn handle(&self, request: &mut Request, _: &AppHandle) -> Result<(), Reply> {
        sleep(Duration::from_millis(5)).await;
        Trace::of(request).push("mwB");
        Ok(())
    }
}

/// Refuses in the way that the header `x-stop` asks for.
#[derive(Default, Middleware)]
#[middleware(Request)]
pub(crate) struct MwStop {}

impl BaseMiddleware<Request> for MwStop {
    async fn handle(&self, request: &mut Request, _: &AppHandle) -> Result<(), Reply> {
        let trace = Trace::of(request);
        trace.push("mwStop");
        match request.header("x-stop").as_deref() {
            Some("reply") => {
                let body = json!({ "stopped": true, "trace": trace.copy() });
                Err(Reply::json(&body).with_status(403_u16))
            }
            Some("ioserver") => Err(IOServerError::new("mw refused", 402_u16).into()),
            Some("error") => Err(IOServerError::internal("mw boom").into()),
            Some("throw") => Err(IOServerError::new("mw threw", 409_u16).into()),
            _ => Ok(()),
        }
    }
}

/// Looks at the body.
#[derive(Default, Middleware)]
#[middleware(Request)]
pub(crate) struct MwBody {}

impl BaseMiddleware<Request> for MwBody {
    async fn handle(&self, request: &mut Request, _: &AppHandle) -> Result<(), Reply> {
        let body = request.body().await?.map_or("undefined".into(), ToString::to_string);
        Trace::of(request).push(format!("body:{body}"));
        Ok(())
    }
}

/// What the socket middlewares have appended.
#[derive(Clone, Default)]
pub(crate) struct SocketTrace(pub(crate) Vec<&'static str>);

fn append(handshake: &Handshake, letter: &'static str) {
    let SocketTrace(mut letters) = handshake.socket().get().unwrap_or_default();
    letters.push(letter);
    handshake.socket().insert(SocketTrace(letters));
}

#[derive(Default, Middleware)]
#[middleware(Handshake)]
pub(crate) struct SockA {}

impl BaseMiddleware<Handshake> for SockA {
    async fn handle(&self, handshake: &mut Handshake, _: &AppHandle) -> Result<(), ConnectError> {
        append(handshake, "A");
        match handshake.auth()["deny"].as_str() {
            Some("A") => Err(ConnectError::new("denied by A")),
            Some("io") => Err(IOServerError::new("denied io", 401_u16).into()),
            Some("throw") => panic!("SockA throws, as it was asked to"),
            _ => Ok(()),
        }
    }
}

#[derive(Default, Middleware)]
#[middleware(Handshake)]
pub(crate) struct SockB {}

impl BaseMiddleware<Handshake> for SockB {
    async fn handle(&self, handshake: &mut Handshake, _: &AppHandle) -> Result<(), ConnectError> {
        sleep(Duration::from_millis(5)).await;
        append(handshake, "B");
        match handshake.auth()["deny"].as_str() {
            Some("B") => {
                let SocketTrace(letters) = handshake.socket().get().unwrap_or_default();
                let data = json!({ "code": 42, "seen": letters });
                Err(ConnectError::new("denied by B").with_data(data))
            }
            _ => Ok(()),
        }
    }
}
