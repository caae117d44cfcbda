//! Embeddings as vectors.

/// The scalar product; of two L2-normalised vectors the cosine of their angle.
pub(super) fn cosine(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

/// The vector at length one; `None` where it has no length (or is not a number).
pub(super) fn normalised(mut vector: Vec<f32>) -> Option<Vec<f32>> {
    let length = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
    if !length.is_normal() {
        return None;
    }
    for x in &mut vector {
        *x /= length;
    }
    Some(vector)
}

/// The most that any of `means` but number `own` is like the embedding; -1 where there is no other.
pub(super) fn rival<'a>(
    embedding: &[f32],
    own: usize,
    means: impl Iterator<Item = &'a [f32]>,
) -> f32 {
    let others = means.enumerate().filter(|&(other, _)| other != own);
    others.map(|(_, mean)| cosine(embedding, mean)).fold(-1.0, f32::max)
}

/// The number of the most similar of `means`, and the similarity; the first of equals.
pub(super) fn nearest<'a>(
    embedding: &[f32],
    means: impl Iterator<Item = &'a [f32]>,
) -> Option<(usize, f32)> {
    let mut best: Option<(usize, f32)> = None;
    for (number, mean) in means.enumerate() {
        let similarity = cosine(embedding, mean);
        if best.is_none_or(|(_, most)| similarity > most) {
            best = Some((number, similarity));
        }
    }
    best
}
