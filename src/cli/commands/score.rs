//! `linernotes score`: how far a result is from the truth.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::Subcommand;
use serde_json::json;

use crate::cli::args::CommonArgs;
use crate::cli::{hints, report};
use crate::formats::source::{MAX_BYTES, SourceText};
use crate::formats::{rttm, uem};
use crate::library::artifact::write_atomic;
use crate::library::input;
use crate::score::comparison::{self, Stretch};
use crate::score::format::{self, Signs};
use crate::score::said::{self, Said};
use crate::score::times::{EdgeErrors, TimedText, time_errors};
use crate::score::{cpwer, der, normalize, side_by_side, wer};
use crate::speech::{Turn, Word};
use crate::time::Ms;

mod chapters;
mod oracle;

/// Minutes and stretches that are listed on the terminal.
const WORST: usize = 5;

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
        /// What was said: a transcript of any kind that `import` reads, STM, CTM, or sentences as
        /// JSON
        reference: PathBuf,
        /// What was written: the same, or `words.json`
        hypothesis: PathBuf,
    },
    /// Punctuation and capitals, where the words are right
    Format {
        /// The text as it ought to be written: as for `wer`
        reference: PathBuf,
        /// What was written: the same, or `words.json`
        hypothesis: PathBuf,
    },
    /// Word errors by speaker and minute, and the worst stretches side by side
    All {
        /// What was said, by whom: as for `wer`
        reference: PathBuf,
        /// The episode's folder, or a file as for `wer`
        episode: PathBuf,
        /// Write the comparison as a page, too
        #[arg(long, value_name = "FILE")]
        html: Option<PathBuf>,
    },
    /// Errors of the edges of sentences, in ms
    Times {
        /// Sentences or words with times, in any form that `wer` reads
        reference: PathBuf,
        /// `words.json`, CTM, or the like
        hypothesis: PathBuf,
    },
    /// Word errors where each word also has to be the right person's, whatever the names
    Cpwer {
        /// What was said, by whom: as for `wer`
        reference: PathBuf,
        /// What was written, under which speakers: the same, or `words.json`
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
    /// How well drafted chapters begin where a person began them
    Chapters {
        /// A person's chapters: JSON, or lines as `00:12:40 What it is about`
        reference: PathBuf,
        /// The episode's folder; its chapters are drafted here, whatever it has
        episode: PathBuf,
    },
    /// Diarization error rate with a part of the truth told, to see which stage costs the errors
    Oracle {
        /// Who spoke when
        reference: PathBuf,
        /// The audio file; it is decoded and diarized here
        audio: PathBuf,
        /// Left out on each side of every edge of the reference, in seconds
        #[arg(long, default_value_t = 0.0, value_name = "SECONDS")]
        collar: f64,
        /// The recording, where the reference holds several
        #[arg(long, value_name = "NAME")]
        file: Option<String>,
    },
}

