use proptest::prelude::*;

use super::*;

fn words(text: &str, probability: f32) -> Vec<Word> {
    text.split_whitespace()
        .zip(0i64..)
        .map(|(word, n)| {
            let span = Span::at_least_1ms(Ms::new(n * 300), Ms::new(n * 300 + 280));
            Word::new(span, word, probability)
        })
        .collect()
}

fn text(words: &[Word]) -> String {
    words.iter().map(|w| w.text.as_str()).collect::<Vec<_>>().join(" ")
}

fn term(term: &str, heard_as: &[&str]) -> Term {
    Term {
        term: term.to_owned(),
        heard_as: heard_as.iter().map(|v| (*v).to_owned()).collect(),
        url: String::new(),
    }
}

fn corrected(terms: &[Term], said: &str, probability: f32) -> String {
    let mut said = words(said, probability);
    Glossary::new(terms, []).apply(&mut said);
    text(&said)
}

#[test]
fn spacing_case_and_variants_are_put_right() {
    let terms = [term("Lantern Bay", &[]), term("Harborlight", &["harper light"])];
    assert_eq!(
        corrected(&terms, "At lanternbay, Harbor Light's and \"harper light\" meet.", 0.95),
        "At Lantern Bay, Harborlight's and \"Harborlight\" meet."
    );
}

#[test]
fn thousands_of_entries_are_text_and_not_patterns() {
    let terms: Vec<Term> = (0..5_000)
        .map(|n| term(&format!("Zylo{n} Kwarna"), &["(a+)+$ [a-z]*"]))
        .chain([term("Mirren Ostby", &[])])
        .collect();
    let glossary = Glossary::new(&terms, []);
    let said = format!("{} with Miran Ostby", "aaaa ".repeat(2_000));
    let mut said = words(&said, 0.3);
    glossary.apply(&mut said);
    assert_eq!(said[2_001].text, "Mirren");
    assert_eq!(said[0].text, "aaaa");
    let prompt = glossary.prompt(&["Miran", "Aspie"], 100);
    assert!(prompt.starts_with("Mirren Ostby") && prompt.len() <= 100, "{prompt}");
}

#[test]
fn what_was_changed_is_not_changed_again() {
    assert_eq!(corrected(&[term("BD", &[]), term("D c", &[])], "b dc", 0.0), "b D c");
    let terms = [term("BD", &[]), term("D c", &[])];
    let mut said = words("b dc", 0.0);
    let glossary = Glossary::new(&terms, []);
    assert_eq!((glossary.apply(&mut said), glossary.apply(&mut said)), (1, 0));
}

#[test]
fn what_was_heard_is_kept() {
    let mut said = words("our base camp.", 0.9);
    let changes = Glossary::new(&[term("Basecamp", &[])], []).apply(&mut said);
    assert_eq!((changes, text(&said).as_str()), (1, "our Basecamp."));
    assert_eq!(said[1].heard.as_deref(), Some("base camp."));
    assert_eq!(said[1].span, Span::new(Ms::new(300), Ms::new(880)).unwrap());
}

#[test]
fn sound_alikes_only_in_doubt() {
    let terms = [term("Tomlin", &[])];
    assert_eq!(corrected(&terms, "Ask Tomlyn now", 0.95), "Ask Tomlyn now");
    assert_eq!(corrected(&terms, "Ask Tomlyn now", 0.5), "Ask Tomlin now");
    assert_eq!(corrected(&terms, "Ask Timmons now", 0.5), "Ask Timmons now");
}

#[test]
fn a_name_is_held_by_its_right_half() {
    let people = [Person { name: "Kathryn Meyer".to_owned(), ..Person::default() }];
    let mut said = words("I am Catherine Meyer, hello", 0.99);
    Glossary::new([], &people).apply(&mut said);
    assert_eq!(text(&said), "I am Kathryn Meyer, hello");
}

#[test]
fn a_shouted_name_is_not_every_word() {
    let terms = [term("HEY", &[])];
    assert_eq!(
        corrected(&terms, "Hey, it is in Hey today, hey", 0.9),
        "Hey, it is in HEY today, hey"
    );
    let quoted = "They say, \"Hey, look\" and \u{201c}Hey you\u{201d} in Hey";
    assert_eq!(corrected(&terms, quoted, 0.9), quoted.replace("in Hey", "in HEY"));
}

#[test]
fn abbreviations_and_literal_text() {
    let terms = [term("Signal v. Noise", &["signal versus noise"]), term("(xy+)+$", &[])];
    assert_eq!(
        corrected(&terms, "Read Signal Versus Noise. Then a b.", 0.9),
        "Read Signal v. Noise. Then a b."
    );
}

proptest! {
    #[test]
    fn twice_is_once(said in "([a-d]{1,3}[.,]? ){0,12}", terms in proptest::collection::vec("[A-D]{1,3}( [a-d]{1,3})?", 0..8), p in 0f32..1.0) {
        let terms: Vec<Term> = terms.iter().map(|t| term(t, &[])).collect();
        let glossary = Glossary::new(&terms, []);
        let mut once = words(&said, p);
        glossary.apply(&mut once);
        let mut twice = once.clone();
        prop_assert_eq!(glossary.apply(&mut twice), 0);
        prop_assert_eq!(once, twice);
    }
}

#[test]
fn a_mark_heard_in_an_abbreviation_or_before_a_handle_is_the_terms_own() {
    let terms = [term("Signal v. Noise", &[]), term("@annbee", &["@AnnB"]), term("Ann Bee", &[])];
    for (heard, written) in [
        ("that signal V, noise post", "that Signal v. Noise post"),
        ("at @@AnnB and @AnnB.", "at @annbee and @annbee."),
        ("(@AnnB)", "(@annbee)"),
        ("said Ann, bee keeper", "said Ann, bee keeper"),
    ] {
        assert_eq!(corrected(&terms, heard, 0.9), written);
    }
}
