//! What a file is that cannot be decoded, told by how it begins: one table for all.

/// What to do about such a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// It may hold sound, which another program can convert.
    Convert,
    /// It holds no sound of its own.
    NoSound,
    /// Its download has not come to its end.
    Unfinished,
}

/// A kind of file that cannot be decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    /// Its name with its article, to stand behind "is".
    pub name: &'static str,
    /// What to do about it.
    pub advice: Use,
}

/// The bytes at a place and the kind that they mean.
type Signature = (usize, &'static [u8], &'static str, Use);

const SIGNATURES: &[Signature] = &[
    (0, b"#!AMR", "an AMR recording", Use::Convert),
    (0, b"#!SILK", "a SILK recording", Use::Convert),
    (0, b"\x02#!SILK", "a SILK recording", Use::Convert),
    (0, b"#!EVRC", "an EVRC recording", Use::Convert),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "Windows Media (WMA, WMV or ASF)", Use::Convert),
    (0, b"\x7f\xfe\x80\x01", "DTS sound", Use::Convert),
    (0, b"\xfe\x7f\x01\x80", "DTS sound", Use::Convert),
    (0, b"\x1f\xff\xe8\x00", "DTS sound", Use::Convert),
    (0, b"\xff\x1f\x00\xe8", "DTS sound", Use::Convert),
    (0, b"DTSHDHDR", "DTS-HD sound", Use::Convert),
    (4, b"\xf8\x72\x6f\xba", "Dolby TrueHD sound", Use::Convert),
    (0, b"TTA1", "a True Audio (TTA) recording", Use::Convert),
    (0, b"TTA2", "a True Audio (TTA) recording", Use::Convert),
    (0, b"MAC ", "Monkey's Audio (APE)", Use::Convert),
    (0, b"MPCK", "a Musepack recording", Use::Convert),
    (0, b"MP+", "a Musepack recording", Use::Convert),
    (0, b"wvpk", "a WavPack recording", Use::Convert),
    (0, b"OFR ", "an OptimFROG recording", Use::Convert),
    (0, b"ajkg", "a Shorten recording", Use::Convert),
    (0, b"DSD ", "a DSD recording", Use::Convert),
    (0, b"FRM8", "a DSD recording", Use::Convert),
    (28, b"Speex   ", "Speex in Ogg", Use::Convert),
    (0, b".snd", "a Sun AU recording", Use::Convert),
    (0, b"dns.", "a Sun AU recording", Use::Convert),
    (0, b".ra\xfd", "RealAudio", Use::Convert),
    (0, b".RMF", "RealMedia", Use::Convert),
    (0, b"FLV\x01", "a Flash video", Use::Convert),
    (0, b"ADIF", "AAC in ADIF", Use::Convert),
    (0, b"Creative Voice File", "a Creative Voice (VOC) recording", Use::Convert),
    (0, b"NIST_1A", "a NIST SPHERE recording", Use::Convert),
    (0, b"\x57\x90\x75\x36", "an Audible audio book", Use::Convert),
    (4, b"ftypaax", "an Audible audio book", Use::Convert),
    (8, b"AVI ", "an AVI video", Use::Convert),
    (0, b"\0\0\x01\xba", "an MPEG program stream (MPG, VOB)", Use::Convert),
    (0, b"\0\0\x01\xb3", "an MPEG video", Use::NoSound),
    (4, b"moov", "an old QuickTime movie", Use::Convert),
    (4, b"mdat", "an old QuickTime movie, or a part of an MP4", Use::Convert),
    (4, b"moof", "a part of a streamed MP4 without its beginning", Use::Convert),
    (4, b"styp", "a part of a streamed MP4 without its beginning", Use::Convert),
    (0, b"MThd", "a MIDI file, which holds notes and no sound", Use::NoSound),
    (8, b"RMID", "a MIDI file, which holds notes and no sound", Use::NoSound),
    (0, b"\x89PNG\r\n\x1a\n", "a PNG picture", Use::NoSound),
    (0, b"\xff\xd8\xff", "a JPEG picture", Use::NoSound),
    (0, b"GIF8", "a GIF picture", Use::NoSound),
    (8, b"WEBP", "a WebP picture", Use::NoSound),
    (0, b"II*\0", "a TIFF picture", Use::NoSound),
    (0, b"MM\0*", "a TIFF picture", Use::NoSound),
    (0, b"8BPS", "a Photoshop picture", Use::NoSound),
    (4, b"ftypheic", "a HEIC picture", Use::NoSound),
    (4, b"ftypmif1", "a HEIF picture", Use::NoSound),
    (4, b"ftypavif", "an AVIF picture", Use::NoSound),
    (0, b"%PDF", "a PDF document", Use::NoSound),
    (0, b"{\\rtf", "an RTF document", Use::NoSound),
    (0, b"PK\x03\x04", "a ZIP archive or an Office document", Use::NoSound),
    (0, b"PK\x05\x06", "an empty ZIP archive", Use::NoSound),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document", Use::NoSound),
    (0, b"\x1f\x8b", "a gzip archive", Use::NoSound),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", Use::NoSound),
    (0, b"Rar!\x1a\x07", "a RAR archive", Use::NoSound),
    (0, b"BZh", "a bzip2 archive", Use::NoSound),
    (0, b"\xfd7zXZ\0", "an xz archive", Use::NoSound),
    (0, b"\x28\xb5\x2f\xfd", "a Zstandard archive", Use::NoSound),
    (257, b"ustar", "a tar archive", Use::NoSound),
    (0, b"SQLite format 3\0", "a database (an Audacity project, say)", Use::NoSound),
    (0, b"\x7fELF", "a program", Use::NoSound),
    (0, b"MZ", "a Windows program", Use::NoSound),
    (0, b"bplist00", "an Apple property list", Use::NoSound),
    (
        0,
        b"\0\x05\x16\x07",
        "what macOS keeps beside a file (its name begins with `._`)",
        Use::NoSound,
    ),
];

