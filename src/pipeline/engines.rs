//! Where the stages get their networks from: installed weights, or doubles in tests.

use std::sync::Arc;

use crate::diarize::{EmbedError, NetworkEmbedder, SpeakerEmbedder};
use crate::models::{FetchOptions, FetchProgress, Located, ModelError, Store};
use crate::segmentation::{ListenToWindows, SegmentationError, Segmenter};
use crate::speech::ModelId;
use crate::transcribe::engine::{self, Engine};
use crate::transcribe::recognizer::Recognizer;

/// The networks of the detect, transcribe and diarize stages.
pub trait Engines {
    /// Which weights a network would use, as far as that is known without loading or fetching them:
    /// the name, and the sha256 where the file is in place.
    fn identify(&self, network: Network<'_>) -> ModelId;

    /// Whether there can be a recognizer of that name that knows the language: told before the long
    /// work that comes before it.
    fn check(&self, model: &str, language: Option<&str>) -> Result<(), EngineError> {
        let _ = (model, language);
        Ok(())
    }

    /// Makes sure that the weights are in place, before the long work.
    fn provide(&self, network: Network<'_>) -> Result<(), EngineError> {
        let _ = network;
        Ok(())
    }

    /// The network that says who of three local speakers speaks.
    fn segmenter(&mut self) -> Result<Arc<dyn ListenToWindows>, EngineError>;

    /// What computes the words, as far as it is known without loading weights.
    fn recognition(&self) -> Recognition;

    /// The recognizer of that name.
    fn recognizer(&mut self, model: &str) -> Result<Box<dyn Recognizer>, EngineError>;

    /// The network that tells voices apart.
    fn embedder(&mut self) -> Result<Box<dyn SpeakerEmbedder>, EngineError>;
}

/// One of the networks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Network<'a> {
    /// Who of three local speakers speaks.
    Segmentation,
    /// Whose voice it is.
    Embedding,
    /// What is said: the recognizer of that name.
    Recognition(&'a str),
}

/// What computes the words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recognition {
    /// This program, on the processor.
    Own,
    /// whisper.cpp.
    WhisperCpp,
    /// A double of a test.
    Scripted,
}

impl std::fmt::Display for Recognition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Recognition::Own => "linernotes",
            Recognition::WhisperCpp => "whisper.cpp",
            Recognition::Scripted => "scripted",
        })
    }
}

