//! The decoded sound kept beside the episode: a 16 kHz mono 16-bit WAV.
//!
//! The samples of a [`Recording`] lie on the 16-bit grid, so writing and reading again gives the
//! same recording.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use super::{Recording, SourceInfo};
use crate::time::{Ms, SAMPLE_RATE_HZ, Span};

const HEADER_BYTES: u64 = 44;
/// Samples converted at a time.
const BLOCK: usize = 16 * 1024;

/// Writes the samples as WAV.
///
/// # Errors
/// What the system says on writing; `InvalidInput` for a recording above the 37 hours that a WAV
/// file holds.
pub fn write_wav(samples: &[f32], to: impl Write) -> io::Result<()> {
    write_wav_of(samples, 1, SAMPLE_RATE_HZ, to)
}

/// Writes interleaved samples of so many channels as WAV.
///
/// # Errors
/// As [`write_wav`].
pub fn write_wav_of(
    samples: &[f32],
    channels: u16,
    sample_rate_hz: u32,
    mut to: impl Write,
) -> io::Result<()> {
    let data_bytes = u32::try_from(samples.len() * 2)
        .ok()
        .filter(|bytes| *bytes <= u32::MAX - 36)
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "too long for a WAV file"))?;
    to.write_all(&header(data_bytes, channels, sample_rate_hz))?;
    let mut bytes = Vec::with_capacity(2 * BLOCK);
    for block in samples.chunks(BLOCK) {
        bytes.clear();
        bytes.extend(block.iter().flat_map(|sample| to_i16(*sample).to_le_bytes()));
        to.write_all(&bytes)?;
    }
    Ok(())
}

/// Reads what [`write_wav`] wrote; `source` is what the recording says of its origin.
///
/// # Errors
/// What the system says on reading; `InvalidData` for a file that is not whole or not ours.
pub fn read_wav(path: &Path, source: SourceInfo) -> io::Result<Recording> {
    let not_ours = || io::Error::new(io::ErrorKind::InvalidData, "not a whole cached recording");
    let mut file = File::open(path)?;
    let data_bytes = file.metadata()?.len().checked_sub(HEADER_BYTES).ok_or_else(not_ours)?;
    let data_bytes = u32::try_from(data_bytes).map_err(|_| not_ours())?;
    let mut found = [0; 44];
    file.read_exact(&mut found)?;
    if found != header(data_bytes, 1, SAMPLE_RATE_HZ) {
        return Err(not_ours());
    }
    let mut samples = Vec::with_capacity(data_bytes as usize / 2);
    let mut bytes = vec![0; 2 * BLOCK];
    let mut left = data_bytes as usize;
    while left > 0 {
        let block = bytes.len().min(left);
        let block = bytes.get_mut(..block).ok_or_else(not_ours)?;
        file.read_exact(block)?;
        samples.extend(block.as_chunks::<2>().0.iter().map(|pair| from_i16(*pair)));
        left -= block.len();
    }
    Ok(Recording { samples, source })
}

/// Reads a stretch of what [`write_wav`] wrote, as far as the recording goes.
///
/// # Errors
/// As [`read_wav`] has them.
pub fn read_part(path: &Path, span: Span) -> io::Result<Vec<f32>> {
    let not_ours = || io::Error::new(io::ErrorKind::InvalidData, "not a whole cached recording");
    let mut file = File::open(path)?;
    let data_bytes = file.metadata()?.len().checked_sub(HEADER_BYTES).ok_or_else(not_ours)?;
    let mut found = [0; 44];
    file.read_exact(&mut found)?;
    if found != header(u32::try_from(data_bytes).map_err(|_| not_ours())?, 1, SAMPLE_RATE_HZ) {
        return Err(not_ours());
    }
    let place = |at: Ms| (2 * at.to_sample().0 as u64).min(data_bytes);
    let (from, to) = (place(span.start()), place(span.end()));
    file.seek(SeekFrom::Start(HEADER_BYTES + from))?;
    let mut bytes = Vec::new();
    file.take(to - from).read_to_end(&mut bytes)?;
    Ok(bytes.as_chunks::<2>().0.iter().map(|pair| from_i16(*pair)).collect())
}

fn header(data_bytes: u32, channels: u16, sample_rate_hz: u32) -> [u8; 44] {
    let frame_bytes = channels.saturating_mul(2);
    let mut header = [0; 44];
    let fields: [&[u8]; 13] = [
        b"RIFF",
        &(data_bytes.saturating_add(36)).to_le_bytes(),
        b"WAVE",
        b"fmt ",
        &16_u32.to_le_bytes(),
        &1_u16.to_le_bytes(), // integer samples
        &channels.to_le_bytes(),
        &sample_rate_hz.to_le_bytes(),
        &sample_rate_hz.saturating_mul(u32::from(frame_bytes)).to_le_bytes(), // bytes a second
        &frame_bytes.to_le_bytes(),
        &16_u16.to_le_bytes(), // bits a sample
        b"data",
        &data_bytes.to_le_bytes(),
    ];
    for (to, from) in header.iter_mut().zip(fields.concat()) {
        *to = from;
    }
    header
}

#[expect(clippy::cast_possible_truncation, reason = "clamped, and float casts saturate")]
fn to_i16(sample: f32) -> i16 {
    (sample * 32_768.0).round().clamp(-32_768.0, 32_767.0) as i16
}

fn from_i16(bytes: [u8; 2]) -> f32 {
    f32::from(i16::from_le_bytes(bytes)) / 32_768.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(samples: &[f32]) -> (tempfile::TempDir, std::path::PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audio.wav");
        write_wav(samples, File::create(&path).unwrap()).unwrap();
        (folder, path)
    }

    #[test]
    fn every_sample_comes_back() {
        let all: Vec<f32> = (i16::MIN..=i16::MAX).map(|s| f32::from(s) / 32_768.0).collect();
        let (_folder, path) = written(&all);
        assert_eq!(read_wav(&path, SourceInfo::default()).unwrap().samples, all);
        assert_eq!(hound::WavReader::open(&path).unwrap().duration(), 65_536);
        let part =
            |from, to| read_part(&path, Span::new(Ms::new(from), Ms::new(to)).unwrap()).unwrap();
        assert_eq!(part(1, 3), all[16..48]);
        assert_eq!(part(4_000, 9_000), all[64_000..]);
        assert!(part(8_000, 9_000).is_empty());
    }

    #[test]
    fn a_cut_or_foreign_file_is_refused() {
        let (_folder, path) = written(&[0.5; 100]);
        let whole = std::fs::read(&path).unwrap();
        for cut in [0, 20, 44, 100, whole.len() - 1] {
            std::fs::write(&path, &whole[..cut]).unwrap();
            assert!(read_wav(&path, SourceInfo::default()).is_err(), "cut at {cut}");
        }
        std::fs::write(&path, vec![b'x'; 4000]).unwrap();
        assert!(read_wav(&path, SourceInfo::default()).is_err());
    }

    #[test]
    fn an_empty_recording_comes_back() {
        let (_folder, path) = written(&[]);
        assert_eq!(read_wav(&path, SourceInfo::default()).unwrap().samples, Vec::<f32>::new());
    }
}
