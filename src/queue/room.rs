//! Threads and memory, and who gets how much of them.

use super::memory;

/// What there is to work with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// Processor threads; at least one.
    pub threads: usize,
    /// Bytes of memory for episodes, beside that of the threads.
    pub memory: u64,
}

impl Room {
    /// The room within so many bytes of memory in all.
    pub fn within(bound: u64, threads: usize) -> Room {
        Room { threads: threads.max(1), memory: memory::for_episodes(bound, threads) }
    }

    /// Whether a job that needs so many bytes can begin.
    pub(super) fn has(&self, need: u64) -> bool {
        self.threads > 0 && self.memory >= need
    }

    /// Takes the threads and the memory of a job that begins, and gives its number of threads.
    ///
    /// The free threads are shared among this job and those of the waiting ones that could begin beside
    /// it. So many short lanes run while there are many episodes, which no stage that knows one thread
    /// holds up; and few wide ones where memory is short, and at the end.
    pub(super) fn take(&mut self, need: u64, waiting: impl Iterator<Item = u64>) -> usize {
        let mut left = self.memory.saturating_sub(need);
        let mut beside = 1;
        for other in waiting {
            if beside == self.threads {
                break;
            }
            if other <= left {
                left -= other;
                beside += 1;
            }
        }
        let threads = self.threads.div_ceil(beside);
        self.threads -= threads;
        self.memory = self.memory.saturating_sub(need);
        threads
    }

    /// Gives back what a job had.
    pub(super) fn give_back(&mut self, threads: usize, need: u64) {
        self.threads += threads;
        self.memory += need;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn threads_of(room: Room, need: u64, waiting: &[u64]) -> usize {
        let mut left = room;
        let threads = left.take(need, waiting.iter().copied());
        assert_eq!(left, Room { threads: room.threads - threads, memory: room.memory - need });
        left.give_back(threads, need);
        assert_eq!(left, room);
        threads
    }

    #[test]
    fn threads_are_shared_among_those_that_can_begin() {
        let room = Room { threads: 8, memory: 10 };
        assert_eq!(threads_of(room, 1, &[1; 100]), 1, "many small ones have one each");
        assert_eq!(threads_of(room, 1, &[1, 1, 1]), 2);
        assert_eq!(threads_of(room, 3, &[3; 100]), 3, "three fit, and the first has the odd one");
        assert_eq!(threads_of(room, 6, &[6, 6]), 8, "two do not fit");
        assert_eq!(threads_of(room, 6, &[6, 2]), 4, "a smaller one does");
        assert_eq!(threads_of(room, 1, &[]), 8, "the last has all that is free");
    }
}