/// The kind of a file that begins with `start`, if it is one that cannot be decoded. `start` should
/// hold some kilobytes.
pub(super) fn kind(start: &[u8]) -> Option<Kind> {
    let begins = |at: usize, magic: &[u8]| start.get(at..).is_some_and(|s| s.starts_with(magic));
    let riff = begins(0, b"RIFF") || begins(0, b"RIFX");
    let found = SIGNATURES.iter().find(|(at, magic, _, _)| {
        // A form's name counts inside RIFF alone.
        begins(*at, magic) && (*at != 8 || riff)
    });
    if let Some(&(_, _, name, advice)) = found {
        return Some(Kind { name, advice });
    }
    let convert = |name| Some(Kind { name, advice: Use::Convert });
    if is_transport_stream(start) {
        return convert("an MPEG transport stream (TS, M2TS)");
    }
    if begins(0, b"RIFX") {
        return convert("a WAV of the big-endian kind (RIFX)");
    }
    if is_ac3(start) {
        return convert("AC-3 (Dolby Digital) sound");
    }
    if is_latm(start) {
        return convert("AAC in LATM");
    }
    let marked = begins(0, b"\xff\xfe") || begins(0, b"\xfe\xff");
    let with_zero = start.chunks_exact(2).filter(|pair| pair.contains(&0)).count();
    if marked && with_zero > start.len() / 4 {
        return Some(Kind { name: "text in UTF-16", advice: Use::NoSound });
    }
    (start.len() > 1000 && start.iter().all(|byte| *byte == 0))
        .then_some(Kind { name: "full of zero bytes at its beginning", advice: Use::Unfinished })
}

/// Packets of 188 bytes that begin with a `G`; with four bytes of time before each in M2TS, with
/// sixteen of checksum behind each in broadcasts.
fn is_transport_stream(start: &[u8]) -> bool {
    [(0, 188), (4, 192), (0, 204)].into_iter().any(|(first, step): (usize, usize)| {
        let marks = start.get(first..).unwrap_or_default().iter().step_by(step);
        let (mut marks, mut whole) = (marks.take(8), 0);
        marks.all(|mark| {
            whole += 1;
            *mark == b'G'
        }) && whole >= 4
    })
}

