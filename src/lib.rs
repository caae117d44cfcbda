//! linernotes turns a podcast episode's audio into everything that is published beside it.
//!
//! ```text
//!  file ─decode─► Recording ─detect─► SpeechRegions ─transcribe─► Transcript ─┐
//!                     │                      └───────diarize────► Diarization ─┴attribute─► Conversation
//!                                                    Edits (person) ───────────────edit────► Edition
//!                                                    Show + Templates ─────────────render──► [Artifact] ─publish─► out/
//! ```
//!
//! The tree is the pipeline: the eight stages below stand in the order in which they run. A stage
//! takes the records of the stages above it and returns its own; nothing points upstream.

#![cfg_attr(
    test,
    allow(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_possible_wrap,
        clippy::cast_sign_loss,
        clippy::float_cmp,
        reason = "tests make signals and compare exact numbers"
    )
)]

// The stages, in order. The blank lines keep it: rustfmt sorts neighbours by name.

pub mod decode; // an audio file -> Recording: mono 16 kHz samples and what the file says of itself

pub mod detect; // Recording -> SpeechRegions: where anybody speaks

pub mod transcribe; // Recording + SpeechRegions -> Transcript: timed words, no speakers

pub mod diarize; // Recording + SpeechRegions -> Diarization: turns with anonymous labels

pub mod attribute; // Transcript + Diarization -> Conversation: each word has a speaker or says why not

pub mod edit; // Conversation + Edits -> Edition: what a person signed off

pub mod render; // Edition + Show -> Artifacts in memory: page, notes, captions

pub mod publish; // Artifacts -> out/

// What the stages share.
pub mod addresses; // addresses in running words, written or spoken, and where one is missing
pub mod catalogue; // a show's back catalogue from its feed: what it lists -> episodes
pub mod characters; // characters that act instead of being seen: shown on the terminal, gone from what is published
pub mod desk; // the page on which an episode is corrected: commands in, corrections and what is new out
pub mod disk; // the file operations that change the disk
pub mod draft; // what nobody wrote, proposed from what is said: summary, chapters, credits, quotes
pub mod formats; // text <-> nouns: WebVTT, SRT, RTTM, podcast JSON, Rework text and the rest
pub mod import; // transcripts that others made -> Imported -> Edition
pub mod library; // the show's and the episodes' folders: what people write, what the machine keeps
pub mod lint; // files checked by their formats’ rules
pub mod models; // the register of weights: where they come from, how they are checked and converted
mod network; // layers of small networks: weights out of ONNX files, products, threads
pub mod pipeline; // runs the stages that are not fresh and keeps their records
pub mod progress; // how long work tells how far it is, in audio time
pub mod queue; // many episodes at once, within the threads and the memory that there are
pub mod quoting; // quotations of what was said: found in a post, judged, and given as citations
pub mod retime; // another cut of a recording: what of the old one is where in the new one
pub mod score; // word error rate, diarization error rate, time errors
pub mod search; // words -> where they were said, over all episodes of a show
pub mod segmentation; // who of three local speakers speaks in each frame: windows that detect and diarize share
pub mod serve; // a web server for this machine alone: what is published, and the desk
pub mod site; // a show's episodes -> its site: list, people, search, feed
pub mod speech; // the nouns: words, segments, turns, labels, names
pub mod spoken; // what was said in a show: every word with its time and speaker, in an index of its own
pub mod stage; // the names of the eight stages and their order
pub mod time; // whole milliseconds on the source timeline, and the only way to samples and back

pub mod cli; // the command line: the only code that knows clap, indicatif, colour and exit codes
