//! One event after the other.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::{BoxFuture, task::begin};

type Work = BoxFuture<'static, ()>;

/// The events of one socket that are answered strictly in turn.
#[derive(Default)]
pub(super) struct Turns {
    queue: Mutex<Queue>,
}

#[derive(Default)]
struct Queue {
    is_running: bool,
    waiting: VecDeque<Work>,
}

/// How many events of a socket may wait: a client must not fill the memory.
const WAITING: usize = 1024;

impl Turns {
    /// Does the work when its turn comes; gives it back if too much waits.
    pub(super) fn take(self: &Arc<Self>, work: Work) -> Result<(), Work> {
        {
            let mut queue = self.queue();
            if queue.is_running {
                if queue.waiting.len() >= WAITING {
                    return Err(work);
                }
                queue.waiting.push_back(work);
                return Ok(());
            }
            queue.is_running = true;
        }
        begin(Box::pin(Arc::clone(self).run(work)));
        Ok(())
    }

    async fn run(self: Arc<Self>, mut work: Work) {
        loop {
            work.await; // it does not panic: a method's panic is its answer
            let mut queue = self.queue();
            let Some(next) = queue.waiting.pop_front() else {
                queue.is_running = false;
                return;
            };
            drop(queue);
            work = next;
        }
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::{mpsc, oneshot};

    use super::*;

    #[tokio::test]
    async fn work_begins_when_the_work_before_it_has_ended() {
        let turns = Arc::<Turns>::default();
        let (said, mut heard) = mpsc::unbounded_channel();
        let (end, ended) = oneshot::channel::<()>();
        let first = said.clone();
        let took = turns.take(Box::pin(async move {
            first.send("first begins").unwrap();
            let _ = ended.await;
            first.send("first ends").unwrap();
        }));
        assert!(took.is_ok());
        assert!(turns.take(Box::pin(async move { said.send("second").unwrap() })).is_ok());
        assert_eq!(heard.recv().await, Some("first begins"));
        assert!(heard.try_recv().is_err());
        end.send(()).unwrap();
        assert_eq!(heard.recv().await, Some("first ends"));
        assert_eq!(heard.recv().await, Some("second"));
    }

    #[tokio::test]
    async fn only_so_much_work_may_wait() {
        let turns = Arc::<Turns>::default();
        let work = || -> Work { Box::pin(std::future::pending()) };
        for _ in 0..=WAITING {
            assert!(turns.take(work()).is_ok());
        }
        assert!(turns.take(work()).is_err());
    }
}
