//! `linernotes score`: how far a result is from the truth.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::Subcommand;
use serde::Deserialize;
use serde_json::json;

use crate::cli::args::CommonArgs;
use crate::cli::report;
use crate::formats::{rttm, uem};
use crate::import;
use crate::score::times::{EdgeErrors, TimedText, time_errors};
use crate::score::{der, normalize, wer};
use crate::speech::{Turn, Word};
use crate::time::{Ms, Span};

/// What to score.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ScoreArgs {
    #[command(subcommand)]
    measure: Measure,
}

#[derive(Debug, Subcommand)]
enum Measure {
    /// Word error rate, after the English normaliser
    Wer {
        /// What was said: a transcript of any kind that `import` reads, or sentences as JSON
        reference: PathBuf,
        /// What was written: the same, or `words.json`
        hypothesis: PathBuf,
    },
    /// Errors of the edges of sentences, in ms
    Times {
        /// Sentences as JSON: a list of `start`, `end` (seconds) and `text`
        reference: PathBuf,
        /// `words.json`
        hypothesis: PathBuf,
    },
    /// Diarization error rate, overlapping speech scored
    Der {
        /// Who spoke when
        reference: PathBuf,
        /// Who was found to speak when
        hypothesis: PathBuf,
        /// Left out on each side of every edge of the reference, in seconds
        #[arg(long, default_value_t = 0.0, value_name = "SECONDS")]
        collar: f64,
        /// Score only within these stretches
        #[arg(long, value_name = "FILE")]
        uem: Option<PathBuf>,
        /// The recording, where the reference holds several [default: the hypothesis's own]
        #[arg(long, value_name = "NAME")]
        file: Option<String>,
    },
}

