//! Which attention heads of the decoder follow the sound: word times are read from them.

use super::ggml::Sizes;
use super::tokens::is_multilingual;

/// The width of a head, in every size of Whisper.
const HEAD: usize = 64;

/// The heads that follow the sound, as (layer, head). `OpenAI` found those of its own sizes and
/// published them with the models; of any other size, a distilled one, it is the upper half.
pub(crate) fn heads(sizes: Sizes) -> Vec<(usize, usize)> {
    let known: &[(usize, usize)] =
        match (sizes.audio_layers, sizes.text_layers, is_multilingual(sizes.vocabulary)) {
            (4, 4, false) => &[(1, 0), (2, 0), (2, 5), (3, 0), (3, 1), (3, 2), (3, 3), (3, 4)],
            (4, 4, true) => &[(2, 2), (3, 0), (3, 2), (3, 3), (3, 4), (3, 5)],
            (6, 6, false) => &[(3, 3), (4, 7), (5, 1), (5, 5), (5, 7)],
            (6, 6, true) => &[(3, 1), (4, 2), (4, 3), (4, 7), (5, 1), (5, 2), (5, 4), (5, 6)],
            (12, 12, false) => &SMALL_EN,
            (12, 12, true) => &SMALL,
            (24, 24, false) => &MEDIUM_EN,
            (24, 24, true) => &[(13, 15), (15, 4), (15, 15), (16, 1), (20, 0), (23, 4)],
            (32, 32, _) if sizes.mels == 128 => &LARGE_V3,
            (32, 32, _) => &LARGE_V2,
            (32, 4, _) => &[(2, 4), (2, 11), (3, 3), (3, 6), (3, 11), (3, 14)],
            _ => &[],
        };
    if !known.is_empty() {
        return known.to_vec();
    }
    let heads = sizes.text_width / HEAD;
    (sizes.text_layers / 2..sizes.text_layers)
        .flat_map(|layer| (0..heads).map(move |head| (layer, head)))
        .collect()
}

#[rustfmt::skip]
const SMALL_EN: [(usize, usize); 19] = [
    (6, 6), (7, 0), (7, 3), (7, 8), (8, 2), (8, 5), (8, 7), (9, 0), (9, 4), (9, 8), (9, 10),
    (10, 0), (10, 1), (10, 2), (10, 3), (10, 6), (10, 11), (11, 2), (11, 4),
];
#[rustfmt::skip]
const SMALL: [(usize, usize); 10] = [
    (5, 3), (5, 9), (8, 0), (8, 4), (8, 7), (8, 8), (9, 0), (9, 7), (9, 9), (10, 5),
];
#[rustfmt::skip]
const MEDIUM_EN: [(usize, usize); 18] = [
    (11, 4), (14, 1), (14, 12), (14, 14), (15, 4), (16, 0), (16, 4), (16, 9), (17, 12), (17, 14),
    (18, 7), (18, 10), (18, 15), (20, 0), (20, 3), (20, 9), (20, 14), (21, 12),
];
#[rustfmt::skip]
const LARGE_V2: [(usize, usize); 23] = [
    (10, 12), (13, 17), (16, 11), (16, 12), (16, 13), (17, 15), (17, 16), (18, 4), (18, 11),
    (18, 19), (19, 11), (21, 2), (21, 3), (22, 3), (22, 9), (22, 12), (23, 5), (23, 7), (23, 13),
    (25, 5), (26, 1), (26, 12), (27, 15),
];
#[rustfmt::skip]
const LARGE_V3: [(usize, usize); 10] = [
    (7, 0), (10, 17), (12, 18), (13, 12), (16, 1), (17, 14), (19, 11), (21, 4), (24, 1), (25, 6),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes(layers: (usize, usize), width: usize, vocabulary: usize, mels: usize) -> Sizes {
        Sizes {
            vocabulary,
            audio_context: 1500,
            audio_width: width,
            audio_heads: width / HEAD,
            audio_layers: layers.0,
            text_context: 448,
            text_width: width,
            text_heads: width / HEAD,
            text_layers: layers.1,
            mels,
        }
    }

    #[test]
    fn every_head_is_one_that_the_decoder_has() {
        let sizes = [
            sizes((4, 4), 384, 51_864, 80),
            sizes((4, 4), 384, 51_865, 80),
            sizes((6, 6), 512, 51_864, 80),
            sizes((6, 6), 512, 51_865, 80),
            sizes((12, 12), 768, 51_864, 80),
            sizes((12, 12), 768, 51_865, 80),
            sizes((24, 24), 1024, 51_864, 80),
            sizes((24, 24), 1024, 51_865, 80),
            sizes((32, 32), 1280, 51_865, 80),
            sizes((32, 32), 1280, 51_866, 128),
            sizes((32, 4), 1280, 51_866, 128),
            sizes((32, 2), 1280, 51_866, 128),
        ];
        for sizes in sizes {
            let heads = heads(sizes);
            assert!(!heads.is_empty() && heads.is_sorted());
            assert!(heads.iter().all(|(l, h)| *l < sizes.text_layers && *h < sizes.text_heads));
        }
    }
}
