//! Futures that are begun at once: what JavaScript does with the part before the first `await`.

use std::{
    any::Any,
    future::poll_fn,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    task::{Context, Poll, Waker},
};

use crate::BoxFuture;

/// Runs a future up to its first wait, and the rest in a task of its own.
///
/// What is begun in order therefore runs in order until then, as on Node; and a future that never
/// waits costs no task.
pub(crate) fn begin(mut future: BoxFuture<'static, ()>) {
    let waker = Waker::noop(); // the task's first poll puts its own waker in place
    if future.as_mut().poll(&mut Context::from_waker(waker)).is_pending() {
        tokio::spawn(future);
    }
}

/// The output of a future that is ready when it is first polled.
pub(crate) fn now<F: Future>(future: F) -> Option<F::Output> {
    let future = std::pin::pin!(future);
    match future.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}

/// Turns a panic of the future into an `Err`. What panicked is not used again.
pub(crate) async fn catch_panic<F: Future>(future: F) -> Result<F::Output, Box<dyn Any + Send>> {
    catch_panic_in_place(std::pin::pin!(future)).await
}

/// The same for a future that stays where it is: a large one is not copied.
pub(crate) fn catch_panic_in_place<F: Future>(
    mut future: Pin<&mut F>,
) -> impl Future<Output = Result<F::Output, Box<dyn Any + Send>>> {
    poll_fn(move |context| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
        Ok(Poll::Pending) => Poll::Pending,
        Ok(Poll::Ready(output)) => Poll::Ready(Ok(output)),
        Err(panic) => Poll::Ready(Err(panic)),
    })
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    use super::*;

    #[tokio::test]
    async fn the_part_before_the_first_wait_runs_at_once_and_the_rest_later() {
        let (steps, (done, finished)) =
            (Arc::<AtomicUsize>::default(), tokio::sync::oneshot::channel());
        let counted = Arc::clone(&steps);
        begin(Box::pin(async move {
            counted.fetch_add(1, Ordering::Relaxed);
            tokio::task::yield_now().await;
            counted.fetch_add(1, Ordering::Relaxed);
            let _ = done.send(());
        }));
        assert_eq!(steps.load(Ordering::Relaxed), 1);
        finished.await.unwrap();
        assert_eq!(steps.load(Ordering::Relaxed), 2);
    }

    #[tokio::test]
    async fn a_panic_becomes_an_error() {
        assert_eq!(catch_panic(async { 7 }).await.unwrap(), 7);
        assert!(catch_panic(async { panic!("on purpose") }).await.is_err());
    }
}
