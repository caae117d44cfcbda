//! When the words are said that a person wrote: what is changed, and only that, is listened for in the
//! episode's sound.
//!
//! What was found is kept, so that a correction costs its own passage once. A finding is kept under all
//! that it depends on: the sound, the weights, the language and the words of its passage.

use crate::decode::cache;
use crate::edit::edits::Edits;
use crate::edit::{Passage, Times};
use crate::library::LibraryError;
use crate::library::chunks::ChunkLog;
use crate::library::fingerprint::Fingerprint;
use crate::pipeline::engines::Network;
use crate::pipeline::material::Material;
use crate::pipeline::records::{AUDIO_FILE, TIMES_FILE, TRANSCRIPT};
use crate::pipeline::{Pipeline, PipelineError};
use crate::speech::ModelId;
use crate::stage::Stage;
use crate::time::Span;
use crate::transcribe::{self, TranscribeError, Transcript};

/// Raised whenever the same passage gives other times.
const METHOD: u32 = 1;

impl Pipeline<'_> {
    /// Whether the corrections may have words that are to be listened for.
    pub(super) fn listens_again(&self) -> bool {
        self.has_audio() && !self.edits.replace.is_empty()
    }

    /// When the words are said that corrections put in the place of others, and why some were not
    /// listened for.
    pub(super) fn times(
        &mut self,
        material: &Material,
        edits: &Edits,
    ) -> Result<(Times, Option<String>), PipelineError> {
        let mut times = Times::default();
        let passages = if edits.replace.is_empty() { Vec::new() } else { material.unheard(edits) };
        if passages.is_empty() {
            return Ok((times, None));
        }
        if !self.has_audio() {
            return Ok((times, Some(shared(passages.len(), "there is no sound"))));
        }
        let transcript: Transcript = self.load(TRANSCRIPT)?;
        let model = self.engines.identify(Network::Recognition(&self.settings.model));
        let is_there = !model.sha256.is_empty();
        // what was found with weights that are gone since stays found
        let model = if is_there { model } else { transcript.recognizer };
        let mut log = ChunkLog::open(&self.make_way(TIMES_FILE)?)?;
        let mut missing = Vec::new();
        for passage in passages {
            let key = self.key(&passage, &model, &transcript.language);
            match log.get(&key).and_then(|kept| serde_json::from_value(kept.clone()).ok()) {
                Some(found) => times.add(passage, found),
                None => missing.push((key, passage)),
            }
        }
        let why = if missing.is_empty() {
            None
        } else if is_there {
            self.listen(missing, &transcript.language, &mut log, &mut times)?
        } else {
            let why = format!("the weights of `{}` are not in place", self.settings.model);
            Some(shared(missing.len(), &why))
        };
        // corrections that are only tried make nothing forgotten
        if *edits == self.edits {
            log.keep_used()?;
        }
        Ok((times, why))
    }

    /// Listens to passages, and keeps what is found of each at once.
    fn listen(
        &mut self,
        passages: Vec<(String, Passage)>,
        language: &str,
        log: &mut ChunkLog,
        times: &mut Times,
    ) -> Result<Option<String>, PipelineError> {
        let sound = self.folder.work_file(AUDIO_FILE);
        let mut recognizer = self.engines.recognizer(&self.settings.model)?;
        let count = passages.len();
        for (key, passage) in passages {
            if self.progress.cancelled() {
                return Err(PipelineError::Interrupted(Stage::Edit));
            }
            let samples =
                cache::read_part(&sound, passage.span).map_err(LibraryError::io("read", &sound))?;
            // words may stand behind the end of the sound
            if samples.is_empty() {
                continue;
            }
            let words: Vec<&str> = passage.words.iter().map(String::as_str).collect();
            let found = transcribe::said::times(recognizer.as_mut(), samples, language, &words)
                .map_err(|fault| PipelineError::Transcribe(TranscribeError::Recognizer(fault)))?;
            let Some(found) = found else {
                let why = format!("{} cannot find words in the sound", self.engines.recognition());
                return Ok(Some(shared(count, &why)));
            };
            let start = passage.span.start();
            let found: Vec<Span> = found.into_iter().map(|span| span.shift(start)).collect();
            let value = serde_json::to_value(&found).map_err(|fault| LibraryError::Record {
                path: self.folder.work_file(TIMES_FILE),
                message: fault.to_string(),
            })?;
            log.put(&key, value)?;
            times.add(passage, found);
        }
        Ok(None)
    }

    fn key(&self, passage: &Passage, model: &ModelId, language: &str) -> String {
        let decoded = self.manifest.stages.get(&Stage::Decode);
        let sound = decoded.map(|entry| entry.result.to_string()).unwrap_or_default();
        let engine = self.engines.recognition().to_string();
        let (span, words) = (passage.span, passage.words.join("\n"));
        let all = format!(
            "{METHOD}\n{sound}\n{engine}\n{}\n{language}\n{}\n{}\n{words}",
            model.sha256,
            span.start().get(),
            span.end().get()
        );
        Fingerprint::of_bytes(all.as_bytes()).to_string()
    }
}

/// What is said where the times of changed words are not from the sound.
fn shared(count: usize, why: &str) -> String {
    let places = if count == 1 { "1 place".to_owned() } else { format!("{count} places") };
    format!("in {places} the times of changed words are shared out by their letters: {why}")
}
