//! The blocks of one track of a Matroska or `WebM` file, past damaged places.
//!
//! The demuxer gives up where an element makes no sense. Here the next place is looked for at which
//! blocks or a cluster go on; each has its time, so what lies between is known to the millisecond.
//!
//! Reference: RFC 9559, sections 5.1.3 (Cluster) and 10 (Block Structure).

use std::collections::VecDeque;
use std::io;
use std::path::Path;

use super::ebml::{child, element, number, unsigned, value};
use super::view::Window;

const EBML: u64 = 0x1a45_dfa3;
const SEGMENT: u64 = 0x1853_8067;
const CLUSTER: u64 = 0x1f43_b675;
const TIMESTAMP: u64 = 0xe7;
const SIMPLE_BLOCK: u64 = 0xa3;
const GROUP: u64 = 0xa0;
const BLOCK: u64 = 0xa1;
/// What else stands in a cluster or beside one.
const OTHERS: [u64; 13] = [
    0xec,
    0xbf,
    0xa7,
    0xab,
    0xaf,
    0x5854,
    0x1c53_bb6b,
    0x1254_c367,
    0x114d_9b74,
    0x1549_a966,
    0x1654_ae6b,
    0x1043_a770,
    0x1941_a469,
];
/// A block larger than this is not believed; a picture in 8K stays below it.
const MAX_BLOCK: u64 = 32 * 1024 * 1024;
/// Bytes searched at a time.
const SEARCH: usize = 32 * 1024;

/// A packet of the track.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Block {
    /// When it begins, in ticks; `None` for one that follows the one before without a pause.
    pub(super) ticks: Option<i64>,
    /// The packet.
    pub(super) bytes: Vec<u8>,
    /// Something between the packet before and this one made no sense.
    pub(super) after_damage: bool,
}

#[derive(Debug, Clone, Copy)]
struct Cluster {
    ticks: u64,
    /// Where it ends; `None` where that is not known.
    end: Option<u64>,
    /// The last block's time after the cluster's.
    last: i16,
}

/// Reads packet after packet.
pub(super) struct Blocks {
    file: Window,
    at: u64,
    track: u64,
    cluster: Option<Cluster>,
    waiting: VecDeque<Block>,
    damaged: bool,
    /// All that was passed so far made sense.
    pub(super) unbroken: bool,
    /// The earliest and the latest time of a block of any track so far, in ticks.
    pub(super) earliest: Option<i64>,
    pub(super) furthest: i64,
    /// The file ends within an element, or in bytes that make no sense.
    pub(super) cut: bool,
}

impl Blocks {
    /// From the first cluster, which begins at `at`.
    pub(super) fn open(path: &Path, at: u64, track: u32) -> io::Result<Blocks> {
        Ok(Blocks {
            file: Window::open(path)?,
            at,
            track: u64::from(track),
            cluster: None,
            waiting: VecDeque::new(),
            damaged: false,
            unbroken: true,
            earliest: None,
            furthest: 0,
            cut: false,
        })
    }

    /// The next packet; `None` at the end.
    pub(super) fn next(&mut self) -> io::Result<Option<Block>> {
        loop {
            if let Some(block) = self.waiting.pop_front() {
                return Ok(Some(block));
            }
            let length = self.file.length();
            if self.at >= length {
                return Ok(None);
            }
            let Some((id, header, size)) = element(self.file.at(self.at, 12)?) else {
                self.lose(self.at + 1)?;
                continue;
            };
            let body = self.at + header as u64;
            match (id, size) {
                (CLUSTER, size) => {
                    let end = size.map(|size| body.saturating_add(size));
                    self.cluster = Some(Cluster { ticks: 0, end, last: i16::MIN });
                    self.at = body;
                }
                // Files that were put one behind the other.
                (SEGMENT, _) => self.at = body,
                (TIMESTAMP, Some(size @ 0..=8)) => {
                    let ticks = unsigned(self.file.at(body, usize::try_from(size).unwrap_or(0))?);
                    if let (Some(cluster), Some(ticks)) = (&mut self.cluster, ticks) {
                        cluster.ticks = ticks;
                    }
                    self.at = body + size;
                }
                (SIMPLE_BLOCK | GROUP, Some(size)) if size <= MAX_BLOCK => {
                    self.block(id, body, body + size)?;
                }
                (id, Some(size)) if OTHERS.contains(&id) || id == EBML => {
                    let end = body.saturating_add(size);
                    if self.goes_on(end)? {
                        self.at = end;
                    } else {
                        self.lose(self.at + 1)?;
                    }
                }
                _ => self.lose(self.at + 1)?,
            }
        }
    }

