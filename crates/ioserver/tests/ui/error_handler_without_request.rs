use ioserver::*;

struct Api;

#[controller]
impl Api {
    #[hook(error)]
    pub async fn explain(&self, error: IOServerError) -> Reply {
        error.into()
    }
}

fn main() {}
