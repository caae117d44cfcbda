//! Posts in many styles, and what each quotation in them is worth.

use super::{Show, lines};

/// Forty quotations of every kind about the sample episode.
const FORTY: &str = include_str!("../../fixtures/posts/forty.md");

/// What they are worth, in order.
const JUDGED: [(&str, &str); 40] = [
    ("exact", "The gulls know me."),
    ("exact", "the gulls know me"),
    ("exact", "I am the one who never brings anything to eat."),
    ("exact", "You throw the bucket out past the weed, you count to sixty,"),
    ("exact", "you read the thermometer while it is still in the water."),
    ("cleaned", "I wind the clock every Friday and I have never been late"),
    ("exact", "I wind the clock every Friday, you know, and I have never been late"),
    ("shortened", "I thought it would be a month … I wanted to know what the number would be."),
    ("shortened", "You look at the sky […] and you say, nine and a half."),
    ("shortened", "Four. Two for my daughter, one for a storm ... for a very good party."),
    ("shortened", "thirty Februaries, that is something else"),
    ("altered", "The gulls hate me."),
    ("altered", "I am the one who always brings something to eat."),
    ("altered", "And we want a motor up here"),
    ("altered", "We want a motor up here, you listen for the third bell"),
    ("wrong-person", "It was handed from one neighbour to the next, like a spare key."),
    ("wrong-person", "I have been carrying that around all week."),
    ("exact", "It was never anybody’s job."),
    ("several", "That is the whole of the trick."),
    ("several", "And who gets the bucket next? There is a boy called Jory"),
    ("not-found", "Measure twice and cut once, as my mother told me."),
    ("not-found", "Every harbour has a book that nobody will ever read."),
    ("short", "slow"),
    ("short", "The Skerrow Book"),
    ("short", "nine and ten"),
    ("short", "The Bucket and the Book"),
    ("exact", "A record need not be clever. It need only be honest, and it must not stop."),
    (
        "shortened",
        "If you are ill, send a child. If you are sad, come anyway.\nWrite down what you see, and not what you hoped for.",
    ),
    (
        "exact",
        "That is the coast telling you a story, very slowly, and you happen to be the one holding the pencil.",
    ),
    ("exact", "You stop looking at the number, and you begin to look at the page."),
    ("exact", "[T]he sea says nine point one, and you are wrong"),
    ("exact", "[Jory] doesn’t say very much"),
    (
        "exact",
        "last week he held the rope [that she ties to the bucket], and he looked at the sky for a while",
    ),
    ("exact", "the rope costs 23% more than it did"),
    ("exact", "he looked at the sky for a while, and he said, ‘nine and a half’"),
    ("exact", "THE NEIGHBOUR WHO HAS THE KEY NOW KEEPS A BOOK"),
    ("exact", "a harbour with 11 boats, one shop"),
    ("exact", "bring something for the gulls"),
    ("altered", "It takes forty minutes, or five if the rope is frozen."),
    ("wrong-person", "Nineteen point four, on the second of August,"),
];

#[test]
fn forty_quotations_are_judged_without_an_error() {
    let show = Show::new();
    let (quotes, code) = show.judge("forty.md", FORTY);
    let wanted: Vec<String> =
        JUDGED.iter().map(|(verdict, text)| format!("{verdict}: {text}")).collect();
    let found = lines(&quotes);
    let wrong: Vec<String> = wanted
        .iter()
        .zip(&found)
        .zip(&quotes)
        .filter(|((wanted, found), _)| wanted != found)
        .map(|((wanted, found), quote)| format!("wanted {wanted}\nfound  {found}\n{quote}"))
        .collect();
    assert!(wrong.is_empty(), "{}\nall: {found:#?}", wrong.join("\n"));
    assert_eq!(found.len(), wanted.len());
    assert_eq!(code, 3);
}

/// A post, its name, and what is in it.
type Case = (&'static str, &'static str, &'static [&'static str], i32);

