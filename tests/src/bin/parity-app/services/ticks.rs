use ioserver::service;

/// Where the watcher `tick` is heard.
pub(crate) struct TicksService;

#[service]
impl TicksService {}