pub(super) fn run(args: &ScoreArgs, common: &CommonArgs) -> anyhow::Result<ExitCode> {
    match &args.measure {
        Measure::Wer { reference, hypothesis } => words(reference, hypothesis, common)?,
        Measure::Times { reference, hypothesis } => times(reference, hypothesis, common)?,
        Measure::Der { reference, hypothesis, collar, uem, file } => {
            turns(
                reference,
                hypothesis,
                Ms::from_seconds(*collar),
                uem.as_deref(),
                file.as_deref(),
                common,
            )?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// A sentence of a truth file, or a word of `words.json`. Sounds have no text.
#[derive(Deserialize)]
struct Piece {
    start: f64,
    end: f64,
    #[serde(default)]
    text: String,
}

#[derive(Deserialize)]
struct WordsFile {
    words: Vec<Piece>,
}

fn read(path: &Path) -> anyhow::Result<String> {
    let bytes = fs::read(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The pieces of a list of sentences or of `words.json`; `None` where the file is neither.
fn pieces(text: &str) -> Option<Vec<Piece>> {
    serde_json::from_str(text)
        .ok()
        .or_else(|| serde_json::from_str::<WordsFile>(text).ok().map(|file| file.words))
}

fn text_of(path: &Path) -> anyhow::Result<String> {
    let text = read(path)?;
    if let Some(pieces) = pieces(&text) {
        return Ok(pieces.into_iter().map(|piece| piece.text).collect::<Vec<_>>().join(" "));
    }
    let name =
        path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let (imported, _) = import::import(text.as_bytes(), &name)
        .map_err(|fault| anyhow::anyhow!("`{}`: {fault}", path.display()))?;
    let spoken =
        imported.paragraphs.iter().map(crate::import::ImportedParagraph::text).collect::<Vec<_>>();
    Ok(spoken.join(" "))
}

fn words(reference: &Path, hypothesis: &Path, common: &CommonArgs) -> anyhow::Result<()> {
    let said = normalize::english(&text_of(reference)?);
    let written = normalize::english(&text_of(hypothesis)?);
    let errors = wer::word_errors(&said, &written);
    if common.json {
        report::json_line(&json!({"wer": errors.rate(), "errors": errors}));
    } else {
        report::result(&format!(
            "WER {:.2} % ({} of {} words: {} substituted, {} missing, {} inserted)",
            errors.rate() * 100.0,
            errors.errors(),
            errors.reference,
            errors.substitutions,
            errors.deletions,
            errors.insertions
        ));
    }
    Ok(())
}

fn times(reference: &Path, hypothesis: &Path, common: &CommonArgs) -> anyhow::Result<()> {
    let span = |piece: &Piece| {
        Span::at_least_1ms(Ms::from_seconds(piece.start), Ms::from_seconds(piece.end))
    };
    let timed = |path: &Path| -> anyhow::Result<Vec<Piece>> {
        pieces(&read(path)?)
            .with_context(|| format!("`{}` holds no timed sentences or words", path.display()))
    };
    let sentences: Vec<TimedText> = timed(reference)?
        .into_iter()
        .filter(|piece| !piece.text.trim().is_empty())
        .map(|piece| TimedText { span: span(&piece), text: piece.text })
        .collect();
    let words: Vec<Word> = timed(hypothesis)?
        .iter()
        .map(|piece| Word::new(span(piece), piece.text.clone(), 1.0))
        .collect();
    let errors = time_errors(&sentences, &words, normalize::english);
    if common.json {
        report::json_line(&errors);
        return Ok(());
    }
    let line = |name: &str, e: &EdgeErrors| {
        format!(
            "{name} median {} ms, 90th percentile {} ms, bias {} ms, over {} of {} sentences",
            e.median_ms,
            e.p90_ms,
            e.bias_ms,
            e.edges,
            sentences.len()
        )
    };
    report::result(&line("starts", &errors.starts));
    report::result(&line("ends  ", &errors.ends));
    Ok(())
}

fn turns(
    reference: &Path,
    hypothesis: &Path,
    collar: Ms,
    uem_file: Option<&Path>,
    file: Option<&str>,
    common: &CommonArgs,
) -> anyhow::Result<()> {
    let parse = |path: &Path| {
        rttm::parse(&read(path)?).map_err(|fault| anyhow::anyhow!("`{}`: {fault}", path.display()))
    };
    let (references, hypotheses) = (parse(reference)?, parse(hypothesis)?);
    let found: Vec<Turn> = match (hypotheses.len(), file) {
        (0, _) => Vec::new(),
        (1, _) => hypotheses.values().next().cloned().unwrap_or_default(),
        (_, Some(name)) => hypotheses.get(name).cloned().unwrap_or_default(),
        (count, None) => {
            bail!("`{}` holds {count} recordings; name one with `--file`", hypothesis.display())
        }
    };
    let truth = match file {
        Some(name) => references.get(name),
        None if references.len() == 1 => references.values().next(),
        None => bail!(
            "`{}` holds {} recordings; name one with `--file`",
            reference.display(),
            references.len()
        ),
    };
    let truth =
        truth.with_context(|| format!("`{}` does not hold that recording", reference.display()))?;
    let stretches = match uem_file {
        Some(path) => {
            let all = uem::parse(&read(path)?)
                .map_err(|fault| anyhow::anyhow!("`{}`: {fault}", path.display()))?;
            Some(all.into_values().flatten().collect::<Vec<_>>())
        }
        None => None,
    };
    let score = der::score(truth, &found, collar, stretches.as_deref());
    tell_turns(&score, common);
    Ok(())
}

fn tell_turns(score: &der::DiarizationScore, common: &CommonArgs) {
    let e = score.errors;
    if common.json {
        report::json_line(&json!({
            "der": e.rate(),
            "total_ms": e.total, "missed_ms": e.missed, "false_alarm_ms": e.false_alarm, "confusion_ms": e.confusion,
            "reference_speakers": score.reference_speakers, "hypothesis_speakers": score.hypothesis_speakers,
            "mapping": score.mapping,
        }));
        return;
    }
    let share = |part: Ms| part.as_seconds() / e.total.as_seconds().max(0.001) * 100.0;
    let rate = e.rate().map_or_else(
        || "undefined: the reference has no speech".into(),
        |r| format!("{:.2} %", r * 100.0),
    );
    report::result(&format!(
        "DER {rate} (missed {:.2}, false alarm {:.2}, confusion {:.2}); speakers {} of {}",
        share(e.missed),
        share(e.false_alarm),
        share(e.confusion),
        score.hypothesis_speakers,
        score.reference_speakers
    ));
}
