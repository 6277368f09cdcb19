//! Tokens: at first sight by algorithm, seen before, and key sets.

use criterion::{Criterion, criterion_group, criterion_main};
use ioserver_bench::issuer::{Algorithm, Issuer};
use ioserver_oidc::{OidcConfig, verify_oidc_token};
use tokio::runtime::Runtime;

fn tokens(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime starts");
    let issuer = runtime.block_on(Issuer::start(0)).expect("the issuer starts");
    for algorithm in Algorithm::ALL {
        let (name, token) = (algorithm.name(), issuer.token(algorithm, 0));
        for (what, cache) in [("first sight", 0), ("seen before", 1_000)] {
            let config = config(&issuer, cache);
            let verify = || async {
                verify_oidc_token(&token, &config).await.expect("the token is valid");
            };
            runtime.block_on(verify()); // fetches the keys
            criterion.bench_function(&format!("token/{what}/{name}"), |bencher| {
                bencher.to_async(&runtime).iter(verify);
            });
        }
    }
}

/// The request over loopback is part of it: it is what a refresh costs.
fn key_sets(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime starts");
    for others in [0, 97] {
        let issuer = runtime.block_on(Issuer::start(others)).expect("the issuer starts");
        let keys = config(&issuer, 0).keys().expect("the configuration is sound");
        criterion.bench_function(&format!("key set/{} keys", others + 3), |bencher| {
            bencher.to_async(&runtime).iter(|| async {
                keys.refresh().await.expect("the keys are there");
            });
        });
    }
}

fn config(issuer: &Issuer, token_cache: usize) -> OidcConfig {
    let [(_, url), (_, slug)] = issuer.environment();
    let mut config = OidcConfig::new(url, slug);
    config.token_cache = token_cache;
    config
}

criterion_group!(benches, tokens, key_sets);
criterion_main!(benches);
