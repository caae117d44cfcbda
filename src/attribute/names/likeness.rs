//! How alike two names are to the ear, for names that the recognizer spelled as it heard them.

/// Spellings of one spoken name that no rule would find.
const VARIANTS: [&[&str]; 28] = [
    &["sean", "shaun", "shawn"],
    &["jeff", "geoff"],
    &["jeffrey", "geoffrey", "jeffery"],
    &["steven", "stephen"],
    &["steve", "steph"],
    &["catherine", "katherine", "kathryn", "katharine", "cathryn"],
    &["kathy", "cathy"],
    &["jon", "john"],
    &["neil", "neal"],
    &["stuart", "stewart"],
    &["ian", "iain"],
    &["graham", "graeme", "grahame"],
    &["hugh", "hew"],
    &["kaitlyn", "caitlin", "katelyn", "kaitlin", "caitlyn"],
    &["megan", "meghan", "meagan"],
    &["leah", "lea", "lia"],
    &["naomi", "noemi"],
    &["siobhan", "shivon", "chevonne"],
    &["niamh", "neve", "neeve"],
    &["aoife", "eefa"],
    &["joaquin", "wakeen"],
    &["xavier", "zavier", "javier"],
    &["phoebe", "feebee"],
    &["chloe", "khloe", "cloe"],
    &["zoe", "zoey", "zooey"],
    &["rory", "ruairi"],
    &["yvonne", "evonne"],
    &["guy", "gui"],
];

/// The least likeness by letters alone that is worth anything.
const MIN_LETTERS: f32 = 0.7;

/// How alike the names are, 0 to 1: 1 the same letters, 0.95 known spellings of one name, 0.9 the
/// same consonants to the ear, less by differing letters, 0 where they are not alike.
pub(super) fn likeness(heard: &str, known: &str) -> f32 {
    let (heard, known) = (folded(heard), folded(known));
    if heard.is_empty() || known.is_empty() {
        return 0.0;
    }
    if heard == known {
        return 1.0;
    }
    if VARIANTS.iter().any(|group| group.contains(&&*heard) && group.contains(&&*known)) {
        return 0.95;
    }
    let undoubled = |name: &str| {
        let mut letters: Vec<char> = name.chars().collect();
        letters.dedup();
        letters
    };
    if undoubled(&heard) == undoubled(&known) {
        return 0.95;
    }
    let letters = letter_likeness(&heard, &known);
    let key = sound_key(&heard);
    // With few consonants the vowels tell the names apart.
    let least = if key.len() >= 3 { 0.5 } else { 0.7 };
    if key == sound_key(&known) && key.len() >= 2 && letters >= least {
        return 0.9;
    }
    // In a short name one letter makes another name.
    let long_enough = heard.chars().count().min(known.chars().count()) >= 5;
    if long_enough && letters >= MIN_LETTERS { letters * 0.9 } else { 0.0 }
}

/// Letters only, lower case.
pub(super) fn folded(name: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    name.nfd().filter(|c| c.is_alphabetic()).flat_map(char::to_lowercase).collect()
}

/// One minus the share of letters to change.
#[expect(clippy::cast_precision_loss, reason = "names are short")]
fn letter_likeness(a: &str, b: &str) -> f32 {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    1.0 - row[b.len()] as f32 / a.len().max(b.len()) as f32
}

/// The consonants as they sound in English, the first vowel as `A`; doubled ones once.
fn sound_key(name: &str) -> String {
    let mut text = name.to_owned();
    for (from, to) in [
        ("sch", "x"),
        ("sh", "x"),
        ("ch", "x"),
        ("ph", "f"),
        ("gh", ""),
        ("ck", "k"),
        ("wh", "w"),
        ("th", "t"),
        ("kn", "n"),
        ("wr", "r"),
        ("dg", "j"),
        ("ge", "je"),
        ("gi", "ji"),
        ("ce", "se"),
        ("ci", "si"),
        ("qu", "kw"),
    ] {
        text = text.replace(from, to);
    }
    let mut key = String::new();
    for (n, c) in text.chars().enumerate() {
        let sound = match c {
            'a' | 'e' | 'i' | 'o' | 'u' | 'y' if n == 0 => 'a',
            'a' | 'e' | 'i' | 'o' | 'u' | 'y' | 'h' => continue,
            'w' if n > 0 => continue,
            'c' | 'q' => 'k',
            'z' => 's',
            'v' => 'f',
            other => other,
        };
        if !key.ends_with(sound) {
            key.push(sound);
        }
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(heard: &str, known: &str, least: f32, most: f32) {
        let got = likeness(heard, known);
        assert!((least..=most).contains(&got), "{heard} for {known}: {got}");
    }

    #[test]
    fn the_same_name_spelled_by_ear_is_alike() {
        check("Shaun", "Shaun", 1.0, 1.0);
        check("Sean", "Shaun", 0.9, 0.99);
        check("Waylon", "Wailin", 0.85, 0.95);
        check("Jeremey", "Jeremy", 0.85, 0.95);
        check("Renée", "Renee", 1.0, 1.0);
        check("Whalen", "Wailin", 0.85, 0.95);
        check("Sara", "Sarah", 0.85, 0.95);
        check("Ana", "Anna", 0.9, 0.95);
        check("Filip", "Philipp", 0.85, 0.95);
    }

    #[test]
    fn another_name_is_not() {
        check("Tom", "Tim", 0.0, 0.0);
        check("Troy", "Tracy", 0.0, 0.0);
        check("Maria", "Marvin", 0.0, 0.0);
        check("Ann", "Ian", 0.0, 0.0);
        check("Mary", "Mira", 0.0, 0.0);
        check("", "Ann", 0.0, 0.0);
    }
}