pub(super) fn run(args: &ScoreArgs, common: &CommonArgs) -> anyhow::Result<ExitCode> {
    match &args.measure {
        Measure::Cpwer { reference, hypothesis } => {
            words_of_people(reference, hypothesis, common)?;
        }
        Measure::Wer { reference, hypothesis } => words(reference, hypothesis, common)?,
        Measure::Format { reference, hypothesis } => writing(reference, hypothesis, common)?,
        Measure::All { reference, episode, html } => {
            all(reference, episode, html.as_deref(), common)?;
        }
        Measure::Times { reference, hypothesis } => times(reference, hypothesis, common)?,
        Measure::Der { reference, hypothesis, collar, uem, file } => {
            turns(
                reference,
                hypothesis,
                length(*collar)?,
                uem.as_deref(),
                file.as_deref(),
                common,
            )?;
        }
        Measure::Chapters { reference, episode } => chapters::run(reference, episode, common)?,
        Measure::Oracle { reference, audio, collar, file } => {
            let truth = true_turns(reference, file.as_deref())?;
            oracle::run(&truth, audio, length(*collar)?, common)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn length(collar: f64) -> anyhow::Result<Ms> {
    Ms::stated_seconds(collar).context("`--collar`")
}

fn bytes(path: &Path) -> anyhow::Result<Vec<u8>> {
    Ok(input::read(path, MAX_BYTES)?)
}

fn read(path: &Path) -> anyhow::Result<String> {
    let source = SourceText::decode(bytes(path)?).with_context(|| named(path))?;
    Ok(source.text)
}

/// Which file a fault is in.
fn named(path: &Path) -> String {
    format!("`{}`", path.display())
}

fn said(path: &Path) -> anyhow::Result<Vec<Said>> {
    let bytes = bytes(path)?;
    let name =
        path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    said::read(&bytes, &name).with_context(|| named(path))
}

fn several(path: &Path, count: usize) -> anyhow::Error {
    hints::refusal(
        format!("`{}` holds {}", path.display(), report::counted(count, "recording", "recordings")),
        "name one with `--file NAME`",
    )
}

fn text_of(path: &Path) -> anyhow::Result<String> {
    Ok(said(path)?.into_iter().map(|stretch| stretch.text).collect::<Vec<_>>().join(" "))
}

/// The words of each speaker, normalised, in order; what has no speaker is nobody's.
fn people(path: &Path) -> anyhow::Result<BTreeMap<String, Vec<String>>> {
    let mut texts: BTreeMap<String, String> = BTreeMap::new();
    for stretch in said(path)? {
        let text = texts.entry(stretch.speaker).or_default();
        text.push(' ');
        text.push_str(&stretch.text);
    }
    Ok(texts.into_iter().map(|(who, text)| (who, normalize::english(&text))).collect())
}

fn words_of_people(reference: &Path, hypothesis: &Path, common: &CommonArgs) -> anyhow::Result<()> {
    let (reference, hypothesis) = (people(reference)?, people(hypothesis)?);
    let errors = cpwer::speaker_word_errors(&reference, &hypothesis);
    if common.json {
        report::json_line(&json!({
            "cpwer": errors.rate(), "errors": errors,
            "reference_speakers": reference.len(), "hypothesis_speakers": hypothesis.len(),
        }));
        return Ok(());
    }
    report::result(&format!(
        "cpWER {:.2} % ({} of {} words: {} substituted, {} missing, {} inserted); speakers {} of {}",
        errors.rate() * 100.0,
        errors.errors(),
        errors.reference,
        errors.substitutions,
        errors.deletions,
        errors.insertions,
        hypothesis.len(),
        reference.len()
    ));
    Ok(())
}

fn words(reference: &Path, hypothesis: &Path, common: &CommonArgs) -> anyhow::Result<()> {
    let said = normalize::english(&text_of(reference)?);
    let written = normalize::english(&text_of(hypothesis)?);
    let errors = wer::word_errors(&said, &written);
    if common.json {
        report::json_line(&json!({"wer": errors.rate(), "errors": errors}));
    } else {
        report::result(&side_by_side::sentence(errors));
    }
    Ok(())
}

fn writing(reference: &Path, hypothesis: &Path, common: &CommonArgs) -> anyhow::Result<()> {
    let found = format::compare(&text_of(reference)?, &text_of(hypothesis)?);
    if common.json {
        report::json_line(&json!({
            "sentence_end_f1": found.sentence_ends.f1(),
            "comma_f1": found.commas.f1(),
            "case_error_rate": found.case_error_rate(),
            "counts": found,
        }));
        return Ok(());
    }
    let line = |name: &str, signs: &Signs| {
        let [precision, recall, f1] =
            [signs.precision(), signs.recall(), signs.f1()].map(|share| share * 100.0);
        format!("{name} precision {precision:.1} %, recall {recall:.1} %, F1 {f1:.1} %")
    };
    report::result(&line("sentence ends", &found.sentence_ends));
    report::result(&line("commas       ", &found.commas));
    report::result(&format!(
        "first letters of another case {:.2} % ({} of {}); stops before a lower-case word {}; {}",
        found.case_error_rate() * 100.0,
        found.case_errors,
        found.cased,
        found.stops_before_lower_case,
        report::counted(found.pairs, "word agrees", "words agree")
    ));
    Ok(())
}

fn all(
    reference: &Path,
    episode: &Path,
    html: Option<&Path>,
    common: &CommonArgs,
) -> anyhow::Result<()> {
    let written = if episode.is_dir() { episode.join("out/words.json") } else { episode.into() };
    let found = comparison::compare(&said(reference)?, &said(&written)?, normalize::english);
    if let Some(path) = html {
        let page = side_by_side::page(&reference.display().to_string(), &found);
        write_atomic(path, page.as_bytes())?;
    }
    if common.json {
        report::json_line(&found);
        return Ok(());
    }
    report::result(&side_by_side::sentence(found.total));
    let line = |name: &str, errors: wer::WordErrors| {
        format!(
            "  {name}: {:.2} % ({} of {})",
            errors.rate() * 100.0,
            errors.errors(),
            errors.reference
        )
    };
    for (name, errors) in &found.by_speaker {
        let name = if name.is_empty() { "speaker not told" } else { name };
        report::result(&line(name, *errors));
    }
    let mut minutes: Vec<_> =
        found.by_minute.iter().filter(|(_, errors)| errors.errors() > 0).collect();
    minutes.sort_by_key(|(_, errors)| std::cmp::Reverse(errors.errors()));
    for (minute, errors) in minutes.into_iter().take(WORST) {
        report::result(&line(&format!("minute {}", Ms::new(minute * 60_000).clock()), *errors));
    }
    for stretch in found.worst.iter().take(WORST) {
        tell_stretch(stretch);
    }
    Ok(())
}

fn tell_stretch(stretch: &Stretch) {
    let marked =
        |word: &str, wrong: bool| if wrong { format!("[{word}]") } else { word.to_owned() };
    let time = stretch.start.map_or_else(String::new, Ms::clock);
    report::result(&format!("{time} {}", stretch.speaker));
    report::result(&format!("  said    {}", stretch.said(marked)));
    report::result(&format!("  written {}", stretch.written(marked)));
}

fn times(reference: &Path, hypothesis: &Path, common: &CommonArgs) -> anyhow::Result<()> {
    let timed = |path: &Path| -> anyhow::Result<Vec<TimedText>> {
        said(path)?
            .into_iter()
            .map(|stretch| Some(TimedText { span: stretch.span?, text: stretch.text }))
            .collect::<Option<_>>()
            .ok_or_else(|| {
                hints::refusal(
                    format!("`{}` has text without times", path.display()),
                    "give a transcript with times, as WebVTT, SRT, CTM or `words.json`",
                )
            })
    };
    let sentences = timed(reference)?;
    let words: Vec<Word> =
        timed(hypothesis)?.into_iter().map(|word| Word::new(word.span, word.text, 1.0)).collect();
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
    let truth = true_turns(reference, file)?;
    let hypotheses = all_turns(hypothesis)?;
    let found: Vec<Turn> = match (hypotheses.len(), file) {
        (0, _) => Vec::new(),
        (1, _) => hypotheses.values().next().cloned().unwrap_or_default(),
        (_, Some(name)) => hypotheses.get(name).cloned().unwrap_or_default(),
        (count, None) => {
            return Err(several(hypothesis, count));
        }
    };
    let stretches = match uem_file {
        Some(path) => {
            let all = uem::parse(&read(path)?).with_context(|| named(path))?;
            Some(all.into_values().flatten().collect::<Vec<_>>())
        }
        None => None,
    };
    let score = der::score(&truth, &found, collar, stretches.as_deref());
    tell_turns(&score, common);
    Ok(())
}

fn all_turns(path: &Path) -> anyhow::Result<BTreeMap<String, Vec<Turn>>> {
    rttm::parse(&read(path)?).with_context(|| named(path))
}

/// The turns of the one recording in `reference`, or of the one of that name.
fn true_turns(reference: &Path, file: Option<&str>) -> anyhow::Result<Vec<Turn>> {
    let all = all_turns(reference)?;
    let truth = match file {
        Some(name) => all.get(name),
        None if all.len() == 1 => all.values().next(),
        None => return Err(several(reference, all.len())),
    };
    let lacks = || {
        let names: Vec<&str> = all.keys().map(String::as_str).collect();
        hints::refusal(
            format!("`{}` does not hold that recording", reference.display()),
            format!("it holds {}", names.join(", ")),
        )
    };
    truth.cloned().ok_or_else(lacks)
}

fn tell_turns(score: &der::DiarizationScore, common: &CommonArgs) {
    if common.json {
        report::json_line(&turns_json(score));
    } else {
        report::result(&turns_line(score));
    }
}

fn turns_json(score: &der::DiarizationScore) -> serde_json::Value {
    let e = score.errors;
    json!({
        "der": e.rate(),
        "total_ms": e.total, "missed_ms": e.missed, "false_alarm_ms": e.false_alarm, "confusion_ms": e.confusion,
        "reference_speakers": score.reference_speakers, "hypothesis_speakers": score.hypothesis_speakers,
        "mapping": score.mapping,
    })
}

fn turns_line(score: &der::DiarizationScore) -> String {
    let e = score.errors;
    let share = |part: Ms| part.as_seconds() / e.total.as_seconds().max(0.001) * 100.0;
    let rate = e.rate().map_or_else(
        || "undefined: the reference has no speech".into(),
        |r| format!("{:.2} %", r * 100.0),
    );
    format!(
        "DER {rate} (missed {:.2}, false alarm {:.2}, confusion {:.2}); speakers {} of {}",
        share(e.missed),
        share(e.false_alarm),
        share(e.confusion),
        score.hypothesis_speakers,
        score.reference_speakers
    )
}
