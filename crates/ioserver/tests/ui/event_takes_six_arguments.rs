use ioserver::*;

struct Chat;

#[service]
impl Chat {
    pub async fn draw(&self, _: Socket, _: u8, _: u8, _: u8, _: u8, _: u8, _: String, _: Ack) {}
}

fn main() {}