const STYLES: [Case; 10] = [
    (
        "long-read.md",
        "---\ntitle: \"A \\\"quoted\\\" title\"\n---\n\n# The harbour\n\nAt seven, she is there. “The gulls know \
        me,” Threlkeld says. “I am the one who never brings anything to eat.” Behind her, `echo \"code is no \
        quotation\"` runs.\n\n    \"nor is this one here\"\n\n“You stop looking at the number,” she goes on, “and \
        you begin to look at the page.”\n",
        &[
            "exact: The gulls know me,",
            "exact: I am the one who never brings anything to eat.",
            "exact: You stop looking at the number,",
            "exact: and you begin to look at the page.",
        ],
        0,
    ),
    (
        "listicle.md",
        "1. **Start.** \"You start to guess.\"\n2. **Look.** \"You look at the sky\" is what she does.\n3. A 6\" \
        nail and a 5'10\" man.\n\n| who | what |\n|---|---|\n| Sunniva | \"It was nine point four.\" |\n",
        &[
            "exact: You start to guess.",
            "exact: You look at the sky",
            "exact: It was nine point four.",
        ],
        0,
    ),
    (
        "newsletter.html",
        "<!doctype html><html><head><title>\"Not this one here\"</title><style>p:before{content:\"“no no no \
        no”\"}</style></head><body><table><tr><td><p class=\"“a b c d”\">&ldquo;The <b>gulls</b> know \
        me,&rdquo; says Sunniva.</p></td></tr><tr><td>Hosts: <q>We would love to read it</q></td></tr></table>\
        <blockquote><p>That is the coast telling you a story, very slowly</p><footer>— Sunniva Threlkeld</footer>\
        </blockquote><pre>\"a b c d e\"</pre></body></html>",
        &[
            "exact: The gulls know me,",
            "exact: We would love to read it",
            "exact: That is the coast telling you a story, very slowly",
        ],
        0,
    ),
    (
        "two-episodes.md",
        "Odo says “a clock is a promise that somebody has to keep.” A month before, Sunniva said: “Then the \
        month was over, and his hip was no better.”\n",
        &[
            "exact: a clock is a promise that somebody has to keep.",
            "exact: Then the month was over, and his hip was no better.",
        ],
        0,
    ),
    (
        "british.md",
        "‘I have stood on it every morning at seven,’ says Sunniva, the harbour’s keeper. ‘The gulls know me’. \
        It’s the sailors’ harbour; in the ’90s they’d come. Odo adds: ‘We don’t want a motor up here.’ \
        ‘Leave the next line empty’ is on the wall.\n",
        &[
            "exact: I have stood on it every morning at seven,",
            "exact: The gulls know me",
            "exact: We don’t want a motor up here.",
            "several: Leave the next line empty",
        ],
        0,
    ),
    ("none.md", "It's a post without any, from the users' own '90s; rock 'n' roll.\n", &[], 0),
    (
        "interview.md",
        "> **Mirren:** And who gets the bucket next?\n>\n> **Sunniva:** There is a boy called Jory, who comes \
        down before school.\n>\n> **Caspar:** It was nine point four.\n",
        &[
            "exact: And who gets the bucket next?",
            "exact: There is a boy called Jory, who comes down before school.",
            "wrong-person: It was nine point four.",
        ],
        3,
    ),
    (
        "german.md",
        "Sie sagt: „The gulls know me.“ Und »You start to guess.« Auf Deutsch: „Die Möwen kennen mich gut.“\n",
        &[
            "exact: The gulls know me.",
            "exact: You start to guess.",
            "not-found: Die Möwen kennen mich gut.",
        ],
        3,
    ),
    (
        "plain.txt",
        "According to Caspar Dunmoyle, \"It was never anybody's job.\"\n\n\"You throw the bucket out past the \
        weed,\nyou count to sixty\", Mirren says.\n\n> The gulls know me.\n",
        &[
            "exact: It was never anybody's job.",
            "wrong-person: You throw the bucket out past the weed,\nyou count to sixty",
            "exact: The gulls know me.",
        ],
        3,
    ),
    (
        "careless.md",
        "\"One cold morning is only whether.\" So-called \"science\" and the \"number game\". “But thirty \
        Februaries, side by side, that’s something else,” she says. “Never closed\n\nNext paragraph, and “It was \
        nine point four.”\n",
        &[
            "altered: One cold morning is only whether.",
            "short: science",
            "short: number game",
            "altered: But thirty Februaries, side by side, that’s something else,",
            "exact: It was nine point four.",
        ],
        3,
    ),
];

#[test]
fn posts_of_ten_other_styles_are_judged_without_an_error() {
    let show = Show::new();
    let mut wrong = Vec::new();
    for (name, post, wanted, code) in STYLES {
        let (quotes, ended) = show.judge(name, post);
        let found = lines(&quotes);
        if found != wanted || ended != code {
            wrong.push(format!("{name} ({ended}): {found:#?}\nwanted {wanted:#?}\n{quotes:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_word_document_is_read_by_its_paragraphs() {
    use std::io::Write as _;
    let show = Show::new();
    let xml = "<w:document><w:body><w:p><w:r><w:t>First.</w:t></w:r></w:p><w:p><w:r><w:t xml:space=\"preserve\">\
        So “The gulls </w:t></w:r><w:r><w:t>know me,” Caspar says.</w:t></w:r></w:p></w:body></w:document>";
    let mut archive = zip::ZipWriter::new(std::fs::File::create(show.path("post.docx")).unwrap());
    archive.start_file("word/document.xml", zip::write::SimpleFileOptions::default()).unwrap();
    archive.write_all(xml.as_bytes()).unwrap();
    archive.finish().unwrap();
    let output = show.run(&["check-quotes", "post.docx"]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("wrong-person") && said.contains("given to Caspar"), "{said}");
    assert_eq!(show.run(&["check-quotes", "post.docx", "--fix"]).status.code(), Some(1));
}

#[test]
fn a_post_of_ten_megabytes_is_bounded() {
    let show = Show::new();
    let line = "“The gulls know me and I said so,” Troy says. \"You start to guess.\" it's 'fine' [x] ( “ ‘ \" \n\n";
    let post = line.repeat((10 << 20) / line.len());
    let begun = std::time::Instant::now();
    let (quotes, _) = show.judge("large.md", &post);
    assert!(quotes.len() > 100_000);
    assert!(begun.elapsed().as_secs() < 120, "{:?}", begun.elapsed());
    for lone in ["“", "\"", "‘", "'", "> “a\n\n", "“a\n\n", "{{", "[", "<q>", "<!--"] {
        let post = lone.repeat((1 << 20) / lone.len());
        show.judge("lone.md", &post);
        show.judge("lone.html", &post);
    }
}