/// Why a network cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The weights.
    #[error("failed to get the model `{name}`")]
    Model {
        /// Which model.
        name: String,
        /// Why.
        #[source]
        cause: ModelError,
    },
    /// The recognizer does not know the language.
    #[error("the model `{model}` does not know the language `{language}`")]
    Language {
        /// The model's name.
        model: String,
        /// The language that was asked for.
        language: String,
    },
    /// The program's own engine refuses the weights.
    #[error("failed to load the recognizer")]
    Own(#[source] crate::transcribe::engine::LoadError),
    /// whisper.cpp refuses the weights.
    #[cfg(feature = "whisper-cpp")]
    #[error("failed to load the recognizer")]
    Recognizer(#[source] crate::transcribe::whisper_cpp::LoadError),
    /// This program was built without whisper.cpp.
    #[error("this linernotes was built without whisper.cpp")]
    NoRecognizer,
    /// The segmentation network refuses the weights.
    #[error("failed to load the segmentation network")]
    Segmentation(#[source] SegmentationError),
    /// The embedding network refuses the weights.
    #[error("failed to load the speaker network")]
    Embedding(#[source] EmbedError),
}

impl EngineError {
    /// What to do next.
    pub fn hint(&self) -> Option<String> {
        match self {
            EngineError::Model { cause, .. } => cause.hint(),
            EngineError::Language { .. } => Some(
                "write `language` as a code of two letters, as \"en\", or leave it out to have it \
                 listened for; models whose names end with `.en` know English alone"
                    .into(),
            ),
            EngineError::NoRecognizer => {
                Some("leave `--engine` out, or build it with `--features whisper-cpp`".into())
            }
            EngineError::Own(_) | EngineError::Segmentation(_) | EngineError::Embedding(_) => {
                Some("`linernotes models verify` says which file is damaged".into())
            }
            #[cfg(feature = "whisper-cpp")]
            EngineError::Recognizer(_) => {
                Some("`linernotes models verify` says which file is damaged".into())
            }
        }
    }
}

/// The installed weights; missing ones are fetched, unless that is forbidden.
pub struct Installed<'a> {
    /// Where the weights are.
    pub store: Store,
    /// How missing ones are fetched.
    pub options: FetchOptions,
    /// Who hears of the fetching.
    pub notices: &'a dyn FetchProgress,
    /// Processor threads to use.
    pub threads: usize,
    /// What computes the words.
    pub recognition: Recognition,
    /// The segmentation network once it is loaded.
    pub segmenter: Option<Arc<Segmenter>>,
}

const SEGMENTATION: &str = "segmentation-3.0";
const EMBEDDING: &str = "campplus";

impl Installed<'_> {
    fn get(&self, name: &str) -> Result<Located, EngineError> {
        self.store
            .fetch(name, &self.options, self.notices)
            .map_err(|cause| EngineError::Model { name: name.to_string(), cause })
    }

    #[cfg(feature = "whisper-cpp")]
    fn whisper_cpp(&self, model: &str) -> Result<Box<dyn Recognizer>, EngineError> {
        let located = self.get(model)?;
        crate::transcribe::whisper_cpp::WhisperRecognizer::load(
            &located.path,
            located.id,
            self.threads,
        )
        .map(|recognizer| Box::new(recognizer) as Box<dyn Recognizer>)
        .map_err(EngineError::Recognizer)
    }

    #[cfg(not(feature = "whisper-cpp"))]
    #[expect(clippy::unused_self, reason = "where it is built in, it needs the weights")]
    fn whisper_cpp(&self, _model: &str) -> Result<Box<dyn Recognizer>, EngineError> {
        Err(EngineError::NoRecognizer)
    }
}

impl<'n> Network<'n> {
    /// The name of its weights in the register.
    const fn name(self) -> &'n str {
        match self {
            Network::Segmentation => SEGMENTATION,
            Network::Embedding => EMBEDDING,
            Network::Recognition(name) => name,
        }
    }
}

impl Engines for Installed<'_> {
    fn identify(&self, network: Network<'_>) -> ModelId {
        let name = network.name();
        self.store.identify(name).map_or_else(
            |_| ModelId { name: name.to_string(), sha256: String::new() },
            |located| located.id,
        )
    }

    fn check(&self, model: &str, language: Option<&str>) -> Result<(), EngineError> {
        if !self.store.knows(model) {
            let name = model.to_owned();
            let cause = ModelError::Unknown { name: name.clone() };
            return Err(EngineError::Model { name, cause });
        }
        if let Some(language) = language.filter(|language| !engine::knows(model, language)) {
            let (model, language) = (model.to_owned(), language.to_owned());
            return Err(EngineError::Language { model, language });
        }
        Ok(())
    }

    fn provide(&self, network: Network<'_>) -> Result<(), EngineError> {
        self.get(network.name()).map(drop)
    }

    fn segmenter(&mut self) -> Result<Arc<dyn ListenToWindows>, EngineError> {
        if let Some(loaded) = &self.segmenter {
            return Ok(loaded.clone());
        }
        let path = self.get(SEGMENTATION)?.path;
        let loaded = Segmenter::load(&path, self.threads).map_err(EngineError::Segmentation)?;
        let loaded = Arc::new(loaded);
        self.segmenter = Some(loaded.clone());
        Ok(loaded)
    }

    fn recognition(&self) -> Recognition {
        self.recognition
    }

    fn recognizer(&mut self, model: &str) -> Result<Box<dyn Recognizer>, EngineError> {
        match self.recognition {
            Recognition::WhisperCpp => self.whisper_cpp(model),
            Recognition::Own | Recognition::Scripted => {
                let located = self.get(model)?;
                let own = Engine::load(&located.path, located.id, self.threads);
                Ok(Box::new(own.map_err(EngineError::Own)?))
            }
        }
    }

    fn embedder(&mut self) -> Result<Box<dyn SpeakerEmbedder>, EngineError> {
        let embedding = self.get(EMBEDDING)?;
        NetworkEmbedder::load(&embedding.path, embedding.id, self.threads)
            .map(|embedder| Box::new(embedder) as Box<dyn SpeakerEmbedder>)
            .map_err(EngineError::Embedding)
    }
}
