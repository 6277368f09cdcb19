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
    pub(crate) fn redeem(&self, code: &str) -> Option<Code> {
        let code = lock(&self.codes).swap_remove(code)?;
        (code.made.elapsed() < CODE_LIFETIME).then_some(code)
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

    #[test]
    fn each_is_good_once() {
        let grants = Grants::default();
        let (redirect_uri, challenge) = Default::default();
        let code = Code { person: &PEOPLE[0], redirect_uri, challenge, made: Instant::now() };
        let code = grants.code(code).unwrap();
        assert!(grants.redeem(&code).is_some() && grants.redeem(&code).is_none());
        let token = grants.refresh_token(&PEOPLE[0]).unwrap();
        assert!(grants.refresh(&token).is_some() && grants.refresh(&token).is_none());
    }

    #[test]
    fn an_old_code_is_none() {
        let grants = Grants::default();
        let (redirect_uri, challenge) = Default::default();
        let Some(made) = Instant::now().checked_sub(CODE_LIFETIME) else { return };
        let code = Code { person: &PEOPLE[0], redirect_uri, challenge, made };
        let code = grants.code(code).unwrap();
        assert!(grants.redeem(&code).is_none());
    }
}
