//! `#[event]` on a method that stays out would silently mean nothing.

use ioserver::service;

struct Chat;

#[service]
impl Chat {
    #[event("say")]
    async fn say(&self) {}
}

fn main() {}
