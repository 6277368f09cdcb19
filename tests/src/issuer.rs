//! The parity suite's issuer: keys that a test can rotate, break and count.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{Program, folder};

/// A running issuer, and one of its tenants.
#[derive(Debug)]
pub struct Issuer {
    _program: Program,
    base: String,
    tenant: &'static str,
    http: reqwest::Client,
}

impl Issuer {
    /// Starts it.
    ///
    /// # Panics
    ///
    /// If it cannot be started.
    pub async fn start() -> Self {
        let script = folder("parity/issuer.mjs");
        let mut program = Program::start("node", [script], &BTreeMap::new());
        let url = |line: &str| line.strip_prefix("ISSUER ").map(str::to_owned);
        let base = program.wait_for("its address", url).await;
        Self { _program: program, base, tenant: "rotate", http: reqwest::Client::new() }
    }

    /// The environment of an app that trusts it.
    #[must_use]
    pub fn environment(&self) -> BTreeMap<&'static str, String> {
        let url = format!("{}/t/{}", self.base, self.tenant);
        [("AUTH_SERVICE_URL", url), ("AUTH_SERVICE_APP_SLUG", "parity-app".into())].into()
    }

    /// A token that is fine, but for what `spec` says.
    ///
    /// # Panics
    ///
    /// If the issuer does not answer.
    pub async fn mint(&self, mut spec: Value) -> String {
        spec["tenant"] = self.tenant.into();
        let minted = self.post("/mint", &spec).await;
        minted["token"].as_str().expect("the issuer mints a token").to_owned()
    }

    /// Changes the tenant: its `mode`, its `keys`, its `delay`.
    ///
    /// # Panics
    ///
    /// If the issuer does not answer.
    pub async fn set(&self, change: Value) {
        self.post(&format!("/control/tenant/{}", self.tenant), &change).await;
    }

    /// How often the key set was asked for.
    ///
    /// # Panics
    ///
    /// If the issuer does not answer.
    pub async fn hits(&self) -> u64 {
        let tenant = self.post(&format!("/control/tenant/{}", self.tenant), &json!({})).await;
        tenant["hits"].as_u64().expect("the issuer counts")
    }

    async fn post(&self, path: &str, body: &Value) -> Value {
        let request = self.http.post(format!("{}{path}", self.base)).json(body);
        let answer = request.send().await.expect("the issuer answers");
        answer.json().await.expect("the issuer answers with JSON")
    }
}