    /// Takes the block whose body is there, unless its size is a lie.
    fn block(&mut self, id: u64, body: u64, end: u64) -> io::Result<()> {
        if self.goes_on(end)? {
            self.take(id, body, end)?;
            self.at = end;
            return Ok(());
        }
        let next = self.find(self.at + 1)?;
        if end > self.file.length() || next < end {
            self.go_on_at(next, self.at);
            return Ok(());
        }
        self.take(id, body, end)?;
        self.go_on_at(next, end);
        Ok(())
    }

    fn take(&mut self, id: u64, body: u64, end: u64) -> io::Result<()> {
        let size = usize::try_from(end - body).unwrap_or(0);
        // A picture's block need not be read for its time.
        let head = self.file.at(body, size.min(32))?;
        let inside = if id == GROUP { group_start(head) } else { Some(0) };
        let Some((track, relative)) = inside.and_then(|from| track_and_time(head.get(from..)?))
        else {
            (self.damaged, self.unbroken) = (true, false);
            return Ok(());
        };
        let Some(cluster) = &mut self.cluster else { return Ok(()) };
        cluster.last = relative;
        let ticks = i64::try_from(cluster.ticks).unwrap_or(i64::MAX);
        let ticks = ticks.saturating_add(i64::from(relative));
        self.earliest = Some(self.earliest.map_or(ticks, |earliest| earliest.min(ticks)));
        self.furthest = self.furthest.max(ticks);
        if track != self.track {
            return Ok(());
        }
        let bytes = self.file.at(body, size)?;
        let block = if id == GROUP { child(bytes, BLOCK).unwrap_or_default() } else { bytes };
        match frames(block) {
            Some(frames) => {
                for (n, bytes) in frames.into_iter().enumerate() {
                    let after_damage = std::mem::take(&mut self.damaged);
                    let ticks = (n == 0).then_some(ticks);
                    self.waiting.push_back(Block { ticks, bytes: bytes.to_vec(), after_damage });
                }
            }
            None => (self.damaged, self.unbroken) = (true, false),
        }
        Ok(())
    }

    /// Steps over what makes no sense, from `from` to where something does.
    fn lose(&mut self, from: u64) -> io::Result<()> {
        let next = self.find(from)?;
        self.go_on_at(next, self.at);
        Ok(())
    }

    /// Goes on at `next`; what lies behind `end` and before it makes no sense.
    fn go_on_at(&mut self, next: u64, end: u64) {
        (self.damaged, self.unbroken) = (true, false);
        self.at = next;
        self.cut |= next >= self.file.length() && next > end;
    }

    /// Whether what begins at `at` is an element of those that are expected, or the file's end.
    fn goes_on(&mut self, at: u64) -> io::Result<bool> {
        let length = self.file.length();
        if at >= length {
            return Ok(at == length);
        }
        let head = self.file.at(at, 12)?;
        let at_the_end = head.len() < 12;
        Ok(match element(head) {
            Some((CLUSTER | SEGMENT, _, _)) => true,
            Some((SIMPLE_BLOCK | GROUP, _, Some(size))) => size > 0 && size <= MAX_BLOCK,
            Some((TIMESTAMP, _, Some(size))) => size <= 8,
            Some((id, _, Some(_))) => id == EBML || OTHERS.contains(&id),
            Some((_, _, None)) => false,
            None => at_the_end,
        })
    }

