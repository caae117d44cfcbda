//! What the network said of windows that it has heard before.
//!
//! Detection and diarization hear the same windows. They are known again by their sound, so nothing
//! is ever taken for a window of another recording.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Classes, FrameIndex, Window, window_samples};

#[derive(Default)]
pub(super) struct Memory {
    said: Mutex<HashMap<blake3::Hash, Vec<Classes>>>,
}

impl Memory {
    /// Keeps what was said of windows of `samples` in the place of what was kept before.
    pub(super) fn keep(&self, samples: &[f32], windows: Vec<Window>) {
        let said = windows.into_iter().map(|window| (key(samples, window.first), window.classes));
        *self.said() = said.collect();
    }

    /// What was said of the window that begins there.
    pub(super) fn recall(&self, samples: &[f32], first: FrameIndex) -> Option<Window> {
        let said = self.said();
        if said.is_empty() {
            return None;
        }
        let classes = said.get(&key(samples, first))?.clone();
        Some(Window { first, classes })
    }

    /// The map is whole whenever its lock is given back, also by a thread that panicked.
    fn said(&self) -> MutexGuard<'_, HashMap<blake3::Hash, Vec<Classes>>> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What tells the sound of a window from all other sound.
fn key(samples: &[f32], first: FrameIndex) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new();
    for part in window_samples(samples, first).chunks(4_096) {
        let bytes: Vec<u8> = part.iter().flat_map(|sample| sample.to_le_bytes()).collect();
        hasher.update(&bytes);
    }
    hasher.finalize()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::segmentation::{FRAME_SAMPLES, WINDOW_SAMPLES};

    #[test]
    fn a_window_is_known_by_its_sound() {
        let samples: Vec<f32> = (0..WINDOW_SAMPLES + 90_000_usize)
            .map(|n| if n.is_multiple_of(7) { 0.5 } else { (n % 100) as f32 * 0.01 })
            .collect();
        let window = |first, p| Window { first: FrameIndex(first), classes: vec![[p; 7]; 3] };
        let memory = Memory::default();
        assert_eq!(memory.recall(&samples, FrameIndex(0)), None);
        memory.keep(&samples, vec![window(0, 0.1), window(100, 0.2)]);
        assert_eq!(memory.recall(&samples, FrameIndex(100)), Some(window(100, 0.2)));
        assert_eq!(memory.recall(&samples, FrameIndex(101)), None);
        // The same sound elsewhere is the same; what is cut off at its end is not.
        let later = &samples[100 * FRAME_SAMPLES..];
        assert_eq!(memory.recall(later, FrameIndex(0)), Some(window(0, 0.2)));
        assert_eq!(memory.recall(&later[..WINDOW_SAMPLES - 1], FrameIndex(0)), None);
        memory.keep(&samples, vec![window(0, 0.3)]);
        assert_eq!(memory.recall(&samples, FrameIndex(0)), Some(window(0, 0.3)));
        assert_eq!(memory.recall(&samples, FrameIndex(100)), None, "only the last are kept");
    }
}
