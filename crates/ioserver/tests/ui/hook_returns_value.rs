use ioserver::*;

struct Api;

#[controller]
impl Api {
    #[hook]
    pub async fn check(&self, _request: &mut Request) -> bool {
        true
    }
}

fn main() {}
