//! Schemas in route files: what reaches the handler, what is answered, what is sent.

mod support;

use ioserver::{
    Json, Reply, Request, Result, controller,
    extract::{Params, Query},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use support::app::{App, refusal};

struct Api;

#[derive(Debug, Deserialize, Serialize)]
struct Item {
    id: u32,
}

#[derive(Debug, Deserialize, Serialize)]
struct Page {
    page: u32,
    tags: Vec<u32>,
}

#[controller]
impl Api {
    pub async fn echo(&self, request: &mut Request) -> Result<Json<Value>> {
        let (params, query) = (request.params_value(), request.query());
        let num = request.headers_value()["x-num"].clone();
        let body = request.body().await?.cloned();
        Ok(Json(json!({ "params": params, "query": query, "body": body, "num": num })))
    }

    pub async fn typed(&self, Params(item): Params<Item>, Query(page): Query<Page>) -> Json<Value> {
        Json(json!({ "item": item, "page": page }))
    }

    pub async fn user(&self, Json(user): Json<Value>) -> Json<Value> {
        Json(json!({ "user": user, "password": "secret" }))
    }

    pub async fn fail(&self) -> Result<()> {
        Err(ioserver::IOServerError::new("no way", 409_u16))
    }

    pub async fn text(&self) -> &'static str {
        "plain"
    }

    pub async fn lenient(&self, request: &mut Request) -> Json<Value> {
        let why = request.validation_error().map(ToString::to_string);
        Json(json!({ "why": why }))
    }

    pub async fn deep(&self) -> Reply {
        let deep = (0..200).fold(json!({ "secret": 1 }), |inner, _| json!({ "inner": inner }));
        Reply::json(&deep)
    }
}

fn route(method: &str, handler: &str, schema: &Value) -> Value {
    json!([{ "method": method, "url": "/x", "handler": handler, "schema": schema }])
}

#[tokio::test]
async fn every_part_is_coerced_before_the_handler_sees_it() {
    let integer = json!({ "type": "object", "properties": { "id": { "type": "integer" } } });
    let schema = json!({
        "params": integer,
        "querystring": { "type": "object", "properties": { "page": { "type": "integer", "default": 1 } } },
        "headers": { "type": "object", "required": ["X-Num"], "properties": { "X-Num": { "type": "integer" } } },
    });
    let routes = json!([{ "method": "GET", "url": "/:id", "handler": "echo", "schema": schema }]);
    let app = App::start(Api, &routes).await;
    let answer = app.get_with("/api/7?other=x", "X-NUM: 5").await;
    assert_eq!(
        answer.json(),
        json!({ "params": { "id": 7 }, "query": { "other": "x", "page": 1 }, "body": null, "num": 5 })
    );
    let answer = app.get("/api/7").await;
    assert_eq!(answer.status, 400);
    assert_eq!(
        answer.body,
        r#"{"statusCode":400,"error":"Bad Request","code":"FST_ERR_VALIDATION","message":"headers must have required property 'x-num'"}"#
    );
    assert_eq!(
        app.get_with("/api/a?page=b", "x-num: c").await.message(),
        "params/id must be integer"
    );
}

#[tokio::test]
async fn extractors_read_the_coerced_values() {
    let schema = json!({
        "params": { "type": "object", "properties": { "id": { "type": "integer" } } },
        "query": {
            "type": "object",
            "properties": {
                "page": { "type": "integer", "default": 3 },
                "tags": { "type": "array", "items": { "type": "integer" } },
            },
        },
    });
    let routes = json!([{ "method": "GET", "url": "/:id", "handler": "typed", "schema": schema }]);
    let app = App::start(Api, &routes).await;
    let answer = app.get("/api/1e1?tags=5").await;
    assert_eq!(answer.json(), json!({ "item": { "id": 10 }, "page": { "page": 3, "tags": [5] } }));
}

#[tokio::test]
async fn a_body_loses_what_its_schema_does_not_name() {
    let schema = json!({
        "body": {
            "type": "object",
            "required": ["name"],
            "additionalProperties": false,
            "properties": { "name": { "type": "string" }, "isAdmin": { "type": "boolean", "default": false } },
        },
    });
    let app = App::start(Api, &route("POST", "echo", &schema)).await;
    let body = json!({ "name": 5, "role": "root", "__proto": 1 });
    let answer = app.post("/api/x", &body).await;
    assert_eq!(answer.json()["body"], json!({ "name": "5", "isAdmin": false }));
    let nothing = "POST /api/x HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n";
    let answer = app.send(nothing).await;
    assert_eq!((answer.status, answer.message().as_str()), (400, "body must be object"));
}

