use ioserver::*;

struct Api;

#[controller]
impl Api {
    #[hook(reply)]
    pub async fn sign(&self, _request: &mut Request) {}
}

fn main() {}
