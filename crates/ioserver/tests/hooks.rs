//! Hooks of routes: their order, what ends it, and who answers errors.

mod support;

use ioserver::{
    AppHandle, BaseMiddleware, IOServerError, Json, Middleware, Reply, Request, Result, controller,
};
use serde_json::{Value, json};
use support::app::{App, refusal};
use tokio::sync::mpsc::UnboundedSender;

#[derive(Clone, Default)]
struct Steps(Vec<&'static str>);

fn step(request: &mut Request, name: &'static str) -> Result<()> {
    request.extensions_mut().get_or_insert_default::<Steps>().0.push(name);
    let wanted = request.query()["fail"].clone();
    let fails = wanted == name || wanted.as_array().is_some_and(|all| all.contains(&name.into()));
    if fails { Err(IOServerError::new(format!("{name} failed"), 418_u16)) } else { Ok(()) }
}

fn steps(request: &Request) -> Vec<&'static str> {
    request.extensions().get::<Steps>().cloned().unwrap_or_default().0
}

/// Says what happened when a request was over.
struct Api(UnboundedSender<Vec<&'static str>>);

#[controller]
impl Api {
    pub async fn work(&self, request: &mut Request) -> Result<Json<Value>> {
        step(request, "handler")?;
        Ok(Json(json!({ "steps": steps(request), "config": request.route_config() })))
    }

    #[hook]
    pub async fn on_request(&self, request: &mut Request) -> Result<()> {
        step(request, "onRequest")
    }

    #[hook]
    pub async fn pre_parsing(&self, request: &mut Request) -> Result<()> {
        step(request, "preParsing")
    }

    #[hook]
    pub async fn pre_validation(&self, request: &mut Request) -> Result<()> {
        step(request, "preValidation")
    }

    #[hook]
    pub async fn pre_handler(&self, request: &mut Request) -> Result<()> {
        step(request, "preHandler")
    }

    #[hook]
    pub async fn second(&self, request: &mut Request) -> Result<()> {
        step(request, "second")
    }

    #[hook]
    pub async fn answer(&self, _: &mut Request) -> Result<(), Reply> {
        Err(Reply::text("stop").with_status(403_u16))
    }

    #[hook(reply)]
    pub async fn pre_serialization(&self, request: &mut Request, _: &mut Reply) -> Result<()> {
        step(request, "preSerialization")
    }

    #[hook(reply)]
    pub async fn once(&self, _: &mut Request, reply: &mut Reply) -> Result<()> {
        match reply.status().as_u16() {
            200 => Err(IOServerError::new("not with 200", 409_u16)),
            _ => Ok(()),
        }
    }

    #[hook(reply)]
    pub async fn on_send(&self, request: &mut Request, _: &mut Reply) -> Result<()> {
        step(request, "onSend")
    }

    #[hook(reply)]
    pub async fn on_response(&self, request: &mut Request, _: &mut Reply) {
        let _ = self.0.send(steps(request));
    }

    #[hook(error)]
    pub async fn on_error(&self, request: &mut Request, error: IOServerError) -> Result<Reply> {
        step(request, "errorHandler")?;
        Ok(Reply::json(json!({ "handled": error.message() })).with_status(422_u16))
    }
}

#[derive(Default, Middleware)]
#[middleware(Request)]
struct Guard {}

impl BaseMiddleware<Request> for Guard {
    async fn handle(&self, request: &mut Request, _: &AppHandle) -> Result<(), Reply> {
        step(request, "middleware").map_err(Reply::from)
    }
}

fn full_route() -> Value {
    json!({
        "method": ["GET", "POST"],
        "url": "/work",
        "handler": "work",
        "config": { "role": "admin" },
        "onRequest": "onRequest",
        "preParsing": "preParsing",
        "preValidation": "preValidation",
        "preHandler": ["preHandler", "second"],
        "preSerialization": "preSerialization",
        "onSend": "onSend",
        "onResponse": "onResponse",
    })
}

const ALL: [&str; 9] = [
    "onRequest",
    "preParsing",
    "preValidation",
    "middleware",
    "preHandler",
    "second",
    "handler",
    "preSerialization",
    "onSend",
];

#[tokio::test]
async fn hooks_run_in_fastifys_order_around_the_middlewares() {
    let (done, mut seen) = tokio::sync::mpsc::unbounded_channel();
    let app = App::guarded(Api(done), &json!([full_route()]), vec![Guard]).await;
    let answer = app.get("/api/work").await;
    assert_eq!(answer.json(), json!({ "steps": &ALL[..7], "config": { "role": "admin" } }));
    assert_eq!(seen.recv().await.unwrap(), ALL);
}

#[tokio::test]
async fn a_hook_that_fails_before_the_handler_ends_the_way_and_the_reply_hooks_still_run() {
    let (done, mut seen) = tokio::sync::mpsc::unbounded_channel();
    let app = App::guarded(Api(done), &json!([full_route()]), vec![Guard]).await;
    for (index, name) in ALL[..7].iter().enumerate() {
        let answer = app.get(&format!("/api/work?fail={name}")).await;
        assert_eq!((answer.status, answer.message()), (418, format!("{name} failed")));
        assert_eq!(answer.json()["error"], "IOServerError");
        let expected = [&ALL[..=index], &ALL[7..]].concat();
        assert_eq!(seen.recv().await.unwrap(), expected, "{name}");
    }
}

#[tokio::test]
async fn a_hook_that_always_fails_on_replies_ends_in_an_answer_named_by_its_status() {
    let (done, mut seen) = tokio::sync::mpsc::unbounded_channel();
    let app = App::start(Api(done), &json!([full_route()])).await;
    let answer = app.get("/api/work?fail=preSerialization").await;
    assert_eq!(
        answer.json(),
        json!({ "statusCode": 418, "error": "I'm a Teapot", "message": "preSerialization failed" })
    );
    assert!(seen.recv().await.unwrap().ends_with(&[
        "preSerialization",
        "preSerialization",
        "onSend"
    ]));
    let answer = app.get("/api/work?fail=onSend").await;
    assert_eq!(answer.json()["error"], "I'm a Teapot");
}

#[tokio::test]
async fn a_hook_that_fails_on_one_reply_only_is_answered_like_any_error() {
    let (done, _seen) = tokio::sync::mpsc::unbounded_channel();
    let routes = json!([
        { "method": "GET", "url": "/a", "handler": "work", "preSerialization": "once" },
        { "method": "GET", "url": "/b", "handler": "work", "onSend": "once", "errorHandler": "onError" },
    ]);
    let app = App::start(Api(done), &routes).await;
    let answer = app.get("/api/a").await;
    assert_eq!(
        answer.json(),
        json!({ "statusCode": 409, "error": "IOServerError", "message": "not with 200" })
    );
    assert_eq!(app.get("/api/b").await.json(), json!({ "handled": "not with 200" }));
}

#[tokio::test]
async fn an_error_handler_sees_errors_of_hooks_middlewares_and_schemas() {
    let (done, _seen) = tokio::sync::mpsc::unbounded_channel();
    let mut route = full_route();
    route["errorHandler"] = json!("onError");
    route["schema"] = json!({ "querystring": { "type": "object", "required": ["fail"] } });
    let app = App::guarded(Api(done), &json!([route]), vec![Guard]).await;
    for name in ["onRequest", "middleware", "second", "handler"] {
        let answer = app.get(&format!("/api/work?fail={name}")).await;
        assert_eq!(
            (answer.status, answer.json()),
            (422, json!({ "handled": format!("{name} failed") }))
        );
    }
    let missing = "querystring must have required property 'fail'";
    assert_eq!(app.get("/api/work").await.json(), json!({ "handled": missing }));
    let broken = "POST /api/work?fail=x HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\
                  Content-Length: 1\r\n\r\n{";
    let handled = app.send(broken).await.json()["handled"].to_string();
    assert!(handled.contains("Body is not valid JSON"), "{handled}");
}

#[tokio::test]
async fn a_reply_of_a_hook_is_the_answer_and_a_failing_error_handler_falls_back() {
    let (done, _seen) = tokio::sync::mpsc::unbounded_channel();
    let routes = json!([
        { "method": "GET", "url": "/a", "handler": "work", "preHandler": "answer" },
        { "method": "GET", "url": "/b", "handler": "work", "errorHandler": "onError", "onRequest": "second" },
    ]);
    let app = App::start(Api(done), &routes).await;
    let answer = app.get("/api/a").await;
    assert_eq!((answer.status, answer.body.as_str()), (403, "stop"));
    let answer = app.get("/api/b?fail=second&fail=errorHandler").await;
    assert_eq!((answer.status, answer.message().as_str()), (418, "errorHandler failed"));
    assert_eq!(answer.json()["error"], "IOServerError");
    assert_eq!(app.get("/api/b?fail=second").await.status, 422);
}

#[test]
fn a_name_that_does_not_exist_or_is_of_another_kind_is_refused_with_those_that_do() {
    let refuse = |option: &str, name: &str| {
        let (done, _) = tokio::sync::mpsc::unbounded_channel();
        let mut route = json!({ "method": "GET", "url": "/x", "handler": "work" });
        route[option] = json!(name);
        refusal(Api(done), &json!([route]))
    };
    let error = refuse("preHandler", "nope");
    assert!(
        error.contains(
            "`preHandler` names `nope`, but the controller's methods for it are: answer, on_request"
        ),
        "{error}"
    );
    let error = refuse("onSend", "second");
    assert!(error.ends_with("; `second` is a hook before the handler (`#[hook]`)"), "{error}");
    let error = refuse("handler", "onError");
    assert!(error.ends_with("; `onError` is an error handler (`#[hook(error)]`)"), "{error}");
    let error = refuse("onRequestAbort", "second");
    assert!(error.contains("unknown field `onRequestAbort`"), "{error}");
}

#[tokio::test]
async fn constraints_choose_between_routes_of_one_url() {
    let (done, _seen) = tokio::sync::mpsc::unbounded_channel();
    let route = |role: &str, constraints: Value| {
        json!({
            "method": "GET", "url": "/:x", "handler": "work",
            "config": { "role": role }, "constraints": constraints,
        })
    };
    let routes = json!([
        route("any", json!({})),
        route("host", json!({ "host": "a.example" })),
        route("one", json!({ "version": "1.2.0" })),
        route("two", json!({ "version": "1.3.0" })),
    ]);
    let app = App::start(Api(done), &routes).await;
    let role = async |head: &str| {
        let answer = app.send(&format!("GET /api/y HTTP/1.1\r\n{head}\r\n\r\n")).await;
        if answer.status == 200 {
            answer.json()["config"]["role"].clone()
        } else {
            json!(answer.status)
        }
    };
    assert_eq!(role("Host: x").await, "any");
    assert_eq!(role("Host: a.example").await, "host");
    assert_eq!(role("Host: x\r\nAccept-Version: 1.x").await, "two");
    assert_eq!(role("Host: x\r\nAccept-Version: 1.2.x").await, "one");
    assert_eq!(role("Host: x\r\nAccept-Version: 2.x").await, 404);
}
