//! `linernotes score oracle`: which part of diarization costs the errors.

use std::path::Path;

use anyhow::Context;
use serde_json::json;

use crate::cli::args::CommonArgs;
use crate::cli::bars::Bars;
use crate::cli::{hints, report, settings};
use crate::decode::{DecodeLimits, decode};
use crate::detect::{DetectSettings, detect_speech};
use crate::diarize::DiarizeSettings;
use crate::diarize::oracle::{Activity, ORACLES, oracles};
use crate::pipeline::{Engines, PipelineError};
use crate::progress::Progress;
use crate::score::der::{self, DiarizationScore};
use crate::segmentation::{DENSITY, listen};
use crate::speech::Turn;
use crate::stage::Stage;
use crate::time::Ms;

/// Diarizes `audio` with more and more of the truth told, and prints the errors that are left.
pub(super) fn run(
    truth: &[Turn],
    audio: &Path,
    collar: Ms,
    common: &CommonArgs,
) -> anyhow::Result<()> {
    if truth.is_empty() {
        return Err(hints::refusal(
            "the reference holds no turn, so there is nothing to tell",
            "give an RTTM file with the true turns of that recording",
        ));
    }
    let bars = Bars::new(common);
    let mut engines = settings::engines(common, &bars);
    let (recording, _) = decode(audio, &DecodeLimits::default(), &bars)
        .with_context(|| format!("cannot read the sound of `{}`", audio.display()))?;
    let segmenter = engines.segmenter()?;
    let go_on = |_| !bars.cancelled();
    let windows = listen(segmenter.as_ref(), &recording.samples, DENSITY, go_on)
        .ok_or(PipelineError::Interrupted(Stage::Detect))?;
    let regions = detect_speech(&recording, &windows, &DetectSettings::default());
    let mut network = engines.embedder()?;
    let settings = DiarizeSettings::default();
    let found = oracles(&recording, &regions, &windows, network.as_mut(), truth, &settings, &bars)?;
    for (told, found) in ORACLES.iter().zip(found) {
        let score = der::score(truth, &found.turns, collar, None);
        let activity = match told.activity {
            Activity::Found => "nothing",
            Activity::Speech => "speech",
            Activity::Turns => "turns",
        };
        tell(activity, told.count, &score, common);
    }
    Ok(())
}

fn tell(activity: &str, count: bool, score: &DiarizationScore, common: &CommonArgs) {
    if common.json {
        let errors = super::turns_json(score);
        report::json_line(&json!({ "told": activity, "count_told": count, "score": errors }));
        return;
    }
    let told = if count { format!("{activity} and count") } else { activity.to_owned() };
    report::result(&format!("told {told:<18} {}", super::turns_line(score)));
}
