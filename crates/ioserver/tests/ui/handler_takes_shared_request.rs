use ioserver::*;

struct Api;

#[controller]
impl Api {
    pub async fn show(&self, _request: &Request) {}
}

fn main() {}
