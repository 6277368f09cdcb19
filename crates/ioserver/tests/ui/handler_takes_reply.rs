use ioserver::*;

struct Api;

#[controller]
impl Api {
    pub async fn show(&self, _request: &mut Request, _reply: &mut Reply) {}
}

fn main() {}
