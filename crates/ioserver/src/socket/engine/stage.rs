//! How far a client that began on polling is on its way to WebSocket.

use std::{
    sync::{
        Arc, Mutex, OnceLock, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::sync::{OwnedSemaphorePermit, watch};

use super::line::{Line, Lines};

/// What only a client that began on polling needs.
pub(super) struct Polling {
    id: OnceLock<Box<str>>,
    lines: Weak<Lines>,
    stage: watch::Sender<Stage>,
    last_poll: Mutex<Instant>,
    is_posting: AtomicBool,
    _seat: OwnedSemaphorePermit,
}

/// How far a client on polling is on its way to WebSocket.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Stage {
    Polling,
    Probing,
    Upgraded,
    /// The session is no more.
    Ended,
}

impl Polling {
    pub(super) fn new(lines: Weak<Lines>, seat: OwnedSemaphorePermit) -> Self {
        Self {
            id: OnceLock::new(),
            lines,
            stage: watch::Sender::new(Stage::Polling),
            last_poll: Mutex::new(Instant::now()),
            is_posting: AtomicBool::new(false),
            _seat: seat,
        }
    }

    /// Lets the line not be found any more.
    pub(super) fn forget(&self) {
        if let (Some(id), Some(lines)) = (self.id.get(), self.lines.upgrade()) {
            lines.by_id().remove(id);
        }
    }
}

/// Of a client that began on polling; no others have these.
impl Line {
    /// Notes that the client polls.
    pub(super) fn polled(&self) {
        if let Some(polling) = &self.polling {
            *polling.last_poll.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
        }
    }

    /// Whether the client has not polled for so long.
    pub(super) fn is_unread_for(&self, time: Duration) -> bool {
        self.polling.as_ref().is_some_and(|polling| {
            let last = *polling.last_poll.lock().unwrap_or_else(PoisonError::into_inner);
            *polling.stage.borrow() == Stage::Polling && last.elapsed() > time
        })
    }

    /// Begins an upgrade, unless one is under way or done. It ends with what is given back.
    pub(super) fn probe(self: &Arc<Self>) -> Option<Probe> {
        let polling = self.polling.as_ref()?;
        let begun = polling.stage.send_if_modified(|stage| {
            let free = *stage == Stage::Polling;
            if free {
                *stage = Stage::Probing;
            }
            free
        });
        begun.then(|| Probe { line: Arc::clone(self), upgraded: false })
    }

    /// Ends a while after an upgrade has begun, for a poll that would hold it up.
    pub(super) async fn probed(&self) {
        let Some(polling) = &self.polling else { return std::future::pending().await };
        let mut stage = polling.stage.subscribe();
        let _ = stage.wait_for(|stage| *stage == Stage::Probing).await;
        // Node looks every 100 ms whether there is a poll to end.
        tokio::time::sleep(Duration::from_millis(50)).await;
    }

    /// Notes that a session on polling is no more.
    pub(super) fn end(&self) {
        if let Some(polling) = &self.polling {
            polling.stage.send_replace(Stage::Ended);
        }
    }

    /// Notes that a payload is being posted, unless another one is.
    pub(super) fn begin_post(self: &Arc<Self>) -> Option<Posting> {
        let polling = self.polling.as_ref()?;
        let free = !polling.is_posting.swap(true, Ordering::AcqRel);
        free.then(|| Posting { line: Arc::clone(self) })
    }

    /// Lets the line be found by the id that the engine gave the client.
    pub(super) fn set_id(self: &Arc<Self>, id: &str) {
        let Some(polling) = &self.polling else { return };
        if let Some(lines) = polling.lines.upgrade() {
            let _ = polling.id.set(id.into()); // a line is opened once
            lines.by_id().insert(id.into(), Arc::downgrade(self));
        }
    }
}

/// A payload that is being posted.
pub(super) struct Posting {
    line: Arc<Line>,
}

impl Drop for Posting {
    fn drop(&mut self) {
        if let Some(polling) = &self.line.polling {
            polling.is_posting.store(false, Ordering::Release);
        }
    }
}

/// An upgrade that is under way.
pub(super) struct Probe {
    line: Arc<Line>,
    upgraded: bool,
}

impl Probe {
    /// Ends with the session.
    pub(super) async fn ended(&self) {
        let Some(polling) = &self.line.polling else { return std::future::pending().await };
        let _ = polling.stage.subscribe().wait_for(|stage| *stage == Stage::Ended).await;
    }

    /// The upgrade is done, and cannot be undone.
    pub(super) fn succeed(mut self) -> Arc<Line> {
        self.upgraded = true;
        Arc::clone(&self.line)
    }
}

impl Drop for Probe {
    /// As on Node, a client whose upgrade fails stays on polling.
    fn drop(&mut self) {
        let stage = if self.upgraded { Stage::Upgraded } else { Stage::Polling };
        if let Some(polling) = &self.line.polling {
            polling.stage.send_if_modified(|now| {
                let goes_on = *now != Stage::Ended;
                if goes_on {
                    *now = stage;
                }
                goes_on
            });
        }
    }
}
