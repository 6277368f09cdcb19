use ioserver::*;

#[derive(Default, Middleware)]
#[middleware(Handshake)]
struct OnSockets {}

impl BaseMiddleware<Handshake> for OnSockets {
    async fn handle(&self, _: &mut Handshake, _: &AppHandle) -> Result<(), ConnectError> {
        Ok(())
    }
}

struct Api;

#[controller]
impl Api {}

fn main() {
    let mut server = IOServer::new(IOServerOptions::default());
    let _ = server.add_controller(ControllerOptions {
        name: "api",
        controller: |_| Api,
        middlewares: vec![OnSockets],
        prefix: None,
    });
}
