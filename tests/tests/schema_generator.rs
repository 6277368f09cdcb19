//! Thousands of made-up requests to every route of the parity app that has a schema: each is
//! answered, and none with a fault of the server's own.

#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps")]

use std::{collections::BTreeMap, fs};

use ioserver_tests::{Program, built, folder};
use reqwest::{Client, Method};
use serde_json::{Map, Value, json};

/// The same requests in each run: a failure can be looked at.
struct Dice(u64);

impl Dice {
    /// SplitMix64.
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % sides as u64).unwrap()
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.roll(from.len())]
    }

    /// Any value, often one that the schemas have an opinion on.
    fn value(&mut self, names: &[String], depth: usize) -> Value {
        match self.roll(if depth == 0 { 6 } else { 9 }) {
            0 => Value::Null,
            1 => json!(self.roll(2) == 0),
            2 => self.pick(&[json!(0), json!(-1), json!(7), json!(1.5), json!(1e21)]).clone(),
            3..=5 => (*self.pick(&TEXTS)).into(),
            6 => (0..self.roll(4)).map(|_| self.value(names, depth - 1)).collect(),
            _ => self.object(names, depth),
        }
    }

    fn object(&mut self, names: &[String], depth: usize) -> Value {
        let members = (0..self.roll(6)).map(|_| {
            let name = self.pick(names).clone();
            (name, self.value(names, depth.saturating_sub(1)))
        });
        Value::Object(members.collect::<Map<_, _>>())
    }
}

const TEXTS: [&str; 14] = [
    "",
    "a",
    "7",
    "-7",
    "1.5",
    "true",
    "null",
    "x@example.test",
    "é🚀",
    "a b",
    "../..",
    "\0",
    "[]",
    "a text that is longer than most limits are, and then some more of it to be sure",
];

const IDS: [&str; 6] = ["7", "-1", "seven", "%20", "1e3", "99999999999999999999"];

/// All member names that a schema speaks of, and one that it does not.
fn names(schema: &Value, found: &mut Vec<String>) {
    if let Some(properties) = schema["properties"].as_object() {
        found.extend(properties.keys().cloned());
    }
    match schema {
        Value::Array(items) => items.iter().for_each(|item| names(item, found)),
        Value::Object(members) => members.values().for_each(|member| names(member, found)),
        _ => {}
    }
}

async fn app() -> (Program, String) {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (port, parity) = (port.to_string(), folder("parity").display().to_string());
    let arguments = ["--profile", "main", "--port", &port];
    let environment = BTreeMap::from([("PARITY_DIR", parity)]);
    let program = Program::start(built("parity-app"), arguments, &environment);
    (program, format!("http://127.0.0.1:{port}"))
}

/// Asks until the app listens.
async fn answered(client: &Client, url: &str) {
    let patience = std::time::Duration::from_secs(60);
    let up = async { while client.get(url).send().await.is_err() {} };
    tokio::time::timeout(patience, up).await.unwrap();
}

#[tokio::test]
async fn no_made_up_request_to_a_route_with_a_schema_is_a_fault_of_the_servers() {
    let (_program, base) = app().await;
    let client = Client::new();
    answered(&client, &format!("{base}/basic/hello")).await;
    let file = fs::read_to_string(folder("parity/routes/schema.json")).unwrap();
    let routes = serde_json::from_str::<Vec<Value>>(&file).unwrap();
    let (mut dice, mut good, mut bad) = (Dice(7), 0_u32, 0_u32);
    for route in &routes {
        // Its own reply breaks its response schema, which is a fault of the server's.
        if route["handler"] == "respMissing" {
            continue;
        }
        let mut known = vec!["unknown".to_owned()];
        names(&route["schema"], &mut known);
        for _ in 0..200 {
            let path = route["url"].as_str().unwrap().replace(":id", dice.pick::<&str>(&IDS));
            let method = route["method"].as_str().unwrap().parse::<Method>().unwrap();
            let mut url = reqwest::Url::parse(&format!("{base}/schema{path}")).unwrap();
            let mut headers = http::HeaderMap::new();
            for _ in 0..dice.roll(4) {
                let (name, text) = (dice.pick(&known).clone(), *dice.pick(&TEXTS));
                url.query_pairs_mut().append_pair(&name, text);
                if let (Ok(name), Ok(text)) = (name.parse::<http::HeaderName>(), text.parse()) {
                    headers.insert(name, text);
                }
            }
            let mut request = client.request(method.clone(), url.clone()).headers(headers);
            if method == Method::POST {
                request = request.json(&dice.value(&known, 3));
            }
            let answer = request.send().await.unwrap();
            let status = answer.status();
            assert!(!status.is_server_error(), "{method} {url}: {status}");
            if status.is_success() { good += 1 } else { bad += 1 }
        }
    }
    assert!(good > 100 && bad > 100, "{good} let in, {bad} refused: the dice are loaded");
}
