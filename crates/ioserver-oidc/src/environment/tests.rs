use std::collections::HashMap;

use super::*;

fn config(variables: &[(&str, &str)]) -> Result<OidcConfig, String> {
    let required =
        [("AUTH_SERVICE_URL", "https://auth.example.com"), ("AUTH_SERVICE_APP_SLUG", "app")];
    let all: HashMap<_, _> = required.iter().chain(variables).copied().collect();
    let all = all.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
    OidcConfig::from_vars(all).map_err(|error| error.to_string())
}

#[test]
fn the_defaults_are_those_of_the_code() {
    let config = config(&[]).unwrap();
    assert_eq!(config.expected_issuer(), "https://auth.example.com");
    assert_eq!(config.expected_audience(), "app");
    assert_eq!(config.keys_uri(), "https://auth.example.com/api/auth/jwks");
    assert_eq!(config.profile, Profile::Compatible);
    assert_eq!(config.clock_tolerance, Duration::ZERO);
    assert_eq!((config.max_token_bytes, config.token_cache), (16 * 1024, 10_000));
    assert_eq!(config.users_without_directory, UsersWithoutDirectory::Refuse);
    assert_eq!(config.outage_answer, OutageAnswer::Unavailable);
    assert_eq!(config.jwks, crate::JwksOptions::default());
}

/// A row of the README: a name and what stands for its default, where that is a value.
fn documented() -> impl Iterator<Item = (&'static str, &'static str)> {
    let rows = include_str!("../../README.md").lines().filter_map(|line| {
        let mut cells = line.strip_prefix("| `AUTH_SERVICE_")?.split(" | ");
        Some((cells.next()?.strip_suffix('`')?, cells.next()?))
    });
    rows.map(|(name, default)| (name, default.trim_matches('`')))
}

#[test]
fn the_readme_has_each_variable() {
    let names = documented().map(|(name, _)| format!("{PREFIX}{name}")).collect::<Vec<_>>();
    let mut documented = names.iter().map(String::as_str).collect::<Vec<_>>();
    let mut known = NAMES.to_vec();
    documented.sort_unstable();
    known.sort_unstable();
    assert_eq!(documented, known);
}

#[test]
fn the_defaults_of_the_readme_are_those_of_the_code() {
    let words =
        ["required", "the slug", "the URL", "<URL>/api/auth/jwks", "any; the slug if strict"];
    let stated = documented().filter(|(_, default)| !words.contains(default));
    let stated = stated.map(|(name, value)| (format!("{PREFIX}{name}"), value)).collect::<Vec<_>>();
    assert!(stated.len() > 15, "{stated:?}");
    let stated = stated.iter().map(|(name, value)| (name.as_str(), *value)).collect::<Vec<_>>();
    let (stated, default) = (config(&stated).unwrap(), config(&[]).unwrap());
    assert_eq!(stated.jwks, default.jwks);
    assert_eq!(
        (stated.profile, stated.clock_tolerance, stated.max_token_bytes, stated.token_cache),
        (default.profile, default.clock_tolerance, default.max_token_bytes, default.token_cache)
    );
    assert_eq!(stated.users_without_directory, default.users_without_directory);
    assert_eq!(stated.outage_answer, default.outage_answer);
}