/// The rates of AC-3, in kbit/s.
const AC3_KBITS: [usize; 19] =
    [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640];

/// Whether the sync word stands before a frame of a known rate whose next one is where it should.
fn is_ac3(start: &[u8]) -> bool {
    let &[0x0b, 0x77, _, _, size, id, ..] = start else { return false };
    // E-AC-3 has its length elsewhere.
    if id >> 3 > 10 {
        return id >> 3 <= 16;
    }
    let (rate, code) = (size >> 6, usize::from(size & 63));
    let Some(kbits) = AC3_KBITS.get(code / 2) else { return false };
    let bytes = match rate {
        0 => kbits * 4,
        1 => (kbits * 320 / 147 + code % 2) * 2,
        2 => kbits * 6,
        _ => return false,
    };
    start.get(bytes..bytes + 2).is_none_or(|next| next == [0x0b, 0x77])
}

/// Whether the sync word of LATM stands at the start and again behind the first frame.
fn is_latm(start: &[u8]) -> bool {
    let &[0x56, size, low, ..] = start else { return false };
    let bytes = usize::from(size & 0x1f) << 8 | usize::from(low);
    let next = start.get(3 + bytes..5 + bytes);
    size & 0xe0 == 0xe0 && next.is_some_and(|next| next[0] == 0x56 && next[1] & 0xe0 == 0xe0)
}

/// The kind of sound that hides in the samples of a WAV: bitstreams for a digital output.
pub(super) fn hidden_in_samples(start: &[u8]) -> Option<&'static str> {
    const HIDDEN: [(&[u8], &str); 6] = [
        (b"\x72\xf8\x1f\x4e", "AC-3 or DTS for a digital output (S/PDIF)"),
        (b"\xf8\x72\x4e\x1f", "AC-3 or DTS for a digital output (S/PDIF)"),
        (b"\x7f\xfe\x80\x01", "DTS"),
        (b"\xfe\x7f\x01\x80", "DTS"),
        (b"\xff\x1f\x00\xe8", "DTS"),
        (b"\x1f\xff\xe8\x00", "DTS"),
    ];
    HIDDEN.iter().find(|(magic, _)| start.starts_with(magic)).map(|(_, name)| *name)
}

/// Codecs of WAV by their format tag that cannot be decoded.
pub(super) fn wave_codec(tag: u16) -> Option<&'static str> {
    Some(match tag {
        0x0016 | 0x0083 | 0x0a73 => "G.723 or G.729",
        0x0022 => "TrueSpeech",
        0x0031 | 0x1500 => "GSM 6.10",
        0x0038 => "AMR",
        0x0040 | 0x0045 | 0x0064 | 0x0085 | 0xa105 => "G.721 or G.726",
        0x0050 => "MPEG Layer II (MP2)",
        0x0065 | 0xa107 => "G.722",
        0x0092 | 0x2000 => "AC-3",
        0x00ff | 0x1600..=0x1610 | 0x4143 | 0x706d | 0xa106 => "AAC",
        0x0130..=0x0135 => "ACELP or Sipro",
        0x0160..=0x0164 => "Windows Media Audio",
        0x0270..=0x0272 => "ATRAC",
        0x2001 => "DTS",
        0x674f..=0x6771 => "Vorbis",
        0xa109 => "Speex",
        0xf1ac => "FLAC",
        0x704f => "Opus",
        _ => return None,
    })
}