    /// The first place from `from` on at which a cluster begins or a block of the track goes on;
    /// the file's end where there is none.
    fn find(&mut self, from: u64) -> io::Result<u64> {
        let length = self.file.length();
        let mut at = from;
        while at < length {
            let bytes = self.file.at(at, SEARCH)?.to_vec();
            for (n, byte) in bytes.iter().enumerate() {
                let place = at + n as u64;
                let found = match *byte {
                    0x1f => self.is_cluster(place)?,
                    0xa3 | 0xa0 => self.is_block(place)?,
                    _ => false,
                };
                if found {
                    return Ok(place);
                }
            }
            at += bytes.len().max(1) as u64;
        }
        Ok(length)
    }

    fn is_cluster(&mut self, at: u64) -> io::Result<bool> {
        let head = self.file.at(at, 32)?;
        let Some((CLUSTER, header, _)) = element(head) else { return Ok(false) };
        let first = head.get(header..).and_then(element);
        Ok(first.is_some_and(|(id, _, size)| match id {
            TIMESTAMP => size.is_some_and(|size| size <= 8),
            0xbf => size == Some(4),
            0xec | 0xa7 | 0xab => size.is_some(),
            _ => false,
        }))
    }

    /// Whether a block of the track stands here, in the cluster at hand, after its last one.
    fn is_block(&mut self, at: u64) -> io::Result<bool> {
        let Some(cluster) = self.cluster else { return Ok(false) };
        let head = self.file.at(at, 48)?;
        let Some((id, header, Some(size))) = element(head) else { return Ok(false) };
        let end = at + header as u64 + size.min(MAX_BLOCK);
        let body = head.get(header..).unwrap_or_default();
        let from = if id == GROUP { group_start(body) } else { Some(0) };
        let Some((track, relative)) = from.and_then(|from| track_and_time(body.get(from..)?))
        else {
            return Ok(false);
        };
        let fits = track == self.track
            && relative > cluster.last
            && size <= MAX_BLOCK
            && cluster.end.is_none_or(|cluster_end| end <= cluster_end);
        Ok(fits && self.goes_on(end)?)
    }
}

/// Where the block's body begins in the body of its group, of which this is the start.
fn group_start(head: &[u8]) -> Option<usize> {
    let (id, header, _) = element(head)?;
    (id == BLOCK).then_some(header)
}

/// Number of the track and time after the cluster's.
fn track_and_time(block: &[u8]) -> Option<(u64, i16)> {
    let (track, length) = value(block)?;
    let time = block.get(length..)?.first_chunk()?;
    Some((track?, i16::from_be_bytes(*time)))
}

