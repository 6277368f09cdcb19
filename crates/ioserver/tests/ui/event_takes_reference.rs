use ioserver::*;

struct Chat;

#[service]
impl Chat {
    pub async fn say(&self, _: &Socket, _: String) {}
}

fn main() {}
