//! What holds for the whole tree: words that may not stand in it, the order of the stages wherever
//! it is shown, and invariants that name tests which exist.

use std::fs;
use std::path::{Path, PathBuf};

use linernotes::stage::Stage;
use regex::Regex;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Every file that people write, with its text. What the machine makes is left out.
fn sources() -> Vec<(PathBuf, String)> {
    const EXTENSIONS: [&str; 12] =
        ["rs", "md", "toml", "html", "css", "js", "txt", "snap", "xml", "yml", "sh", "tera"];
    let mut files = Vec::new();
    let mut folders = vec![root().to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                let made = matches!(
                    name.as_str(),
                    "target"
                        | ".git"
                        | ".tools"
                        | "work"
                        | "out"
                        | "node_modules"
                        | "corpus"
                        | "artifacts"
                        | "proptest-regressions"
                );
                if !made {
                    folders.push(path);
                }
                continue;
            }
            let known =
                path.extension().is_some_and(|ending| EXTENSIONS.iter().any(|e| ending == *e));
            if (known || name == "Makefile" || name == "run")
                && let Ok(text) = fs::read_to_string(&path)
            {
                files.push((path, text));
            }
        }
    }
    files.sort();
    assert!(files.len() > 40, "only {} files were found", files.len());
    files
}