/// Codecs of MP4 and `QuickTime` by their four letters that cannot be decoded.
pub(super) fn mp4_codec(name: [u8; 4]) -> String {
    match &name {
        b"samr" => "AMR".to_owned(),
        b"sawb" => "AMR-WB".to_owned(),
        b"sawp" => "AMR-WB+".to_owned(),
        b"sqcp" | b"Qclp" => "QCELP".to_owned(),
        b"sevc" | b"secb" => "EVRC".to_owned(),
        b"ac-3" => "AC-3".to_owned(),
        b"ec-3" => "E-AC-3".to_owned(),
        b"ac-4" => "AC-4".to_owned(),
        b"dtsc" | b"dtsh" | b"dtsl" | b"dtse" => "DTS".to_owned(),
        b"mlpa" => "TrueHD".to_owned(),
        b"ima4" | b"ms\0\x02" | b"ms\0\x11" => "ADPCM".to_owned(),
        b"QDM2" | b"QDMC" => "QDesign Music".to_owned(),
        b"MAC3" | b"MAC6" => "MACE".to_owned(),
        b"agsm" => "GSM".to_owned(),
        b"drms" | b"enca" => "protected (encrypted) sound".to_owned(),
        b"mha1" | b"mhm1" => "MPEG-H".to_owned(),
        b"mp4a" => "MPEG-4 sound of an unusual kind".to_owned(),
        _ => format!("`{}`", String::from_utf8_lossy(&name).escape_debug()),
    }
}

/// The name by which people know a codec of Matroska that cannot be decoded.
pub(super) fn matroska_codec(id: &str) -> String {
    let known = [
        ("A_EAC3", "E-AC-3"),
        ("A_AC3", "AC-3"),
        ("A_DTS", "DTS"),
        ("A_TRUEHD", "TrueHD"),
        ("A_MLP", "MLP"),
        ("A_MPEG/L2", "MPEG Layer II (MP2)"),
        ("A_MPEG/L1", "MPEG Layer I"),
        ("A_REAL", "RealAudio"),
        ("A_TTA1", "True Audio (TTA)"),
        ("A_WAVPACK", "WavPack"),
        ("A_ATRAC", "ATRAC"),
        ("A_QUICKTIME", "QuickTime sound"),
        ("A_MS/ACM", "a codec of Windows"),
    ];
    let name = known.iter().find(|(start, _)| id.starts_with(start)).map(|(_, name)| *name);
    name.map_or_else(|| format!("`{}`", id.escape_debug()), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(start: &[u8]) -> Option<&'static str> {
        kind(start).map(|kind| kind.name)
    }

    #[test]
    fn kinds_are_told_by_how_they_begin() {
        assert_eq!(name(b"#!AMR\n<\x08"), Some("an AMR recording"));
        assert_eq!(name(b"RIFF\x10\0\0\0AVI LIST"), Some("an AVI video"));
        assert_eq!(name(b"%PDF-1.7"), Some("a PDF document"));
        assert_eq!(name(&[0; 4096]), Some("full of zero bytes at its beginning"));
        for sound in [&b"RIFF\x10\0\0\0WAVEfmt "[..], b"OggS", b"fLaC\0\0\0\x22", b"ID3\x04", b""] {
            assert_eq!(name(sound), None, "{sound:?}");
        }
        // A form's name counts inside RIFF alone.
        assert_eq!(name(b"ID3\x04\0\0\0\0AVI "), None);
    }

    #[test]
    fn a_transport_stream_is_told_by_its_packets() {
        let mut packet = vec![b'G'];
        packet.resize(188, 0xff);
        let expected = Some("an MPEG transport stream (TS, M2TS)");
        assert_eq!(name(&packet.repeat(10)), expected);
        assert_eq!(name(&[vec![0, 0, 0, 1], packet.clone()].concat().repeat(10)), expected);
        assert_eq!(name(&packet.repeat(2)), None);
        packet[0] = b'H';
        assert_eq!(name(&packet.repeat(10)), None);
    }

    #[test]
    fn weak_sync_words_count_where_they_come_again() {
        // 48 kHz, 32 kbit/s: 128 bytes.
        let mut frame = vec![0x0b, 0x77, 0, 0, 0, 8 << 3];
        frame.resize(128, 0);
        assert_eq!(name(&frame.repeat(3)), Some("AC-3 (Dolby Digital) sound"));
        frame.truncate(120);
        assert_eq!(name(&frame.repeat(3)), None);
        let mut latm = vec![0x56, 0xe0, 7];
        latm.resize(10, 1);
        assert_eq!(name(&latm.repeat(3)), Some("AAC in LATM"));
        latm.pop();
        assert_eq!(name(&latm.repeat(3)), None);
    }
}
