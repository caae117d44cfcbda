//! A beam over a decoder's next tokens: the likeliest text of a chunk, found without drawing lots.
//!
//! Comes in: a decoder that tells how likely each token is behind those before it ([`NextToken`]), and
//! what tokens say ([`Said`]). Goes out: the tokens of the text whose mean log-probability is highest
//! among those that were looked at. Nothing here knows about sound, and of words only whether two
//! texts have the same.

use crate::transcribe::recognizer::RecognizeError;

pub(crate) mod ahead;
pub(crate) mod carried;
pub(crate) mod recalled;
pub(crate) mod spoken;

/// A token's number in the decoder's vocabulary.
pub(crate) type TokenId = i32;

/// A token that may come next.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Likely {
    /// Which.
    pub(crate) token: TokenId,
    /// Natural logarithm of its probability, above minus infinity.
    pub(crate) logprob: f32,
}

/// A decoder, asked for one token at a time.
pub(crate) trait NextToken {
    /// The tokens that are likeliest behind `text`, the likeliest first, at most `count` of them.
    fn after(&mut self, text: &[TokenId], count: usize) -> Result<Vec<Likely>, RecognizeError>;
}

/// What tokens say, as [`spoken::spoken`] has it.
pub(crate) type Said<'a> = dyn Fn(&[TokenId]) -> String + 'a;

/// How the search is done. The figures are measured in docs/decisions/0004-decoding.md.
#[derive(Clone, Copy)]
pub(crate) struct Beam<'a> {
    /// Texts kept side by side, at least one.
    pub(crate) width: usize,
    /// Tokens after which a text is broken off.
    pub(crate) max_tokens: usize,
    /// The token that ends a text.
    pub(crate) end: TokenId,
    /// What tokens say.
    pub(crate) said: &'a Said<'a>,
}

/// A token this much less likely than the likeliest in its place is not tried; e^2 is a seventh.
const GAP: f32 = 2.0;
/// A text this much less likely than the likeliest of its length is given up.
const SPREAD: f32 = 4.0;
/// Of texts whose last tokens are the same, so many of them, the likelier one goes on: what comes
/// behind them hardly depends on what they differ in, where that is punctuation and capitals.
pub(crate) const SAME_TAIL: usize = 10;
/// So many of them where it is words: a name may come again and is written as it was before.
const SAME_TAIL_BEHIND_WORDS: usize = 25;
/// One of the two may be further by so many tokens: `2/9` is three, `two nines` is two.
const SHIFT: usize = 3;

/// A text, whole or begun.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Path {
    /// Its tokens, without the one that ends it.
    pub(crate) tokens: Vec<TokenId>,
    /// Natural logarithms of their probabilities, one a token.
    pub(crate) logprobs: Vec<f32>,
    /// The sum of those and of the ending token's.
    sum: f32,
    /// Whether the ending token came.
    ended: bool,
}

impl Path {
    /// Mean logarithm of the probability of a token.
    #[expect(clippy::cast_precision_loss, reason = "a chunk has a few hundred tokens")]
    fn mean(&self) -> f32 {
        self.sum / (self.tokens.len() + usize::from(self.ended)).max(1) as f32
    }

    fn extended(&self, step: &Step, end: TokenId) -> Path {
        let mut path = Path { sum: step.sum, ..self.clone() };
        if step.token == end {
            path.ended = true;
        } else {
            path.tokens.push(step.token);
            path.logprobs.push(step.logprob);
        }
        path
    }

    /// Where two texts came to the same place: how many tokens each had then.
    fn meets(&self, other: &Path, said: &Said<'_>) -> Option<(usize, usize)> {
        let (own, theirs) = (self.tokens.len(), other.tokens.len());
        let ahead = (0..=SHIFT).map(|more| (own.checked_sub(more), Some(theirs)));
        let behind = (1..=SHIFT).map(|more| (Some(own), theirs.checked_sub(more)));
        ahead
            .chain(behind)
            .filter_map(|(own, theirs)| own.zip(theirs))
            .find(|&(own, theirs)| meet(&self.tokens[..own], &other.tokens[..theirs], said))
    }

    /// Whether it is the likelier one of two up to where they meet.
    fn leads(&self, other: &Path, (own, theirs): (usize, usize)) -> bool {
        let sum = |path: &Path, to: usize| path.logprobs[..to].iter().sum::<f32>();
        sum(self, own) > sum(other, theirs)
    }
}

