use ioserver::*;

#[derive(Default, Middleware)]
#[middleware(Request)]
struct ApiKey;

fn main() {}