#[tokio::test]
async fn a_body_of_a_content_type_without_schema_is_refused() {
    let schema = json!({
        "body": { "content": { "application/json": { "schema": { "type": "object" } } } },
    });
    let app = App::start(Api, &route("POST", "echo", &schema)).await;
    assert_eq!(app.post("/api/x", &json!([1, 2])).await.message(), "body must be object");
    assert_eq!(app.post("/api/x", &json!({})).await.status, 200);
    let text = "POST /api/x HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nhi";
    assert_eq!(app.send(text).await.status, 415);
    for accepts in ["image/png", "application/json", "text/plain"] {
        let mut routes = route("POST", "echo", &schema);
        routes[0]["accepts"] = json!([accepts]);
        let app = App::start(Api, &routes).await;
        let raw = format!(
            "POST /api/x HTTP/1.1\r\nHost: x\r\nContent-Type: {accepts}\r\nContent-Length: 2\r\n\r\nhi"
        );
        assert_eq!(app.send(&raw).await.status, 415, "{accepts}");
    }
}

#[tokio::test]
async fn with_attach_validation_the_handler_learns_why_the_request_is_refused() {
    let schema = json!({ "querystring": { "type": "object", "required": ["q"] } });
    let mut routes = route("GET", "lenient", &schema);
    routes[0]["attachValidation"] = json!(true);
    let app = App::start(Api, &routes).await;
    let why = "querystring must have required property 'q'";
    assert_eq!(app.get("/api/x").await.json(), json!({ "why": why }));
    assert_eq!(app.get("/api/x?q=1").await.json(), json!({ "why": null }));
}

#[tokio::test]
async fn a_reply_has_only_what_the_schema_of_its_status_names() {
    let user = json!({ "type": "object", "properties": { "name": { "type": "string" } } });
    let schema = json!({
        "response": {
            "2XX": { "type": "object", "properties": { "user": user } },
            "409": { "type": "object", "properties": { "message": { "type": "string" } } },
        },
    });
    let app = App::start(Api, &route("POST", "user", &schema)).await;
    let answer = app.post("/api/x", &json!({ "name": 1, "hash": "x" })).await;
    assert_eq!(answer.body, r#"{"user":{"name":"1"}}"#);
    let app = App::start(Api, &route("GET", "fail", &schema)).await;
    let answer = app.get("/api/x").await;
    assert_eq!((answer.status, answer.body.as_str()), (409, r#"{"message":"no way"}"#));
    let app = App::start(Api, &route("GET", "text", &schema)).await;
    assert_eq!(app.get("/api/x").await.body, "plain");
}

#[tokio::test]
async fn a_reply_that_its_schema_cannot_write_is_a_500_and_nothing_leaks() {
    let needs = json!({ "type": "object", "required": ["id"], "properties": { "id": {} } });
    let app =
        App::start(Api, &route("POST", "user", &json!({ "response": { "200": needs } }))).await;
    let answer = app.post("/api/x", &json!({})).await;
    assert_eq!((answer.status, answer.message().as_str()), (500, "\"id\" is required!"));
    assert!(!answer.body.contains("secret"), "{}", answer.body);
    let app =
        App::start(Api, &route("POST", "user", &json!({ "response": { "default": needs } }))).await;
    let answer = app.post("/api/x", &json!({})).await;
    assert_eq!(answer.json()["code"], "FST_ERR_FAILED_ERROR_SERIALIZATION");
    assert_eq!(answer.status, 500);
    let any = json!({ "type": "object", "properties": { "a": {} } });
    let app = App::start(Api, &route("GET", "deep", &json!({ "response": { "200": any } }))).await;
    let answer = app.get("/api/x").await;
    assert_eq!(answer.status, 500, "it is too deep to be filtered");
    assert!(!answer.body.contains("secret"), "{}", answer.body);
}

#[test]
fn what_cannot_be_enforced_is_refused_with_file_route_and_part() {
    let check = |schema: Value, wanted: &str| {
        let error = refusal(Api, &route("POST", "echo", &schema));
        assert!(error.contains("api.json: route 1 (/x): "), "{error}");
        assert!(error.contains(wanted), "{error}\nlacks {wanted}");
    };
    check(json!({ "body": { "type": "objekt" } }), "`schema.body` at `#/type`");
    check(json!({ "body": { "example": 1 } }), "unknown keyword `example`");
    check(json!({ "body": { "$ref": "user#" } }), "`$ref` `user#` leads nowhere");
    check(json!({ "body": { "$ref": "#" } }), "leads back to itself");
    check(json!({ "body": { "type": "string", "format": "colour" } }), "unknown format `colour`");
    check(json!({ "body": { "pattern": "(" } }), "`schema.body` at `#/pattern`");
    check(
        json!({ "headers": { "properties": { "a": { "minimum": "1" } } } }),
        "`schema.headers` at `#/properties/a/minimum`",
    );
    check(json!({ "body": { "$schema": "http://json-schema.org/draft-04/schema#" } }), "`$schema`");
    check(json!({ "boddy": {} }), "`schema.boddy` is not supported");
    check(json!({ "body": null }), "`schema.body` is no schema");
    check(json!({ "query": {}, "querystring": {} }), "both `querystring` and `query`");
    check(json!({ "response": { "20": {} } }), "`schema.response.20` stands for no status");
    check(json!({ "response": { "200": { "type": 1 } } }), "`schema.response.200` at `#/type`");
    let error = refusal(Api, &route("GET", "echo", &json!({ "body": { "type": "object" } })));
    assert!(error.contains("Body validation schema for GET route is not supported!"), "{error}");
}
