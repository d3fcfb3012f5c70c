//! A thread with a connection of its own that does one job after the other, so that callers never block and statements stay prepared.
use std::sync::mpsc;
use std::thread::JoinHandle;

use tokio::sync::oneshot;

use super::desk::Desk;
use crate::store::StoreError;

type Job = Box<dyn FnOnce(&mut Desk) + Send>;

/// The thread; dropping it waits for the jobs that are queued and closes the connection.
pub struct Worker {
    store: String,
    jobs: Option<mpsc::Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Worker {
    /// Starts a thread that works at this desk.
    pub fn start(name: &str, mut desk: Desk) -> Result<Self, StoreError> {
        let store = desk.store().to_owned();
        let (jobs, queue) = mpsc::channel::<Job>();
        let thread = std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || queue.into_iter().for_each(|job| job(&mut desk)))
            .map_err(|error| stopped(&store, &error.to_string()))?;
        Ok(Self {
            store,
            jobs: Some(jobs),
            thread: Some(thread),
        })
    }

    /// Does a job on the thread. Once it is queued it is done, even when the caller no longer waits.
    pub async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Desk) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (answer, waiting) = oneshot::channel();
        let job: Job = Box::new(move |desk| drop(answer.send(job(desk))));
        let queued = self.jobs.as_ref().is_some_and(|jobs| jobs.send(job).is_ok());
        match waiting.await {
            Ok(result) if queued => result,
            Ok(_) | Err(_) => Err(stopped(&self.store, "its thread has stopped; start the program again")),
        }
    }
}

fn stopped(store: &str, reason: &str) -> StoreError {
    StoreError::Unavailable {
        store: store.to_owned(),
        reason: reason.to_owned(),
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has said so already.
            drop(thread.join());
        }
    }
}