#[test]
fn each_variable_sets_its_option() {
    let config = config(&[
        ("AUTH_SERVICE_JWKS_URI", "https://keys.example.com/keys.json?tenant=1"),
        ("AUTH_SERVICE_ISSUER", "https://issuer.example.com/"),
        ("AUTH_SERVICE_AUDIENCE", "https://api.example.com"),
        ("AUTH_SERVICE_PROFILE", "strict"),
        ("AUTH_SERVICE_CLIENTS", "web, mobile"),
        ("AUTH_SERVICE_CLOCK_TOLERANCE", "5"),
        ("AUTH_SERVICE_MAX_TOKEN_BYTES", "4096"),
        ("AUTH_SERVICE_TOKEN_CACHE", "0"),
        ("AUTH_SERVICE_USERS_WITHOUT_DIRECTORY", "ignore"),
        ("AUTH_SERVICE_OUTAGE_ANSWER", "as_bad_token"),
        ("AUTH_SERVICE_JWKS_MAX_AGE", "15min"),
        ("AUTH_SERVICE_JWKS_MAX_STALE", "2h"),
        ("AUTH_SERVICE_JWKS_TIMEOUT", "2500ms"),
        ("AUTH_SERVICE_JWKS_MAX_BYTES", "65536"),
        ("AUTH_SERVICE_JWKS_MAX_KEYS", "7"),
        ("AUTH_SERVICE_JWKS_UNKNOWN_KID_COOLDOWN", "10s"),
        ("AUTH_SERVICE_JWKS_BAD_SIGNATURE_COOLDOWN", "1 min"),
        ("AUTH_SERVICE_JWKS_COOLDOWN_FROM", "any_fetch"),
        ("AUTH_SERVICE_JWKS_RETRY_PAUSE", "1s..1min"),
        ("AUTH_SERVICE_JWKS_ALLOW_HTTP", "true"),
        ("AUTH_SERVICE_JWKS_FETCH_AT_START", "true"),
    ])
    .unwrap();
    assert_eq!(config.keys_uri(), "https://keys.example.com/keys.json?tenant=1");
    assert_eq!(config.expected_issuer(), "https://issuer.example.com/", "to the letter");
    assert_eq!(config.expected_audience(), "https://api.example.com");
    assert_eq!(config.profile, Profile::Strict);
    assert_eq!(config.clients, ["web", "mobile"]);
    assert_eq!(config.clock_tolerance, Duration::from_secs(5));
    assert_eq!((config.max_token_bytes, config.token_cache), (4096, 0));
    assert_eq!(config.users_without_directory, UsersWithoutDirectory::Ignore);
    assert_eq!(config.outage_answer, OutageAnswer::AsBadToken);
    let expected = crate::JwksOptions {
        max_age: Duration::from_secs(900),
        max_stale: Duration::from_secs(7200),
        timeout: Duration::from_millis(2500),
        max_bytes: 65_536,
        max_keys: 7,
        unknown_kid_cooldown: Duration::from_secs(10),
        bad_signature_cooldown: Duration::from_secs(60),
        cooldown_from: CooldownFrom::AnyFetch,
        retry_pause: RetryPause::Doubling {
            first: Duration::from_secs(1),
            max: Duration::from_secs(60),
        },
        allow_http: true,
        fetch_at_start: true,
        client: None,
    };
    assert_eq!(config.jwks, expected);
    assert!(config.remarks.is_empty());
}

#[test]
fn the_original_pause_is_none() {
    let config = config(&[("AUTH_SERVICE_JWKS_RETRY_PAUSE", "none")]).unwrap();
    assert_eq!(config.jwks.retry_pause, RetryPause::None);
}

#[test]
fn a_missing_variable_is_named_with_what_to_set_it_to() {
    let of = |variables: &[(&str, &str)]| {
        let all = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        OidcConfig::from_vars(all).unwrap_err().to_string()
    };
    assert_eq!(
        of(&[]),
        "environment variable AUTH_SERVICE_URL is required: set it to the base URL of the \
         auth-service, such as https://auth.example.com"
    );
    let url = ("AUTH_SERVICE_URL", "https://auth.example.com");
    let slug = "environment variable AUTH_SERVICE_APP_SLUG is required: set it to this app's \
                client_id at the auth-service";
    assert_eq!(of(&[url]), slug);
    assert_eq!(of(&[url, ("AUTH_SERVICE_APP_SLUG", "")]), slug, "an empty one is missing");
    assert!(of(&[("AUTH_SERVICE_URL", ""), ("AUTH_SERVICE_APP_SLUG", "app")]).contains("_URL is"));
}

