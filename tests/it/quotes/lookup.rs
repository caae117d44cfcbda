//! Words are found in all episodes, and sentences are given with their source.

use std::fs;

use serde_json::Value;

use super::Show;

fn hits(show: &Show, args: &[&str]) -> Vec<Value> {
    let args = [&["search", "--json"], args].concat();
    let (out, _) = show.succeeds(&args);
    out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn texts(show: &Show, args: &[&str]) -> Vec<String> {
    hits(show, args).iter().map(|hit| hit["text"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn words_are_found_as_they_are_typed() {
    let show = Show::new();
    assert_eq!(texts(&show, &["gulls know"]), ["The gulls know me."]);
    assert_eq!(texts(&show, &["\"the gulls know\""]), ["The gulls know me."]);
    assert_eq!(texts(&show, &["\"know the gulls\""]), Vec::<String>::new());
    // every word may be the beginning of a longer one
    assert_eq!(texts(&show, &["thermomet brass sleev"]).len(), 1);
    assert!(texts(&show, &["neighbour spare"])[0].contains("neighbour to the next"));
    assert!(
        texts(&show, &["anybody job"])[0].contains("anybody’s job"),
        "an apostrophe divides nothing"
    );
    // by speaker, episode and day
    assert_eq!(texts(&show, &["trick", "--speaker", "Odo"]).len(), 1);
    assert_eq!(texts(&show, &["trick", "--speaker", "Odo Ferris"]).len(), 1);
    assert_eq!(texts(&show, &["trick"]).len(), 2);
    assert_eq!(texts(&show, &["month", "--episode", "0002-tower"]).len(), 1);
    assert_eq!(texts(&show, &["month", "--episode", "bucket"]).len(), 2);
    assert_eq!(texts(&show, &["month", "--since", "2026-12"]).len(), 1);
    assert_eq!(texts(&show, &["month", "--until", "2026-11"]).len(), 2);
    let hit = &hits(&show, &["gulls know"])[0];
    assert_eq!(hit["speaker"], "Sunniva Threlkeld");
    assert!(hit["url"].as_str().unwrap().contains("/0001-bucket/#t="), "{hit}");
}

#[test]
fn a_name_that_is_spelled_nearly_so_is_found() {
    let show = Show::new();
    let (out, said) = show.succeeds(&["search", "Threlkelt"]);
    assert!(out.contains("My name is Sunniva Threlkeld"), "{out}");
    assert!(said.contains("nobody says “threlkelt”; looked for threlkeld"), "{said}");
    let (out, said) = show.succeeds(&["search", "xylophones"]);
    assert!(out.is_empty() && said.contains("0 passages"), "{out} {said}");
    for odd in ["\" OR *", "NEAR(a b)", "a\"b\"c:", "'; DROP TABLE episode", "海", "e-mail's"] {
        show.succeeds(&["search", odd]);
    }
    let output = show.run(&["search", "…"]);
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn a_sentence_is_given_whole_with_its_source() {
    let show = Show::new();
    let (out, _) = show.succeeds(&["quote", "a promise that somebody has to keep"]);
    assert_eq!(
        out,
        "> My grandfather used to say that a clock is a promise that somebody has to keep.\n>\n\
         > — Odo Ferris, guest, *Slow Instruments*, “The Clock That Nobody Hears”, 2026-12-07, \
         [\\[00:00:13\\]](<https://slowinstruments.example/0002-tower/#t=00:00:13.33,00:00:20>)\n"
    );
    let (out, _) =
        show.succeeds(&["quote", "promise somebody keep clock grandfather", "--format", "html"]);
    assert!(
        out.starts_with("<blockquote cite=\"https://slowinstruments.example/0002-tower/#t="),
        "{out}"
    );
    let (out, said) = show.succeeds(&["quote", "never been late", "--clean", "--format", "text"]);
    assert!(
        out.starts_with(
            "“I wind the clock every Friday and I have never been late.”\n— Odo Ferris"
        ),
        "{out}"
    );
    assert!(said.contains("left out: I, um, you, know"), "{said}");
    let (out, _) = show.succeeds(&[
        "quote",
        "nine and a half",
        "--episode",
        "bucket",
        "--json",
        "--pick",
        "1",
    ]);
    let value: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(value["speakers"][0]["name"], "Sunniva Threlkeld");
    assert_eq!(value["checked"], false);
}

#[test]
fn several_places_are_listed_to_choose_from_and_none_is_refused() {
    let show = Show::new();
    let (out, said) = show.succeeds(&["quote", "that is the whole of the trick"]);
    assert!(
        out.contains(" 1. ") && out.contains(" 2. ") && said.contains("`--pick N`"),
        "{out} {said}"
    );
    let (out, _) =
        show.succeeds(&["quote", "that is the whole of the trick", "--speaker", "mirren"]);
    assert!(out.contains("Mirren Ostby"), "{out}");
    for args in [
        &["quote", "quantum chromodynamics of lattices"][..],
        &["quote", "that is the whole of the trick", "--pick", "9"],
        &["quote", "?!"],
        &["quote", "never been late", "--clip", "out.ogg"],
        &["quote", "never been late", "--clip", "out.wav"],
        &["quote", "never been late", "--card", "card.gif"],
        &["quote", "never been late", "--soundbite"],
    ] {
        let output = show.run(args);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{args:?}: {said}");
        assert!(said.contains("\nhint: "), "{args:?}: {said}");
    }
}

#[test]
fn a_card_has_the_shows_colours_and_a_soundbite_goes_into_the_edits() {
    let show = Show::new();
    fs::create_dir_all(show.path("templates")).unwrap();
    show.write("templates/theme.css", ":root { --accent: #123456; }");
    show.succeeds(&["quote", "never been late", "--card", "card.svg", "--shape", "tall"]);
    let card = fs::read_to_string(show.path("card.svg")).unwrap();
    assert!(card.contains("width=\"1080\" height=\"1920\"") && card.contains("#123456"), "{card}");
    assert!(card.contains("Odo Ferris") && card.contains("Slow Instruments"), "{card}");
    assert_eq!(
        show.run(&["quote", "never been late", "--card", "card.svg"]).status.code(),
        Some(1)
    );
    // where a machine has no fonts it says so
    let output = show.run(&["quote", "never been late", "--card", "card.png"]);
    if output.status.success() {
        let png = fs::read(show.path("card.png")).unwrap();
        assert_eq!(
            &png[16..24],
            [&1200_u32.to_be_bytes()[..], &630_u32.to_be_bytes()[..]].concat()
        );
        assert!(png.len() > 5_000, "there are letters on it");
    } else {
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains("no font of this machine has the letter"), "{said}");
    }
    let before = fs::read_to_string(show.path("0001-bucket/edits.toml")).unwrap();
    let long = "My name is Sunniva Threlkeld. I mend nets and sails, and I have kept the Skerrow book since I \
        was twenty-four. You throw the bucket out past the weed, you count to sixty, you read the thermometer while \
        it is still in the water, and you write the number down. That is all of it. It takes four minutes, or \
        five if the rope is frozen.";
    show.succeeds(&["quote", long, "--soundbite"]);
    let after = fs::read_to_string(show.path("0001-bucket/edits.toml")).unwrap();
    assert!(
        after.starts_with(&before) && after.contains("[[soundbite]]\nfrom = \"00:00:5"),
        "{after}"
    );
    show.succeeds(&["run", "0001-bucket"]);
}

/// The rate and the channels that an audio file itself has.
fn shape_of_the_sound(audio: &str) -> (u32, u16) {
    let source = linernotes::decode::tags::read(std::path::Path::new(audio)).unwrap();
    (source.sample_rate_hz, source.channels)
}

/// A player of that name on a path of its own, which writes down what it is asked for.
#[cfg(unix)]
fn player(show: &Show, name: &str, code: u8) -> std::path::PathBuf {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = show.path("players");
    fs::create_dir_all(&folder).unwrap();
    let asked = show.path("asked.txt");
    let script = format!("#!/bin/sh\necho {name} \"$@\" >> '{}'\nexit {code}\n", asked.display());
    fs::write(folder.join(name), script).unwrap();
    fs::set_permissions(folder.join(name), fs::Permissions::from_mode(0o755)).unwrap();
    folder
}

#[test]
#[cfg(unix)]
fn the_words_are_played_by_the_first_player_that_can() {
    let show = Show::new();
    let audio =
        concat!(env!("CARGO_MANIFEST_DIR"), "/episodes/0001-the-bucket-and-the-book/audio.mp3");
    let facts = fs::read_to_string(show.path("0001-bucket/episode.toml")).unwrap();
    show.write("0001-bucket/episode.toml", &format!("audio = \"{audio}\"\n{facts}"));
    let words = "You throw the bucket out past the weed, you count to sixty";
    let play = |path: &std::path::Path| {
        let mut command = show.command(&["quote", words, "--play"]);
        let output = command.env("PATH", path).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    let folder = show.path("players");
    fs::create_dir_all(&folder).unwrap();
    let said = play(&folder);
    assert!(
        said.contains("no player is on this machine") && said.contains("mpv --start="),
        "{said}"
    );
    player(&show, "ffplay", 0);
    player(&show, "mpv", 2);
    let said = play(&folder);
    assert!(said.contains("warning: mpv ended with"), "{said}");
    let asked = fs::read_to_string(show.path("asked.txt")).unwrap();
    let lines: Vec<&str> = asked.lines().collect();
    assert!(lines[0].starts_with("mpv --no-video") && lines[1].starts_with("ffplay"), "{asked}");
    assert!(lines[1].contains(" -ss ") && lines[1].ends_with(audio), "{asked}");
}

#[test]
fn what_the_same_person_said_before_is_shown() {
    let show = Show::new();
    let text = "Title\n\nOdo: [00:00:01] A clock is a promise that somebody has to keep, every day.\n\n\
                Mara: [00:00:09] Is it so?\n";
    for (name, day) in [("0007-first", "2020-01-01"), ("0008-again", "2021-01-01")] {
        show.write(&format!("{name}.txt"), text);
        show.succeeds(&["import", &format!("{name}.txt"), "-o", name]);
        let facts = fs::read_to_string(show.path(&format!("{name}/episode.toml"))).unwrap();
        let facts = facts.lines().filter(|line| !line.starts_with("date")).fold(
            String::new(),
            |text, line| {
                text + line
                    + "
"
            },
        );
        show.write(&format!("{name}/episode.toml"), &format!("date = \"{day}\"\n{facts}"));
        show.succeeds(&["run", name]);
    }
    let words = "a clock is a promise that somebody has to keep";
    let before = |episode| {
        let (out, _) = show.succeeds(&["quote", words, "--episode", episode, "--before", "--json"]);
        let value: Value = serde_json::from_str(&out).unwrap();
        value["before"]["episode"].clone()
    };
    assert_eq!(before("0008-again"), "0007-first");
    assert_eq!(before("0007-first"), Value::Null);
    let (_, said) = show.succeeds(&["quote", words, "--episode", "0007-first", "--before"]);
    assert!(said.contains("nothing like it was said by the same person before"), "{said}");
}

#[test]
fn a_clip_is_cut_at_the_words_edges() {
    let show = Show::new();
    let audio =
        concat!(env!("CARGO_MANIFEST_DIR"), "/episodes/0001-the-bucket-and-the-book/audio.mp3");
    let facts = fs::read_to_string(show.path("0001-bucket/episode.toml")).unwrap();
    show.write("0001-bucket/episode.toml", &format!("audio = \"{audio}\"\n{facts}"));
    let words = "You throw the bucket out past the weed, you count to sixty";
    let (out, _) = show.succeeds(&["quote", words, "--clip", "a.wav", "--json"]);
    let value: Value = serde_json::from_str(&out).unwrap();
    let seconds = value["end"].as_f64().unwrap() - value["start"].as_f64().unwrap();
    let bytes = fs::metadata(show.path("a.wav")).unwrap().len();
    let (rate, channels) = shape_of_the_sound(audio);
    let wav = fs::read(show.path("a.wav")).unwrap();
    assert_eq!(
        (&wav[22..24], &wav[24..28]),
        (&channels.to_le_bytes()[..], &rate.to_le_bytes()[..])
    );
    let frames = u32::try_from((bytes - 44) / u64::from(2 * channels)).unwrap();
    let longer = f64::from(frames) / f64::from(rate) - seconds;
    assert!((-1e-4..=0.361).contains(&longer), "{longer}");
    show.succeeds(&["quote", words, "--clip", "a.mp3"]);
    let cut = fs::read(show.path("a.mp3")).unwrap();
    let whole = fs::read(audio).unwrap();
    let at =
        whole.windows(64).position(|run| run == &cut[..64]).expect("its frames are the file's");
    assert_eq!(whole[at..at + cut.len()], cut);
    let limits = linernotes::decode::DecodeLimits::default();
    let (recording, _) =
        linernotes::decode::decode(&show.path("a.mp3"), &limits, &linernotes::progress::Silent)
            .unwrap();
    let length = recording.duration().as_seconds();
    assert!((seconds..seconds + 0.6).contains(&length), "{length} of {seconds}");
}
