//! What people wrote about an episode, as one value: its show, the episode itself, and who is known
//! beside those who are listed.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::library::episode::{Episode, Person};
use crate::library::show::{Music, Show};

/// What people wrote about an episode.
#[derive(Debug, Clone, Copy)]
pub struct Stated<'a> {
    /// The show.
    pub show: &'a Show,
    /// The episode.
    pub episode: &'a Episode,
    /// Those whose voices the show remembers and who speak in this episode.
    pub known: &'a [Person],
    /// The name of the episode's folder.
    pub folder: &'a str,
}

/// Somebody in the show or the episode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The person; `role` is filled in.
    pub person: Person,
    /// The role of those who have none: `host` in a show, `guest` in an episode.
    pub usual_role: &'static str,
}

impl<'a> Stated<'a> {
    /// What is stated of an episode without a folder, where nobody is known by voice.
    pub fn new(show: &'a Show, episode: &'a Episode) -> Stated<'a> {
        Stated { show, episode, known: &[], folder: "" }
    }

    /// Everybody with a name, the show's people first; nobody twice. What the episode says of one
    /// of the show's people counts more than what the show says.
    pub fn people(&self) -> Vec<Listed> {
        let mut people: Vec<Listed> = Vec::new();
        let guests = self.episode.people.iter().chain(self.known).map(|person| (person, "guest"));
        for (person, usual_role) in
            self.show.people.iter().map(|person| (person, "host")).chain(guests)
        {
            if person.name.trim().is_empty() {
                continue;
            }
            match people.iter_mut().find(|known| known.person.name == person.name) {
                Some(known) => known.person.take_over(person),
                None => people.push(Listed { person: person.clone(), usual_role }),
            }
        }
        for listed in &mut people {
            if listed.person.role.trim().is_empty() {
                listed.usual_role.clone_into(&mut listed.person.role);
            }
        }
        people
    }

    /// The names, short and full, of those who lead the conversation.
    pub fn hosts(&self) -> BTreeSet<String> {
        let people = self.people().into_iter().map(|listed| listed.person);
        let hosts = people.filter(|person| person.role.to_lowercase().contains("host"));
        hosts.flat_map(|person| [person.short_name().to_owned(), person.name]).collect()
    }

    /// The title, or the name of what the episode is made of.
    pub fn title(&self) -> Cow<'a, str> {
        self.episode.title_or_name(self.folder)
    }

    /// The theme and the episode's music; nothing twice, nothing without a name.
    pub fn music(&self) -> Vec<&'a Music> {
        let mut music: Vec<&Music> = Vec::new();
        for piece in self.show.theme.iter().chain(&self.episode.music) {
            let is_named = !piece.title.trim().is_empty() || !piece.artist.trim().is_empty();
            if is_named && !music.contains(&piece) {
                music.push(piece);
            }
        }
        music
    }
}

impl Person {
    /// Takes over what another entry for the same person says, where it says something.
    fn take_over(&mut self, other: &Person) {
        for (own, theirs) in [
            (&mut self.short, &other.short),
            (&mut self.role, &other.role),
            (&mut self.title, &other.title),
            (&mut self.url, &other.url),
            (&mut self.image, &other.image),
        ] {
            if !theirs.trim().is_empty() {
                own.clone_from(theirs);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(name: &str, role: &str) -> Person {
        Person { name: name.into(), role: role.into(), ..Person::default() }
    }

    #[test]
    fn everybody_is_listed_once_and_a_host_stays_one() {
        let show = Show {
            people: vec![person("Ann Lee", ""), person("Cy Orr", "producer")],
            ..Show::default()
        };
        let mut ann = person("Ann Lee", "");
        ann.title = "in Oslo today".into();
        let episode = Episode {
            people: vec![ann, person("Bo", ""), person(" ", ""), person("Cy Orr", "cohost")],
            ..Episode::default()
        };
        let known = [person("Di Fox", ""), person("Bo", "")];
        let stated = Stated { known: &known, ..Stated::new(&show, &episode) };
        let told: Vec<String> = stated
            .people()
            .into_iter()
            .map(|Listed { person, .. }| {
                format!("{}, {} {}", person.name, person.role, person.title)
            })
            .collect();
        assert_eq!(
            told,
            ["Ann Lee, host in Oslo today", "Cy Orr, cohost ", "Bo, guest ", "Di Fox, guest "]
        );
        let hosts = stated.hosts();
        assert_eq!(["Ann", "Cy", "Bo"].map(|name| hosts.contains(name)), [true, true, false]);
    }
}
