//! Codes and refresh tokens: each is good once.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use indexmap::IndexMap;
use ioserver::Result;

use crate::{people::Person, random};

const CODE_LIFETIME: Duration = Duration::from_secs(60);
const MOST: usize = 1000;

/// What was handed out and has not come back. The oldest make room.
#[derive(Debug, Default)]
pub(crate) struct Grants {
    codes: Mutex<IndexMap<String, Code>>,
    refresh_tokens: Mutex<IndexMap<String, &'static Person>>,
}

/// What a code stands for.
#[derive(Debug)]
pub(crate) struct Code {
    pub(crate) person: &'static Person,
    pub(crate) redirect_uri: String,
    pub(crate) challenge: String,
    pub(crate) made: Instant,
}

impl Grants {
    /// A code for someone who has signed in.
    pub(crate) fn code(&self, code: Code) -> Result<String> {
        add(&self.codes, code)
    }

    /// Whose code it is; it is then used up. RFC 6749 section 4.1.2.
    pub(crate) fn redeem(&self, code: &str, now: Instant) -> Option<Code> {
        let code = lock(&self.codes).swap_remove(code)?;
        (now.duration_since(code.made) < CODE_LIFETIME).then_some(code)
    }

    /// A token to get the next access token with.
    pub(crate) fn refresh_token(&self, person: &'static Person) -> Result<String> {
        add(&self.refresh_tokens, person)
    }

    /// Whose refresh token it is; it is then used up. RFC 9700 section 4.14.2.
    pub(crate) fn refresh(&self, token: &str) -> Option<&'static Person> {
        lock(&self.refresh_tokens).swap_remove(token)
    }
}

fn add<T>(grants: &Mutex<IndexMap<String, T>>, grant: T) -> Result<String> {
    let key = random::text()?;
    let mut grants = lock(grants);
    if grants.len() == MOST {
        grants.shift_remove_index(0);
    }
    grants.insert(key.clone(), grant);
    Ok(key)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::people::PEOPLE;

    fn code(made: Instant) -> Code {
        let (redirect_uri, challenge) = Default::default();
        Code { person: &PEOPLE[0], redirect_uri, challenge, made }
    }

    #[test]
    fn each_is_good_once() {
        let (grants, now) = (Grants::default(), Instant::now());
        let code = grants.code(code(now)).unwrap();
        assert!(grants.redeem(&code, now).is_some() && grants.redeem(&code, now).is_none());
        let token = grants.refresh_token(&PEOPLE[0]).unwrap();
        assert!(grants.refresh(&token).is_some() && grants.refresh(&token).is_none());
    }

    #[test]
    fn an_old_code_is_none() {
        let (grants, now) = (Grants::default(), Instant::now());
        let code = grants.code(code(now)).unwrap();
        assert!(grants.redeem(&code, now + CODE_LIFETIME).is_none());
    }
}
