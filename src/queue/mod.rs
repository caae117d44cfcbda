//! Many episodes at once: each starts when there are threads and memory for it.
//!
//! Comes in: how much memory each job needs, and a function that does one. Goes out: what became of
//! each, in order. Nothing here knows what an episode is; `cli/commands/run_many.rs` does.

mod memory;
mod room;
mod watch;

use std::sync::{Condvar, Mutex, PoisonError};

pub use memory::{alone_bytes, bound_bytes, need_bytes};
pub use room::Room;
pub use watch::Watch;

/// What became of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome<R> {
    /// It was done, well or not.
    Done(R),
    /// It was not begun, for the queue was stopped.
    NotBegun,
    /// It broke off where nothing should; the panic was told where it happened.
    Panicked,
}

/// Does all jobs, as many side by side as there is room for. `needs` has the bytes of memory of
/// each; `work` does the job of that number on so many threads. Once `stop` says so, none is begun.
pub fn work_off<R: Send>(
    needs: &[u64],
    room: Room,
    stop: impl Fn() -> bool + Sync,
    work: impl Fn(usize, usize) -> R + Sync,
) -> Vec<Outcome<R>> {
    let lanes = room.threads.min(needs.len());
    // one that needs more than there is has all there is, and so runs alone
    let needs: Vec<u64> = needs.iter().map(|need| *need.min(&room.memory)).collect();
    let state = Mutex::new(State { room, waiting: (0..needs.len()).collect() });
    let freed = Condvar::new();
    let lock = || state.lock().unwrap_or_else(PoisonError::into_inner);
    let next = || {
        let mut state = lock();
        loop {
            if stop() || state.waiting.is_empty() {
                return None;
            }
            match state.start(&needs) {
                Some(started) => return Some(started),
                None => state = freed.wait(state).unwrap_or_else(PoisonError::into_inner),
            }
        }
    };
    let lane = || {
        let mut done = Vec::new();
        while let Some((number, threads)) = next() {
            let worked = std::thread::scope(|own| own.spawn(|| work(number, threads)).join());
            done.push((number, worked.map_or(Outcome::Panicked, Outcome::Done)));
            lock().room.give_back(threads, needs.get(number).copied().unwrap_or_default());
            freed.notify_all();
        }
        // whoever waits for room has to hear that the queue is stopped
        freed.notify_all();
        done
    };
    let mut outcomes: Vec<Outcome<R>> = needs.iter().map(|_| Outcome::NotBegun).collect();
    std::thread::scope(|scope| {
        let lanes: Vec<_> = (0..lanes).map(|_| scope.spawn(lane)).collect();
        for (number, outcome) in lanes.into_iter().filter_map(|lane| lane.join().ok()).flatten() {
            if let Some(place) = outcomes.get_mut(number) {
                *place = outcome;
            }
        }
    });
    outcomes
}

/// What is left to give out.
struct State {
    room: Room,
    /// The jobs that nobody has begun, in their order.
    waiting: Vec<usize>,
}

impl State {
    /// The first waiting job that there is room for, with its threads.
    fn start(&mut self, needs: &[u64]) -> Option<(usize, usize)> {
        let need = |job: &usize| needs.get(*job).copied().unwrap_or_default();
        let place = self.waiting.iter().position(|job| self.room.has(need(job)))?;
        let number = self.waiting.remove(place);
        let threads = self.room.take(need(&number), self.waiting.iter().map(need));
        Some((number, threads))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
    use std::time::Duration;

    use super::*;

    #[test]
    fn every_job_is_done_once_within_the_threads_and_the_memory() {
        let needs: Vec<u64> = (0..40).map(|n| 1 + n % 7).collect();
        let (threads, memory) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let room = Room { threads: 5, memory: 12 };
        let done = work_off(
            &needs,
            room,
            || false,
            |number, mine| {
                let need = usize::try_from(needs[number]).unwrap();
                assert!(threads.fetch_add(mine, Ordering::SeqCst) + mine <= 5);
                assert!(memory.fetch_add(need, Ordering::SeqCst) + need <= 12);
                std::thread::sleep(Duration::from_millis(2));
                memory.fetch_sub(need, Ordering::SeqCst);
                threads.fetch_sub(mine, Ordering::SeqCst);
                number
            },
        );
        let expected: Vec<_> = (0..40).map(Outcome::Done).collect();
        assert_eq!(done, expected);
    }

    #[test]
    fn what_needs_more_than_there_is_runs_alone() {
        let running = AtomicUsize::new(0);
        let room = Room { threads: 4, memory: 10 };
        let done = work_off(
            &[3, 50, 3, 60],
            room,
            || false,
            |number, threads| {
                let others = running.fetch_add(1, Ordering::SeqCst);
                assert!(number % 2 == 0 || others == 0, "{number} is not alone");
                std::thread::sleep(Duration::from_millis(5));
                running.fetch_sub(1, Ordering::SeqCst);
                threads
            },
        );
        assert!(matches!(done[1], Outcome::Done(4)) && matches!(done[3], Outcome::Done(4)));
    }

    #[test]
    fn one_that_breaks_off_or_a_stop_leaves_the_others_as_they_are() {
        let room = Room { threads: 1, memory: 1 };
        let stopped = AtomicBool::new(false);
        let done = work_off(
            &[1, 1, 1, 1],
            room,
            || stopped.load(Ordering::SeqCst),
            |number, _| {
                assert!(number != 0, "this panic belongs to the test");
                stopped.store(number == 2, Ordering::SeqCst);
            },
        );
        let expected = [Outcome::Panicked, Outcome::Done(()), Outcome::Done(()), Outcome::NotBegun];
        assert_eq!(done, expected);
    }
}
