//! Work that is shared out over threads; the results keep its order.

use std::sync::atomic::{AtomicUsize, Ordering};

/// What `work` makes of each item, in the items' order. Each thread takes the next item when it is
/// done with one, and computes alone: products do not take other threads.
pub(crate) fn shared_out<T: Sync, R: Send>(
    threads: usize,
    items: &[T],
    work: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let lane = || {
        let mut done = Vec::new();
        while let Some((number, item)) = {
            let number = next.fetch_add(1, Ordering::Relaxed);
            items.get(number).map(|item| (number, item))
        } {
            done.push((number, work(item)));
        }
        done
    };
    let mut done: Vec<(usize, R)> = std::thread::scope(|scope| {
        let lanes: Vec<_> = (0..threads.clamp(1, items.len().max(1)))
            .map(|_| scope.spawn(|| alone(lane)))
            .collect();
        lanes.into_iter().flat_map(|lane| lane.join().unwrap_or_else(panicked)).collect()
    });
    done.sort_unstable_by_key(|(number, _)| *number);
    done.into_iter().map(|(_, result)| result).collect()
}

fn panicked<T>(panic: Box<dyn std::any::Any + Send>) -> T {
    std::panic::resume_unwind(panic)
}

/// Runs `work` so that the products in it take this one thread only: lanes are the threads.
pub(crate) fn alone<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    match rayon::ThreadPoolBuilder::new().num_threads(1).build() {
        Ok(pool) => pool.install(work),
        Err(fault) => {
            tracing::warn!("no thread of its own for a network: {fault}");
            work()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_keep_the_order_on_any_number_of_threads() {
        let items: Vec<u64> = (0..100).collect();
        let squares: Vec<u64> = items.iter().map(|n| n * n).collect();
        for threads in [0, 1, 3, 200] {
            assert_eq!(shared_out(threads, &items, |n| n * n), squares);
        }
        assert!(shared_out(2, &[] as &[u8], |n| *n).is_empty());
    }
}
