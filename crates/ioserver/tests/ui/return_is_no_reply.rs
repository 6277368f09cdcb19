use ioserver::*;

struct Api;
struct Odd;

#[controller]
impl Api {
    pub async fn get(&self) -> Odd {
        Odd
    }
}

fn main() {}
