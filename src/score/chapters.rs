//! How far proposed chapters are from those that a person made: where they begin.

use crate::speech::Chapter;
use crate::time::Ms;

/// How close a proposed beginning has to be, where nothing else is asked for.
pub const WITHIN: Ms = Ms::new(15_000);

/// How many beginnings were found. The one at 0, which every list has, is not counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ChapterScore {
    /// Beginnings that a person made.
    pub wanted: usize,
    /// Beginnings that are proposed.
    pub proposed: usize,
    /// Those that are both.
    pub found: usize,
}

impl ChapterScore {
    /// The share of the proposed ones that are right, 0 to 1.
    pub fn precision(&self) -> f64 {
        share(self.found, self.proposed)
    }

    /// The share of the wanted ones that are proposed, 0 to 1.
    pub fn recall(&self) -> f64 {
        share(self.found, self.wanted)
    }

    /// The harmonic mean of both.
    pub fn f1(&self) -> f64 {
        share(2 * self.found, self.wanted + self.proposed)
    }
}

fn share(part: usize, whole: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "an episode has a few dozen chapters")]
    let (part, whole) = (part as f64, whole as f64);
    if whole > 0.0 { part / whole } else { 0.0 }
}

/// Compares two lists of chapters. Each wanted beginning is found by the nearest proposed one that
/// has not found another.
pub fn score(wanted: &[Chapter], proposed: &[Chapter], within: Ms) -> ChapterScore {
    let wanted = beginnings(wanted);
    let mut left = beginnings(proposed);
    let proposed = left.len();
    let distance = |a: Ms, b: Ms| (a - b).get().abs();
    for at in &wanted {
        let nearest = (0..left.len()).min_by_key(|&index| distance(left[index], *at));
        if let Some(index) = nearest.filter(|&index| distance(left[index], *at) <= within.get()) {
            left.remove(index);
        }
    }
    ChapterScore { wanted: wanted.len(), proposed, found: proposed - left.len() }
}

fn beginnings(chapters: &[Chapter]) -> Vec<Ms> {
    chapters.iter().map(|chapter| chapter.start).filter(|start| *start > Ms::ZERO).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chapters(seconds: &[i64]) -> Vec<Chapter> {
        let chapter =
            |s: &i64| Chapter { start: Ms::new(s * 1000), title: String::new(), url: None };
        seconds.iter().map(chapter).collect()
    }

    #[test]
    fn each_beginning_is_found_once_and_the_first_does_not_count() {
        let wanted = chapters(&[0, 60, 70, 300]);
        let found = score(&wanted, &chapters(&[0, 62, 316, 400]), WITHIN);
        assert_eq!(found, ChapterScore { wanted: 3, proposed: 3, found: 1 });
        assert!((found.f1() - 1.0 / 3.0).abs() < 1e-9);
        assert_eq!(score(&wanted, &[], WITHIN).f1(), 0.0);
        assert_eq!(score(&wanted, &wanted, WITHIN).f1(), 1.0);
    }
}