#[test]
fn a_value_that_cannot_be_used_is_named_with_the_forms_it_may_have() {
    for (name, value, form) in [
        ("AUTH_SERVICE_PROFILE", "Strict", "`compatible` or `strict`"),
        ("AUTH_SERVICE_CLIENTS", "a,,b", "names with commas"),
        ("AUTH_SERVICE_CLOCK_TOLERANCE", "-5", "a duration such as"),
        ("AUTH_SERVICE_CLOCK_TOLERANCE", "6min", "more than 5 minutes"),
        ("AUTH_SERVICE_MAX_TOKEN_BYTES", "16k", "a whole number"),
        ("AUTH_SERVICE_MAX_TOKEN_BYTES", "0", "no token would pass"),
        ("AUTH_SERVICE_TOKEN_CACHE", "off", "a whole number"),
        ("AUTH_SERVICE_USERS_WITHOUT_DIRECTORY", "yes", "`refuse` or `ignore`"),
        ("AUTH_SERVICE_OUTAGE_ANSWER", "503", "`unavailable` or `as_bad_token`"),
        ("AUTH_SERVICE_JWKS_MAX_AGE", "ten minutes", "a duration such as"),
        ("AUTH_SERVICE_JWKS_MAX_STALE", "99999999999999999999h", "a duration such as"),
        ("AUTH_SERVICE_JWKS_COOLDOWN_FROM", "start", "`last_unknown_kid` or `any_fetch`"),
        ("AUTH_SERVICE_JWKS_RETRY_PAUSE", "30s..1s", "such as `250ms..30s`"),
        ("AUTH_SERVICE_JWKS_RETRY_PAUSE", "0s..1s", "such as `250ms..30s`"),
        ("AUTH_SERVICE_JWKS_ALLOW_HTTP", "1", "`true` or `false`"),
        ("AUTH_SERVICE_JWKS_URI", "keys.json", "absolute URL"),
        ("AUTH_SERVICE_JWKS_URI", "http://keys.example.com", "plain http"),
    ] {
        let error = config(&[(name, value)]).unwrap_err();
        assert!(error.contains(name) && error.contains(form), "{name}={value}: {error}");
    }
    for url in [
        "auth.example.com",
        "ftp://auth.example.com",
        "https://root:hunter2@auth.example.com",
        "https://auth.example.com/?a=1",
        "https://auth.example.com/#a",
        " https://auth.example.com",
    ] {
        let error = config(&[("AUTH_SERVICE_URL", url)]).unwrap_err();
        assert!(error.contains("AUTH_SERVICE_URL"), "{url}: {error}");
        assert!(!error.contains("hunter2"), "{error}");
    }
}

#[test]
fn the_strict_profile_wants_an_audience() {
    let error = config(&[("AUTH_SERVICE_PROFILE", "strict")]).unwrap_err();
    assert!(error.contains("set it to the audience of this app's access tokens"), "{error}");
}

#[test]
fn trailing_slashes_of_the_url_do_not_count() {
    for url in ["https://auth.example.com/", "https://auth.example.com//"] {
        let config = config(&[("AUTH_SERVICE_URL", url)]).unwrap();
        assert_eq!(config.expected_issuer(), "https://auth.example.com");
        assert_eq!(config.keys_uri(), "https://auth.example.com/api/auth/jwks");
    }
}

#[test]
fn an_unknown_name_is_answered_with_the_nearest_known_one() {
    let config = config(&[
        ("AUTH_SERVICE_AUDIANCE", "x"),
        ("AUTH_SERVICE_JWKS_URL", "x"),
        ("OTHER", "x"),
        ("AUTH_SERVICE_ISUER", ""),
        ("AUTH_SERVICE_SERVICE_HOST", "10.0.0.1"),
        ("AUTH_SERVICE_PORT_80_TCP_ADDR", "10.0.0.1"),
        ("AUTH_SERVICE_PORT", "tcp://10.0.0.1:80"),
    ])
    .unwrap();
    let text = config.remarks.join("\n");
    assert!(
        text.contains("AUTH_SERVICE_AUDIANCE") && text.contains("was AUTH_SERVICE_AUDIENCE meant")
    );
    assert!(text.contains("was AUTH_SERVICE_JWKS_URI meant"), "{text}");
    assert!(text.contains("was AUTH_SERVICE_ISSUER meant"), "even if it is empty: {text}");
    assert!(!text.contains("OTHER"));
    assert!(!text.contains("_PORT") && !text.contains("_HOST"), "Kubernetes' own: {text}");
}

#[test]
fn the_distance_is_levenshteins() {
    assert_eq!(distance("", ""), 0);
    assert_eq!(distance("kitten", "sitting"), 3);
    assert_eq!(distance("abc", ""), 3);
    assert_eq!(distance("flaw", "lawn"), 2);
}