/// Whether what follows two texts hardly depends on what they differ in. A text and its own
/// beginning never meet, however often the same tokens come again in it.
pub(crate) fn meet(a: &[TokenId], b: &[TokenId], said: &Said<'_>) -> bool {
    let same = a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count();
    if same < SAME_TAIL || a.starts_with(b) || b.starts_with(a) {
        return false;
    }
    same >= SAME_TAIL_BEHIND_WORDS || said(a) == said(b)
}

/// One more token behind one of the texts.
#[derive(Debug, Clone, Copy)]
struct Step {
    path: usize,
    token: TokenId,
    logprob: f32,
    sum: f32,
}

/// The likeliest text by mean log-probability; one that was broken off only where none ended.
pub(crate) fn search(decoder: &mut dyn NextToken, beam: &Beam<'_>) -> Result<Path, RecognizeError> {
    let mut alive = vec![Path::default()];
    let mut ended: Vec<Path> = Vec::new();
    for _ in 0..beam.max_tokens {
        let steps = steps(decoder, &alive, beam)?;
        let next = taken(&alive, &steps, beam, &mut ended);
        if next.is_empty() || ended.len() >= beam.width {
            break;
        }
        alive = next;
        let best_ended = ended.iter().map(|path| path.sum).max_by(f32::total_cmp);
        let best_alive = alive.iter().map(|path| path.sum).max_by(f32::total_cmp);
        if best_ended.zip(best_alive).is_some_and(|(over, on)| on < over - SPREAD) {
            break;
        }
    }
    let finished = if ended.is_empty() { alive } else { ended };
    Ok(finished.into_iter().max_by(|a, b| a.mean().total_cmp(&b.mean())).unwrap_or_default())
}

/// What may come next behind each text, the likeliest whole first.
fn steps(
    decoder: &mut dyn NextToken,
    alive: &[Path],
    beam: &Beam<'_>,
) -> Result<Vec<Step>, RecognizeError> {
    // Texts that begin alike one after the other: a decoder with one memory repeats little.
    let mut order: Vec<usize> = (0..alive.len()).collect();
    order.sort_by(|a, b| alive[*a].tokens.cmp(&alive[*b].tokens));
    let mut steps = Vec::new();
    for path in order {
        let likely = decoder.after(&alive[path].tokens, beam.width + 1)?;
        let top = likely.first().map_or(f32::NEG_INFINITY, |first| first.logprob);
        let near = likely.into_iter().take_while(|next| next.logprob >= top - GAP);
        steps.extend(near.map(|Likely { token, logprob }| Step {
            path,
            token,
            logprob,
            sum: alive[path].sum + logprob,
        }));
    }
    steps.sort_by(|a, b| {
        b.sum.total_cmp(&a.sum).then(a.path.cmp(&b.path)).then(a.token.cmp(&b.token))
    });
    Ok(steps)
}

/// The texts that go on; those that end here are added to `ended`.
fn taken(alive: &[Path], steps: &[Step], beam: &Beam<'_>, ended: &mut Vec<Path>) -> Vec<Path> {
    let mut next: Vec<Path> = Vec::with_capacity(beam.width);
    let best = steps.first().map_or(f32::NEG_INFINITY, |step| step.sum);
    let near = steps.iter().take(2 * beam.width).take_while(|step| step.sum >= best - SPREAD);
    for step in near {
        let path = alive[step.path].extended(step, beam.end);
        if path.ended {
            ended.push(path);
        } else {
            add(&mut next, path, beam.said);
        }
        if next.len() == beam.width {
            break;
        }
    }
    next
}

/// Adds a text, or lets only the likelier go on where it meets one of the others.
fn add(texts: &mut Vec<Path>, path: Path, said: &Said<'_>) {
    for other in texts.iter_mut() {
        if let Some(place) = path.meets(other, said) {
            if path.leads(other, place) {
                *other = path;
            }
            return;
        }
    }
    texts.push(path);
}

#[cfg(test)]
mod tests {
    use super::*;

    const END: TokenId = 0;
    const BEAM: Beam<'static> =
        Beam { width: 3, max_tokens: 50, end: END, said: &|tokens| format!("{tokens:?}") };

    /// Nothing that the tokens differ in is said.
    fn signs(_: &[TokenId]) -> String {
        String::new()
    }

    /// A decoder that is a function: which tokens may follow a text, and how probable each is.
    struct Scripted<F> {
        follows: F,
        asked: usize,
    }

    impl<F: Fn(&[TokenId]) -> Vec<(TokenId, f32)>> Scripted<F> {
        fn new(follows: F) -> Scripted<F> {
            Scripted { follows, asked: 0 }
        }
    }

