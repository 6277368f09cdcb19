//! The `AUTH_SERVICE_*` variables: their names, their forms, and what is wrong with them.

use std::{env, time::Duration};

use serde::Deserialize;

use crate::{
    CooldownFrom, OidcConfig, OidcError, OutageAnswer, Profile, RetryPause, UsersWithoutDirectory,
};

const PREFIX: &str = "AUTH_SERVICE_";

/// The variables as text. Each has its form and its default at the field of [`OidcConfig`] and
/// [`JwksOptions`](crate::JwksOptions) that it sets.
macro_rules! variables {
    ($($field:ident: $name:literal),* $(,)?) => {
        #[derive(Debug, Default, Deserialize)]
        struct Environment {
            $($field: Option<String>,)*
        }

        const NAMES: &[&str] = &[$($name),*];
    };
}
variables! {
    url: "AUTH_SERVICE_URL",
    app_slug: "AUTH_SERVICE_APP_SLUG",
    jwks_uri: "AUTH_SERVICE_JWKS_URI",
    issuer: "AUTH_SERVICE_ISSUER",
    audience: "AUTH_SERVICE_AUDIENCE",
    profile: "AUTH_SERVICE_PROFILE",
    clients: "AUTH_SERVICE_CLIENTS",
    clock_tolerance: "AUTH_SERVICE_CLOCK_TOLERANCE",
    max_token_bytes: "AUTH_SERVICE_MAX_TOKEN_BYTES",
    token_cache: "AUTH_SERVICE_TOKEN_CACHE",
    users_without_directory: "AUTH_SERVICE_USERS_WITHOUT_DIRECTORY",
    outage_answer: "AUTH_SERVICE_OUTAGE_ANSWER",
    jwks_max_age: "AUTH_SERVICE_JWKS_MAX_AGE",
    jwks_max_stale: "AUTH_SERVICE_JWKS_MAX_STALE",
    jwks_timeout: "AUTH_SERVICE_JWKS_TIMEOUT",
    jwks_max_bytes: "AUTH_SERVICE_JWKS_MAX_BYTES",
    jwks_max_keys: "AUTH_SERVICE_JWKS_MAX_KEYS",
    jwks_unknown_kid_cooldown: "AUTH_SERVICE_JWKS_UNKNOWN_KID_COOLDOWN",
    jwks_bad_signature_cooldown: "AUTH_SERVICE_JWKS_BAD_SIGNATURE_COOLDOWN",
    jwks_cooldown_from: "AUTH_SERVICE_JWKS_COOLDOWN_FROM",
    jwks_retry_pause: "AUTH_SERVICE_JWKS_RETRY_PAUSE",
    jwks_allow_http: "AUTH_SERVICE_JWKS_ALLOW_HTTP",
    jwks_fetch_at_start: "AUTH_SERVICE_JWKS_FETCH_AT_START",
}

/// The variables of this process that are meant for this crate, and are text.
pub(crate) fn variables() -> impl Iterator<Item = (String, String)> {
    // `env::vars` panics at a variable of someone else's that is no Unicode.
    env::vars_os().filter_map(|(name, value)| {
        let name = name.into_string().ok().filter(|name| name.starts_with(PREFIX))?;
        // One of ours that is no Unicode must not count as missing.
        Some((name, value.into_string().unwrap_or_else(|value| value.to_string_lossy().into())))
    })
}

/// Reads a configuration; it is not validated yet.
pub(crate) fn read(
    variables: impl IntoIterator<Item = (String, String)>,
) -> Result<OidcConfig, OidcError> {
    let all: Vec<_> = variables.into_iter().collect();
    let remarks = strangers(all.iter().map(|(name, _)| name.as_str()));
    // `envy` would read any case of a name.
    let is_given =
        |(name, value): &(String, String)| NAMES.contains(&name.as_str()) && !value.is_empty();
    let given = all.into_iter().filter(is_given);
    let given: Environment = envy::prefixed(PREFIX)
        .from_iter(given)
        .map_err(|error| OidcError::Config(format!("AUTH_SERVICE_ variables: {error}")))?;
    let url = given.url.ok_or(OidcError::MissingVariable("AUTH_SERVICE_URL"))?;
    let app_slug = given.app_slug.ok_or(OidcError::MissingVariable("AUTH_SERVICE_APP_SLUG"))?;
    let mut config = OidcConfig::new(url, app_slug);
    config.jwks_uri = given.jwks_uri;
    config.issuer = given.issuer;
    config.audience = given.audience;
    config.remarks = remarks;
    let jwks = &mut config.jwks;
    set(&mut config.profile, "PROFILE", given.profile)?;
    set(&mut config.clients, "CLIENTS", given.clients)?;
    set(&mut config.clock_tolerance, "CLOCK_TOLERANCE", given.clock_tolerance)?;
    set(&mut config.max_token_bytes, "MAX_TOKEN_BYTES", given.max_token_bytes)?;
    set(&mut config.token_cache, "TOKEN_CACHE", given.token_cache)?;
    let users = given.users_without_directory;
    set(&mut config.users_without_directory, "USERS_WITHOUT_DIRECTORY", users)?;
    set(&mut config.outage_answer, "OUTAGE_ANSWER", given.outage_answer)?;
    set(&mut jwks.max_age, "JWKS_MAX_AGE", given.jwks_max_age)?;
    set(&mut jwks.max_stale, "JWKS_MAX_STALE", given.jwks_max_stale)?;
    set(&mut jwks.timeout, "JWKS_TIMEOUT", given.jwks_timeout)?;
    set(&mut jwks.max_bytes, "JWKS_MAX_BYTES", given.jwks_max_bytes)?;
    set(&mut jwks.max_keys, "JWKS_MAX_KEYS", given.jwks_max_keys)?;
    let unknown = given.jwks_unknown_kid_cooldown;
    set(&mut jwks.unknown_kid_cooldown, "JWKS_UNKNOWN_KID_COOLDOWN", unknown)?;
    let bad = given.jwks_bad_signature_cooldown;
    set(&mut jwks.bad_signature_cooldown, "JWKS_BAD_SIGNATURE_COOLDOWN", bad)?;
    set(&mut jwks.cooldown_from, "JWKS_COOLDOWN_FROM", given.jwks_cooldown_from)?;
    set(&mut jwks.retry_pause, "JWKS_RETRY_PAUSE", given.jwks_retry_pause)?;
    set(&mut jwks.allow_http, "JWKS_ALLOW_HTTP", given.jwks_allow_http)?;
    set(&mut jwks.fetch_at_start, "JWKS_FETCH_AT_START", given.jwks_fetch_at_start)?;
    Ok(config)
}

