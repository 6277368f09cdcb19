use ioserver::*;

struct Chat;
struct NotPayload;

#[service]
impl Chat {
    pub async fn say(&self, _what: NotPayload) {}
}

fn main() {}
