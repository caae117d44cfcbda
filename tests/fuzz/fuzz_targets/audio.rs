//! Audio and video files: their tags, their chapters (MP4, Matroska, Vorbis comments, ID3) and the
//! MPEG frames. The first minute is decoded.
#![no_main]

use std::io::Write as _;

use libfuzzer_sys::fuzz_target;
use linernotes::decode::{DecodeLimits, decode, tags};
use linernotes::progress::Silent;
use linernotes::time::Ms;

fuzz_target!(|bytes: &[u8]| {
    let mut file = tempfile::NamedTempFile::new().expect("the system has room");
    file.write_all(bytes).expect("the system has room");
    let Ok(source) = tags::read(file.path()) else { return };
    assert!(source.chapters.is_sorted_by_key(|chapter| chapter.start));
    let limits = DecodeLimits { max_duration: Ms::new(60_000), ..DecodeLimits::default() };
    if let Ok((recording, _)) = decode(file.path(), &limits, &Silent) {
        assert!(recording.duration() <= limits.max_duration);
    }
});