/// Names with our prefix that mean nothing, with the one that may have been meant.
fn strangers<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let ours = names.into_iter().filter(|name| name.starts_with(PREFIX));
    let strange = ours.filter(|name| !NAMES.contains(name) && !is_of_kubernetes(name));
    let warning = |name: &str| {
        let nearest = NAMES.iter().min_by_key(|known| distance(name, known))?;
        Some(format!("{name} is no variable of ioserver-oidc: was {nearest} meant?"))
    };
    strange.filter_map(warning).collect()
}

/// Kubernetes sets such variables in each container for services named `auth` and `auth-service`.
fn is_of_kubernetes(name: &str) -> bool {
    let rest = name.strip_prefix(PREFIX).unwrap_or_default();
    matches!(rest, "HOST" | "PORT") || rest.starts_with("PORT_") || rest.starts_with("SERVICE_")
}

fn set<T: Setting>(field: &mut T, name: &str, text: Option<String>) -> Result<(), OidcError> {
    if let Some(text) = text {
        *field = T::read(text.trim()).ok_or_else(|| {
            OidcError::Config(format!("{PREFIX}{name} is `{}`: set it to {}", text, T::FORM))
        })?;
    }
    Ok(())
}

/// What a variable may stand for.
trait Setting: Sized {
    /// What to set it to.
    const FORM: &'static str;
    fn read(text: &str) -> Option<Self>;
}

impl Setting for bool {
    const FORM: &'static str = "`true` or `false`";

    fn read(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

impl Setting for usize {
    const FORM: &'static str = "a whole number";

    fn read(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

impl Setting for Vec<String> {
    const FORM: &'static str = "names with commas between them";

    fn read(text: &str) -> Option<Self> {
        let names: Self = text.split(',').map(|name| name.trim().to_owned()).collect();
        names.iter().all(|name| !name.is_empty()).then_some(names)
    }
}

impl Setting for Duration {
    const FORM: &'static str = "a duration such as `250ms`, `30s`, `10min` or `1h`";

    fn read(text: &str) -> Option<Self> {
        let end = text.find(|character: char| !character.is_ascii_digit()).unwrap_or(text.len());
        let (number, unit) = text.split_at(end);
        let number: u64 = number.parse().ok()?;
        let seconds = |each: u64| number.checked_mul(each).map(Self::from_secs);
        match unit.trim_start() {
            "ms" => Some(Self::from_millis(number)),
            "" | "s" => seconds(1),
            "m" | "min" => seconds(60),
            "h" => seconds(3600),
            _ => None,
        }
    }
}

impl Setting for Profile {
    const FORM: &'static str = "`compatible` or `strict`";

    fn read(text: &str) -> Option<Self> {
        match text {
            "compatible" => Some(Self::Compatible),
            "strict" => Some(Self::Strict),
            _ => None,
        }
    }
}

impl Setting for UsersWithoutDirectory {
    const FORM: &'static str = "`refuse` or `ignore`";

    fn read(text: &str) -> Option<Self> {
        match text {
            "refuse" => Some(Self::Refuse),
            "ignore" => Some(Self::Ignore),
            _ => None,
        }
    }
}

impl Setting for OutageAnswer {
    const FORM: &'static str = "`unavailable` or `as_bad_token`";

    fn read(text: &str) -> Option<Self> {
        match text {
            "unavailable" => Some(Self::Unavailable),
            "as_bad_token" => Some(Self::AsBadToken),
            _ => None,
        }
    }
}

impl Setting for CooldownFrom {
    const FORM: &'static str = "`last_unknown_kid` or `any_fetch`";

    fn read(text: &str) -> Option<Self> {
        match text {
            "last_unknown_kid" => Some(Self::LastUnknownKid),
            "any_fetch" => Some(Self::AnyFetch),
            _ => None,
        }
    }
}

impl Setting for RetryPause {
    const FORM: &'static str = "`none`, or the first and the longest pause, such as `250ms..30s`";

    fn read(text: &str) -> Option<Self> {
        if text == "none" {
            return Some(Self::None);
        }
        let (first, max) = text.split_once("..")?;
        let (first, max) = (Duration::read(first.trim())?, Duration::read(max.trim())?);
        (first <= max && !first.is_zero()).then_some(Self::Doubling { first, max })
    }
}

/// How many characters to add, take away or replace: Levenshtein's distance.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.bytes().enumerate() {
            let replaced = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests;