    impl<F: Fn(&[TokenId]) -> Vec<(TokenId, f32)>> NextToken for Scripted<F> {
        fn after(&mut self, text: &[TokenId], count: usize) -> Result<Vec<Likely>, RecognizeError> {
            self.asked += 1;
            let next = (self.follows)(text).into_iter().take(count);
            Ok(next.map(|(token, p)| Likely { token, logprob: p.ln() }).collect())
        }
    }

    #[test]
    fn a_text_that_begins_less_likely_can_win() {
        let mut decoder = Scripted::new(|text| match text {
            [] => vec![(1, 0.6), (2, 0.4)],
            [1] => vec![(3, 0.4), (4, 0.35)],
            [2] => vec![(5, 0.99)],
            _ => vec![(END, 1.0)],
        });
        let found = search(&mut decoder, &BEAM).unwrap();
        assert_eq!(found.tokens, [2, 5]);
        assert!((found.logprobs[0] - 0.4_f32.ln()).abs() < 1e-6);
        assert_eq!(search(&mut decoder, &Beam { width: 1, ..BEAM }).unwrap().tokens, [1, 3]);
    }

    #[test]
    fn a_token_far_behind_the_likeliest_is_not_tried() {
        let mut decoder = Scripted::new(|text| match text {
            [] => vec![(1, 0.9), (2, 0.1)],
            [1] => vec![(3, 0.3)],
            _ => vec![(END, 1.0)],
        });
        assert_eq!(search(&mut decoder, &BEAM).unwrap().tokens, [1, 3]);
        assert_eq!(decoder.asked, 3, "two tokens and the end of one text");
    }

    #[test]
    fn texts_with_the_same_tail_become_one() {
        for (tail, said) in [(SAME_TAIL, &signs as &Said<'_>), (SAME_TAIL_BEHIND_WORDS, BEAM.said)]
        {
            let mut decoder = Scripted::new(|text| match text.len() {
                0 => vec![(1, 0.6), (2, 0.4)],
                length if length < 40 => vec![(3, 1.0)],
                _ => vec![(END, 1.0)],
            });
            let found = search(&mut decoder, &Beam { said, ..BEAM }).unwrap();
            assert_eq!(found.tokens, [&[1][..], &[3; 39]].concat());
            // Once at the beginning, then for two texts until their tails are the same, then for one.
            assert_eq!(decoder.asked, 1 + 2 * tail + 40 - tail);
        }
    }

    #[test]
    fn texts_meet_sooner_behind_the_same_words() {
        let text = |first: TokenId, tail: usize| [&[first][..], &[3; 30][..tail]].concat();
        let together = |tail, said| meet(&text(1, tail), &text(2, tail), said);
        assert!(!together(SAME_TAIL - 1, &signs) && together(SAME_TAIL, &signs));
        let (before, there) = (SAME_TAIL_BEHIND_WORDS - 1, SAME_TAIL_BEHIND_WORDS);
        assert!(!together(before, BEAM.said) && together(there, BEAM.said));
        assert!(!meet(&[3; 30], &[3; 29], &signs), "one is the beginning of the other");
    }

    #[test]
    fn texts_meet_though_one_is_a_token_longer() {
        let path = |tokens: &[TokenId], first: f32| {
            let mut logprobs = vec![-0.1; tokens.len()];
            logprobs[0] = first;
            Path { sum: logprobs.iter().sum(), tokens: tokens.to_vec(), logprobs, ended: false }
        };
        let tail: Vec<TokenId> = (10..10 + 12).collect();
        let short = path(&[&[1][..], &tail[..12]].concat(), -2.0);
        let long = path(&[&[2, 3][..], &tail[..11]].concat(), -0.5);
        let mut texts = vec![short.clone()];
        add(&mut texts, long.clone(), &signs);
        assert_eq!(texts, [long], "the shorter one is further, but less likely where they meet");
        let other = path(&[&[2, 3][..], &tail[..10], &[9]].concat(), -0.5);
        let mut texts = vec![short.clone()];
        add(&mut texts, other.clone(), &signs);
        assert_eq!(texts, [short, other], "they went different ways");
    }

    #[test]
    fn a_text_without_an_end_is_broken_off() {
        let mut endless = Scripted::new(|_| vec![(1, 0.9)]);
        assert_eq!(search(&mut endless, &BEAM).unwrap().tokens, [1; 50]);
        let mut mute = Scripted::new(|_| Vec::new());
        assert_eq!(search(&mut mute, &BEAM).unwrap(), Path::default());
    }
}
