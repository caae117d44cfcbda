//! The codecs that can be decoded: Symphonia's own and libopus, and what they are called.

use std::sync::LazyLock;

use symphonia::core::codecs::audio::well_known as id;
use symphonia::core::codecs::audio::{AudioCodecId, AudioCodecParameters, AudioDecoder};
use symphonia::core::codecs::audio::{AudioDecoderOptions, CODEC_ID_NULL_AUDIO};
use symphonia::core::codecs::registry::CodecRegistry;
use symphonia::core::errors::Error;

static REGISTRY: LazyLock<CodecRegistry> = LazyLock::new(|| {
    let mut registry = CodecRegistry::new();
    symphonia::default::register_enabled_codecs(&mut registry);
    #[cfg(feature = "opus")]
    registry.register_audio_decoder::<symphonia_adapter_libopus::OpusDecoder>();
    registry
});

/// A decoder for a track. Leading and trailing samples are left in except where only the codec
/// knows of them (Vorbis): the pull loop trims.
pub(super) fn decoder(params: &AudioCodecParameters) -> Result<Box<dyn AudioDecoder>, Error> {
    let mut params = params.clone();
    if params.codec == id::CODEC_ID_OPUS {
        // The adapter would trim the pre-skip within the first packet only.
        params.extra_data = None;
    }
    if params.codec == id::CODEC_ID_AAC
        && let Some(core) = params.extra_data.as_deref().and_then(low_complexity)
    {
        params.extra_data = Some(Box::new(core));
        params.channels = None;
    }
    if matches!(params.codec, id::CODEC_ID_PCM_ALAW | id::CODEC_ID_PCM_MULAW) {
        // CAF says 8, as they are coded; the decoder wants nothing, or 16, as they are decoded.
        (params.bits_per_sample, params.bits_per_coded_sample) = (None, None);
    }
    // The MP3 reader trims the end by a length that it may only have estimated.
    let gapless = params.codec == id::CODEC_ID_VORBIS;
    // FLAC holds a checksum of all its sound.
    let options = AudioDecoderOptions::default().gapless(gapless).verify(true);
    REGISTRY.make_audio_decoder(&params, &options)
}

/// Whether a packet that is nothing but zero bytes is one that was lost. No codec makes such a
/// packet, but for the few bytes of silence; where samples stand as they are, zero is silence.
pub(super) fn is_void(codec: AudioCodecId, packet: &[u8]) -> bool {
    packet.len() > 8 && packet.iter().all(|byte| *byte == 0) && !name(codec).contains("pcm")
}

/// The configuration of the AAC-LC stream that every HE-AAC stream carries inside, where `config`
/// is one of HE-AAC. The core has half the sample rate and, in version 2, one channel: all that
/// speech at 16 kHz needs. `None` where the configuration can stay as it is.
fn low_complexity(config: &[u8]) -> Option<[u8; 2]> {
    let mut bits = config.iter().flat_map(|byte| (0..8).rev().map(move |n| byte >> n & 1));
    let mut take = |count: usize| -> Option<u16> {
        let mut value = 0;
        for _ in 0..count {
            value = value << 1 | u16::from(bits.next()?);
        }
        Some(value)
    };
    let (kind, rate, channels) = (take(5)?, take(4)?, take(4)?);
    // A rate outside the table is not worth the trouble.
    if !matches!(kind, 2 | 5 | 29) || rate == 15 {
        return None;
    }
    if kind != 2 && (take(4)? == 15 || take(5)? != 2) {
        return None;
    }
    let rest = take(3)?;
    Some((2 << 11 | rate << 7 | channels << 3 | rest).to_be_bytes())
}

/// Whether the codec is one that [`decoder`] knows.
pub(super) fn is_known(codec: AudioCodecId) -> bool {
    codec != CODEC_ID_NULL_AUDIO && REGISTRY.get_audio_decoder(codec).is_some()
}

/// The name of a codec whose decoder refuses this track, with what is known of its kind.
pub(super) fn detailed_name(params: &AudioCodecParameters) -> String {
    let channels = params.channels.as_ref().map_or(0, symphonia::core::audio::Channels::count);
    match params.codec {
        id::CODEC_ID_AAC if channels > 2 => format!("AAC with {channels} channels"),
        id::CODEC_ID_AAC => "a kind of AAC other than AAC-LC (HE-AAC, say)".to_owned(),
        id::CODEC_ID_OPUS if channels > 2 => format!("Opus with {channels} channels"),
        codec => format!("{} of an unusual kind", name(codec)),
    }
}

/// The codec's name, as `mp3`, `aac-lc`, `pcm_s16le`; for one that cannot be decoded as people
/// know it, `AC-3`.
pub(super) fn name(codec: AudioCodecId) -> String {
    known_name(codec).unwrap_or_else(|| "a codec that is not known here".to_owned())
}

/// The same, where the codec has a name.
pub(super) fn known_name(codec: AudioCodecId) -> Option<String> {
    if codec == id::CODEC_ID_AAC {
        return Some("aac-lc".to_owned());
    }
    if let Some(known) = REGISTRY.get_audio_decoder(codec) {
        return Some(known.codec.info.short_name.to_owned());
    }
    let name = match codec {
        id::CODEC_ID_OPUS => "Opus (this build has no Opus decoder)",
        id::CODEC_ID_MP1 => "MP1",
        id::CODEC_ID_MP2 => "MPEG Layer II (MP2)",
        id::CODEC_ID_AC3 => "AC-3",
        id::CODEC_ID_EAC3 => "E-AC-3",
        id::CODEC_ID_AC4 => "AC-4",
        id::CODEC_ID_DCA => "DTS",
        id::CODEC_ID_WMA => "Windows Media Audio",
        id::CODEC_ID_SPEEX => "Speex",
        id::CODEC_ID_MUSEPACK => "Musepack",
        id::CODEC_ID_WAVPACK => "WavPack",
        id::CODEC_ID_MONKEYS_AUDIO => "Monkey's Audio",
        id::CODEC_ID_TRUEHD => "TrueHD",
        _ => return None,
    };
    Some(name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_core_of_he_aac_is_aac_lc() {
        // HE-AAC: 22.05 kHz mono core, 44.1 kHz with SBR, said outright.
        assert_eq!(low_complexity(&[0x2b, 0x8a, 0x08, 0x00]), Some([0x13, 0x88]));
        // Said at the end, as a hint.
        assert_eq!(low_complexity(&[0x13, 0x88, 0x56, 0xe5, 0xa0]), Some([0x13, 0x88]));
        // AAC-LC, 44.1 kHz stereo; Main; nothing.
        assert_eq!(low_complexity(&[0x12, 0x10]), Some([0x12, 0x10]));
        assert_eq!(low_complexity(&[0x0a, 0x10]), None);
        assert_eq!(low_complexity(&[]), None);
    }
}
