//! Which name stands for which label.

use std::collections::{BTreeMap, BTreeSet};

use crate::attribute::{Attribution, Conversation};
use crate::speech::{SpeakerLabel, SpeakerName};

/// The name of each label: a person's own choice first, then a name that was heard, then
/// `Speaker 1`, `Speaker 2` in the order in which the voices first speak.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Naming {
    names: BTreeMap<SpeakerLabel, SpeakerName>,
}

impl Naming {
    /// Joins the three sources. `chosen` is the person's table, `heard` what the conversation itself
    /// tells.
    pub fn new(
        conversation: &Conversation,
        turns: &[crate::speech::Turn],
        chosen: &BTreeMap<String, String>,
        heard: &BTreeMap<SpeakerLabel, String>,
    ) -> Naming {
        let taken: BTreeSet<&str> = chosen.values().map(String::as_str).collect();
        let mut names = BTreeMap::new();
        for (index, label) in labels_in_order(conversation, turns).into_iter().enumerate() {
            let name = chosen
                .get(&label.0)
                .or_else(|| heard.get(&label).filter(|name| !taken.contains(name.as_str())))
                .cloned()
                .unwrap_or_else(|| format!("Speaker {}", index + 1));
            names.insert(label, SpeakerName(name));
        }
        Naming { names }
    }

    /// The label's name; a label that never spoke keeps its own.
    pub fn name(&self, label: &SpeakerLabel) -> SpeakerName {
        self.names.get(label).cloned().unwrap_or_else(|| SpeakerName(label.0.clone()))
    }

    /// Whether the label occurs in the conversation.
    pub fn knows(&self, label: &str) -> bool {
        self.names.contains_key(&SpeakerLabel(label.to_string()))
    }
}

fn labels_in_order(
    conversation: &Conversation,
    turns: &[crate::speech::Turn],
) -> Vec<SpeakerLabel> {
    let mut seen = BTreeSet::new();
    let said = conversation.utterances.iter().filter_map(|utterance| match &utterance.speaker {
        Attribution::Speaker(label) => Some(label),
        Attribution::Unknown(_) => None,
    });
    said.chain(turns.iter().map(|turn| &turn.label))
        .filter(|label| seen.insert((*label).clone()))
        .cloned()
        .collect()
}