#[test]
fn no_forbidden_words() {
    // Put together here, so that this file does not hold them itself.
    let forbidden = Regex::new(
        &[
            r"\bTO",
            r"DO\b|\bFIX",
            r"ME\b|\bXX",
            r"X\b|\bdbg",
            r"!\(|\bunimplemented",
            r"!\(|\btodo",
            r"!\(",
            // folders that exist on one person's machine only
            r#"|(^|[\s"'`(=])/wo"#,
            r"rk/[a-z]|\bshared/",
            r"(data|docs|tools)",
        ]
        .concat(),
    )
    .unwrap();
    let mut found = Vec::new();
    for (path, text) in sources() {
        for (number, line) in text.lines().enumerate() {
            if let Some(word) = forbidden.find(line) {
                found.push(format!("{}:{}: {}", path.display(), number + 1, word.as_str()));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn every_ignored_test_says_that_it_needs_weights() {
    let mark = ["#[ign", "ore"].concat();
    for (path, text) in sources() {
        // which writes the pages that the browser tests open
        let other = path.ends_with("tests/it/page/browser.rs");
        if other || path.extension().is_none_or(|ending| ending != "rs") {
            continue;
        }
        for line in text.lines().map(str::trim).filter(|line| line.starts_with(&mark)) {
            assert_eq!(line, format!("{mark} = \"needs weights\"]"), "{}", path.display());
        }
    }
}

/// The stages in the order in which `found` has them.
fn order(text: &str, name: impl Fn(Stage) -> String) -> Vec<Stage> {
    let mut places: Vec<(usize, Stage)> = Stage::ALL
        .into_iter()
        .map(|stage| {
            let wanted = name(stage);
            (text.find(&wanted).unwrap_or_else(|| panic!("no {wanted:?} in:\n{text}")), stage)
        })
        .collect();
    places.sort();
    places.into_iter().map(|(_, stage)| stage).collect()
}

#[test]
fn the_code_and_the_architecture_show_the_stages_in_order() {
    let lib = read("src/lib.rs");
    assert_eq!(order(&lib, |stage| format!("\npub mod {stage};")), Stage::ALL);
    let architecture = read("ARCHITECTURE.md");
    assert_eq!(order(&architecture, |stage| format!("\n### `{stage}`")), Stage::ALL);
}

#[test]
fn every_invariant_names_a_test_that_exists() {
    let sources = sources();
    let architecture = read("ARCHITECTURE.md");
    let mut invariants = 0;
    // A paragraph that states an invariant ends with `(test: a, b)`.
    for paragraph in architecture.split("\n\n").filter(|text| text.contains("**Invariant")) {
        invariants += 1;
        let paragraph = paragraph.split_whitespace().collect::<Vec<_>>().join(" ");
        let (_, tests) = paragraph
            .rsplit_once("(test: ")
            .unwrap_or_else(|| panic!("no test is named by:\n{paragraph}"));
        for name in tests.trim_end().trim_end_matches(['.', ')']).split(',') {
            let name = name.trim().trim_matches('`');
            let definition = format!("fn {name}(");
            assert!(
                sources.iter().any(|(path, text)| path.extension().is_some_and(|e| e == "rs")
                    && text.contains(&definition)),
                "no test is called {name}"
            );
        }
    }
    assert!(invariants >= 8, "only {invariants} invariants");
}

/// The part of a source file that is compiled outside tests.
fn shipped(text: &str) -> &str {
    text.split("#[cfg(test)]").next().unwrap_or(text)
}

/// The Rust files below `src/FOLDER`, or `src/FOLDER.rs`, by their path below `src`.
fn module(sources: &[(PathBuf, String)], folder: &str) -> Vec<(String, String)> {
    let below = root().join("src");
    sources
        .iter()
        .filter_map(|(path, text)| {
            let name = path.strip_prefix(&below).ok()?.to_string_lossy().replace('\\', "/");
            let inside = name.starts_with(&format!("{folder}/")) || name == format!("{folder}.rs");
            let rust = path.extension().is_some_and(|extension| extension == "rs");
            (inside && rust && !name.ends_with("tests.rs"))
                .then(|| (name, shipped(text).to_string()))
        })
        .collect()
}

#[test]
fn no_stage_uses_a_later_one() {
    let sources = sources();
    let mut wrong = Vec::new();
    for (index, stage) in Stage::ALL.into_iter().enumerate() {
        let files = module(&sources, stage.verb());
        assert!(!files.is_empty(), "no files of {stage}");
        for (name, text) in files {
            for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
                for later in &Stage::ALL[index + 1..] {
                    if line.contains(&format!("crate::{later}::")) {
                        wrong.push(format!("src/{name}: {}", line.trim()));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_middle_touches_no_disk() {
    let sources = sources();
    let mut wrong = Vec::new();
    for folder in [
        "network",
        "segmentation",
        "detect",
        "transcribe",
        "diarize",
        "attribute",
        "edit",
        "draft",
        "render",
        "formats",
        "score",
    ] {
        for (name, text) in module(&sources, folder) {
            // the loaders of weights
            if ["transcribe/engine/ggml.rs", "network/weights.rs"].contains(&name.as_str()) {
                continue;
            }
            if text.contains("std::fs") || text.contains("std::net") || text.contains("File::open")
            {
                wrong.push(name);
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:?} read or write");
}

#[test]
fn one_module_knows_whisper_and_only_the_command_line_knows_clap() {
    let sources = sources();
    let users = |mark: &str| -> Vec<String> {
        sources
            .iter()
            .filter(|(path, text)| {
                path.starts_with(root().join("src"))
                    && shipped(text)
                        .lines()
                        .any(|line| !line.trim_start().starts_with("//") && line.contains(mark))
            })
            .map(|(path, _)| path.strip_prefix(root()).unwrap().display().to_string())
            .collect()
    };
    for name in users("whisper_rs::") {
        assert_eq!(name, "src/transcribe/whisper_cpp.rs", "names whisper_rs");
    }
    for mark in ["clap::", "indicatif::", "anyhow::"] {
        for name in users(mark) {
            assert!(name.starts_with("src/cli/") || name == "src/main.rs", "{name} names {mark}");
        }
    }
}

#[test]
fn one_file_speaks_to_people() {
    let speaks = ["io::stdout()", "io::stderr()"];
    let asks = "io::stderr().is_terminal()";
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        if !path.starts_with(root().join("src")) || path.ends_with("src/cli/console.rs") {
            continue;
        }
        let text = shipped(&text).replace(asks, "");
        if speaks.iter().any(|mark| text.contains(mark)) {
            wrong.push(path);
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}

/// The fenced TOML block of docs/formats.md that shows the given file.
fn shown(file: &str) -> String {
    let formats = read("docs/formats.md");
    let start = formats.find(&format!("```toml\n# {file}\n")).expect("the file is shown") + 8;
    let length = formats[start..].find("```").expect("the block ends");
    formats[start..start + length].to_string()
}

/// Reads the block as the program would, and checks that no key is left out of it.
fn shows_every_key<T: serde::de::DeserializeOwned + serde::Serialize + Default>(file: &str) {
    let text = shown(file);
    toml::from_str::<T>(&text).unwrap_or_else(|error| panic!("{file}: {error}"));
    let keys = serde_json::to_value(T::default()).unwrap();
    for key in keys.as_object().unwrap().keys() {
        let shown = text.lines().any(|line| {
            line.starts_with(&format!("{key} ="))
                || line.trim_start_matches('[').starts_with(&format!("{key}]"))
        });
        assert!(shown, "docs/formats.md does not show `{key}` of {file}");
    }
}

#[test]
fn the_formats_page_shows_every_key_of_what_people_write() {
    shows_every_key::<linernotes::library::show::Show>("show.toml");
    shows_every_key::<linernotes::library::episode::Episode>("episode.toml");
    shows_every_key::<linernotes::edit::edits::Edits>("edits.toml");
}

#[test]
fn the_help_of_run_shows_the_stages_in_order() {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_linernotes"))
        .args(["run", "--help"])
        .output()
        .unwrap();
    let help = String::from_utf8(output.stdout).unwrap();
    let (_, listed) = help.split_once("in this order").expect("the order is told");
    assert_eq!(order(listed, |stage| stage.verb().to_string()), Stage::ALL);
}
