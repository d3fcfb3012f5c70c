//! Work of more than a millisecond, off the threads that answer quick requests, and no more of it at once than there are cores.
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::metrics::Metrics;
use super::problem::{self, Problem};

/// Turns for heavy work.
pub struct Heavy {
    turns: Arc<Semaphore>,
    most_waiting: i64,
    metrics: Arc<Metrics>,
}

impl Heavy {
    /// As many turns at once as `cores`, and at most `queue` requests that wait for one.
    pub fn new(cores: usize, queue: usize, metrics: Arc<Metrics>) -> Self {
        Self {
            turns: Arc::new(Semaphore::new(cores.max(1))),
            most_waiting: i64::try_from(queue).unwrap_or(i64::MAX),
            metrics,
        }
    }

    /// Waits for a turn.
    pub async fn turn(&self) -> Result<OwnedSemaphorePermit, Problem> {
        let busy = || Problem::new(problem::BUSY, "too many heavy requests wait already").retry_after(2);
        if let Ok(turn) = Arc::clone(&self.turns).try_acquire_owned() {
            return Ok(turn);
        }
        // Counted by a guard, because a client that goes away drops this future in the middle.
        let waiting = Waiting::new(&self.metrics);
        if waiting.number > self.most_waiting {
            return Err(busy());
        }
        Arc::clone(&self.turns)
            .acquire_owned()
            .await
            .map_err(|_closed: tokio::sync::AcquireError| busy())
    }

    /// Does the work on a thread of its own, in its turn.
    pub async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
        let turn = self.turn().await?;
        let done = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            work()
        });
        done.await.map_err(|failed| {
            tracing::error!(%failed, "heavy work broke off");
            Problem::new(problem::INTERNAL, "the work broke off")
        })
    }
}

struct Waiting<'a> {
    metrics: &'a Metrics,
    number: i64,
}

impl<'a> Waiting<'a> {
    fn new(metrics: &'a Metrics) -> Self {
        let number = metrics.heavy_waiting.fetch_add(1, Relaxed) + 1;
        Self { metrics, number }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.metrics.heavy_waiting.fetch_sub(1, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_comes_when_the_queue_is_full_is_sent_away() {
        let metrics = Arc::new(Metrics::default());
        let heavy = Arc::new(Heavy::new(1, 1, Arc::clone(&metrics)));
        let turn = heavy.turn().await.unwrap();
        let second = tokio::spawn({
            let heavy = Arc::clone(&heavy);
            async move { heavy.run(|| 7).await }
        });
        while metrics.heavy_waiting.load(Relaxed) == 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(heavy.turn().await.unwrap_err().kind, problem::BUSY);
        drop(turn);
        assert_eq!(second.await.unwrap().unwrap(), 7);
        assert_eq!(metrics.heavy_waiting.load(Relaxed), 0);
    }
}