/// The packets of a block: one, or several that share it.
fn frames(block: &[u8]) -> Option<Vec<&[u8]>> {
    let (_, length) = number(block)?;
    let flags = *block.get(length + 2)?;
    let rest = block.get(length + 3..)?;
    let lacing = flags >> 1 & 3;
    if lacing == 0 {
        return Some(vec![rest]);
    }
    let (count, mut rest) = rest.split_first()?;
    let others = usize::from(*count);
    let mut sizes = Vec::with_capacity(others);
    match lacing {
        1 => {
            for _ in 0..others {
                let long = rest.iter().take_while(|byte| **byte == 255).count();
                sizes.push(long * 255 + usize::from(*rest.get(long)?));
                rest = rest.get(long + 1..)?;
            }
        }
        2 => sizes.resize(others, rest.len() / (others + 1)),
        _ => {
            for n in 0..others {
                let (value, length) = value(rest)?;
                let value = i64::try_from(value?).ok()?;
                let bias = (1_i64 << (7 * length - 1)) - 1;
                let before =
                    sizes.last().map_or(0, |size: &usize| i64::try_from(*size).unwrap_or(0));
                let size = if n == 0 { value } else { before + value - bias };
                sizes.push(usize::try_from(size).ok()?);
                rest = rest.get(length..)?;
            }
        }
    }
    let mut frames = Vec::with_capacity(others + 1);
    for size in sizes {
        frames.push(rest.get(..size)?);
        rest = rest.get(size..)?;
    }
    frames.push(rest);
    Some(frames)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A block of track 1 at `time`, 100 bytes of `fill`.
    fn block(time: i16, fill: u8) -> Vec<u8> {
        let mut bytes = vec![0xa3, 0x40, 104, 0x81];
        bytes.extend(time.to_be_bytes());
        bytes.push(0x80);
        bytes.resize(bytes.len() + 100, fill);
        bytes
    }

    fn cluster(ticks: u8, known: bool) -> Vec<u8> {
        let body: Vec<u8> = (0..10).flat_map(|n| block(n * 20, 0x55)).collect();
        let size = if known {
            [0x40 | ((body.len() + 3) >> 8) as u8, (body.len() + 3) as u8]
        } else {
            [0x7f, 0xff]
        };
        [&[0x1f, 0x43, 0xb6, 0x75][..], &size, &[0xe7, 0x81, ticks], &body].concat()
    }

    /// Ticks of the packets, those after damage negative less one; whether the file is cut.
    fn read(bytes: &[u8]) -> (Vec<i64>, bool) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.webm");
        std::fs::write(&path, bytes).unwrap();
        let mut blocks = Blocks::open(&path, 0, 1).unwrap();
        let mut ticks = Vec::new();
        while let Some(block) = blocks.next().unwrap() {
            let at = block.ticks.unwrap();
            ticks.push(if block.after_damage { -at - 1 } else { at });
        }
        (ticks, blocks.cut)
    }

    fn whole(known: bool) -> Vec<u8> {
        [cluster(0, known), cluster(200, known)].concat()
    }

    #[test]
    fn whole_clusters_come_out() {
        let expected: Vec<i64> = (0..20).map(|n| n * 20).collect();
        assert_eq!(read(&whole(true)), (expected.clone(), false));
        assert_eq!(read(&whole(false)), (expected, false));
    }

    #[test]
    fn a_damaged_place_costs_what_it_hits() {
        for known in [true, false] {
            let mut bytes = whole(known);
            let third = 9 + 2 * 107;
            bytes[third..third + 150].fill(0xa3);
            let mut expected: Vec<i64> = (0..20).map(|n| n * 20).collect();
            expected.drain(2..4);
            expected[2] = -81;
            assert_eq!(read(&bytes), (expected, false), "{known}");
        }
    }

    #[test]
    fn a_size_that_lies_costs_one_block() {
        let mut bytes = whole(true);
        bytes[9 + 107 + 1] = 0x42;
        let (ticks, cut) = read(&bytes);
        assert_eq!((&ticks[..3], ticks.len(), cut), (&[0, -41, 60][..], 19, false));
    }

    #[test]
    fn a_lost_clusters_head_costs_its_blocks_and_no_time() {
        let mut bytes = whole(true);
        let second = bytes.len() / 2;
        bytes.extend(cluster(0xc8, true));
        bytes[second..second + 9].fill(0);
        let (ticks, _) = read(&bytes);
        assert_eq!(ticks.len(), 20);
        assert_eq!(ticks[10], -201);
    }

    #[test]
    fn a_cut_file_is_told() {
        let bytes = whole(true);
        assert!(read(&bytes[..bytes.len() - 30]).1);
        assert!(!read(&bytes[..bytes.len() - 107]).1);
        assert!(read(&[bytes, vec![0; 500]].concat()).1);
    }

    #[test]
    fn laced_packets_come_apart() {
        let packets = |flags: u8, rest: &[u8]| {
            let block = [&[0x81, 0, 0, flags], rest].concat();
            frames(&block).map(|frames| frames.iter().map(|f| f.len()).collect::<Vec<_>>())
        };
        assert_eq!(packets(0, &[1, 2]), Some(vec![2]));
        assert_eq!(packets(2, &[2, 1, 2, 0, 0, 0, 9, 9]), Some(vec![1, 2, 2]));
        assert_eq!(packets(4, &[1, 0, 0, 9, 9]), Some(vec![2, 2]));
        // The second is one byte longer than the first.
        assert_eq!(packets(6, &[2, 0x81, 0xc0, 0, 0, 0, 9]), Some(vec![1, 2, 1]));
        assert_eq!(packets(6, &[2, 0x90, 0xc0, 0]), None);
    }
}
