//! How much memory there is, and how much an episode takes.

use std::fs;

use crate::time::Ms;

const MIB: u64 = 1 << 20;

/// What an episode takes beside its weights and its sound: the networks of the speakers, the page.
const ALWAYS: u64 = 250 * MIB;
/// What each thread takes: windows of a recognizer on their way.
const A_THREAD: u64 = 250 * MIB;
/// What a minute takes: its samples (3.7 MiB) and what is made of them.
const A_MINUTE: u64 = 7 * MIB;

/// What is believed to be there where the system does not tell.
const UNKNOWN: u64 = 4096 * MIB;

/// The memory that an episode takes at its peak beside that of its threads. `audio` of it has to be
/// heard, by a recognizer whose file has `weights` bytes. Measured; `docs/scale.md` has the figures.
pub fn need_bytes(audio: Ms, weights: u64) -> u64 {
    let minutes = u64::try_from(audio.get()).unwrap_or(0).div_ceil(60_000);
    // the weights are read whole, and packed for the processor
    ALWAYS + 2 * weights + minutes * A_MINUTE
}

/// The same with that of its threads.
pub fn alone_bytes(need: u64, threads: usize) -> u64 {
    need.saturating_add(A_THREAD.saturating_mul(u64::try_from(threads).unwrap_or(u64::MAX)))
}

/// The memory that a queue may take: three quarters of what is free when it begins, as other
/// programs go on beside it and an estimate is one.
pub fn bound_bytes() -> u64 {
    available_bytes().unwrap_or(UNKNOWN) / 4 * 3
}

/// What is left of a bound for episodes on so many threads.
pub(super) fn for_episodes(bound: u64, threads: usize) -> u64 {
    bound.saturating_sub(alone_bytes(0, threads))
}

/// The memory that is free, as the system tells: of the machine, or of the share of it that the
/// program is confined to.
fn available_bytes() -> Option<u64> {
    let of_machine = fs::read_to_string("/proc/meminfo").ok().and_then(|text| available(&text));
    let of_group = fs::read_to_string("/proc/self/cgroup").ok().and_then(|text| of_group(&text));
    of_machine.into_iter().chain(of_group).min()
}

/// `MemAvailable` of `/proc/meminfo`.
fn available(text: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    line.split_whitespace().next()?.parse::<u64>().ok().map(|kib| kib << 10)
}

/// What the control group and those above it leave free, the least of them.
fn of_group(cgroup: &str) -> Option<u64> {
    let own = cgroup.lines().find_map(|line| line.strip_prefix("0::/"))?;
    let root = std::path::Path::new("/sys/fs/cgroup");
    let number = |path: std::path::PathBuf| -> Option<u64> {
        fs::read_to_string(path).ok()?.trim().parse().ok()
    };
    let free = |group: &std::path::Path| {
        let most = number(group.join("memory.max"))?;
        Some(most.saturating_sub(number(group.join("memory.current"))?))
    };
    root.join(own).ancestors().take_while(|group| group.starts_with(root)).filter_map(free).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_free_memory_is_read_where_the_system_tells_it() {
        let text = "MemTotal:       16384 kB\nMemFree:  12 kB\nMemAvailable:    8192 kB\n";
        assert_eq!(available(text), Some(8192 << 10));
        assert_eq!(available("MemTotal: 1 kB\n"), None);
        if cfg!(target_os = "linux") {
            assert!(available_bytes().is_some());
        }
    }

    #[test]
    fn longer_episodes_and_larger_weights_need_more() {
        let need = |minutes: i64, weights| need_bytes(Ms::new(minutes * 60_000), weights);
        assert!(need(60, 148 * MIB) > need(6, 148 * MIB));
        assert!(need(60, 1500 * MIB) > need(60, 148 * MIB) + 2000 * MIB);
    }
}
