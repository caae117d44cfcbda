//! A round: cases of one target in a process of their own, which may die of any of them.
//!
//! The child says in a file which case it is at. As a case is made of numbers alone, its parent
//! knows the input that a child died of without having seen it.

use std::collections::BTreeMap;
use std::env;
use std::fs::{self, File};
use std::io::{Seek, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::cases::Cases;

/// What a target does with a case. It panics where something is wrong.
type Target = fn(&[u8]);

/// The cases of a round to which no time is given, as in every run of the tests. The first long one
/// comes later: no ordinary test depends on how fast the machine is.
const FEW: u64 = 250;
/// A case that takes longer hangs. No machine is so slow, and no input so long.
const PATIENCE: Duration = Duration::from_mins(1);
/// What the child may have in memory, in KiB. The longest input is 512 KiB.
const MEMORY_KIB: u64 = 512 << 10;
/// How long a failing input is made smaller.
const SHRINKING: Duration = Duration::from_secs(20);

/// What a round comes to.
pub(crate) struct Found {
    pub(crate) cases: u64,
    /// What is to be told of each place that fails, by its kind.
    pub(crate) failures: BTreeMap<String, String>,
}

/// Plays a round of which no case may fail.
#[expect(clippy::print_stdout, reason = "the count is for whoever runs it with --nocapture")]
pub(crate) fn play(name: &'static str, target: Target, seeds: &[&str]) {
    let Some(Found { cases, failures }) = found(name, target, seeds) else { return };
    println!("reliability: fuzz.{name}.cases = {cases}");
    let all: Vec<String> = failures.into_values().collect();
    assert!(all.is_empty(), "{} places fail in {cases} cases:\n{}", all.len(), all.join("\n"));
}

/// Plays a round as the variables have it that `make fuzz` sets: `FUZZ_SEED` numbers the round,
/// `FUZZ_FOR` gives it seconds in place of a few cases, `FUZZ_INPUT` names a file that is the only
/// case. In the child, and for that only case, there is nothing to be found: the process dies.
pub(crate) fn found(name: &'static str, target: Target, seeds: &[&str]) -> Option<Found> {
    if let Some(path) = env::var_os("FUZZ_INPUT").filter(|path| !path.is_empty()) {
        target(&fs::read(path).expect("the input can be read"));
        return None;
    }
    let cases = Cases::new(name, number("FUZZ_SEED").unwrap_or(1), seeds);
    let Some(place) = env::var_os("FUZZ_PLACE") else {
        return Some(Round::new(name).play(&cases));
    };
    let place = File::create(place).expect("the parent has made the folder");
    let begun = Instant::now();
    let time = number("FUZZ_FOR").map(Duration::from_secs);
    for case in number("FUZZ_FIRST").unwrap_or(0).. {
        say(&place, case);
        if time.map_or(case >= FEW, |time| begun.elapsed() >= time) {
            break;
        }
        target(&cases.input(case));
    }
    None
}

fn number(variable: &str) -> Option<u64> {
    let text = env::var(variable).ok().filter(|text| !text.is_empty())?;
    Some(text.parse().unwrap_or_else(|_| panic!("{variable}={text} is no whole number")))
}

fn say(mut place: &File, case: u64) {
    place.rewind().and_then(|()| place.write_all(&case.to_le_bytes())).expect("the disk has room");
}

/// What the parent knows.
struct Round {
    name: &'static str,
    folder: PathBuf,
}

impl Round {
    fn new(name: &'static str) -> Round {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fuzz").join(name);
        fs::create_dir_all(&folder).expect("the target folder is ours");
        Round { name, folder }
    }

    /// Begins again after the case that failed, until the cases or the time are at an end.
    fn play(&self, cases: &Cases) -> Found {
        let begun = Instant::now();
        let time = number("FUZZ_FOR");
        let mut first = 0;
        let mut failures = BTreeMap::new();
        loop {
            let left = time.map(|time| time.saturating_sub(begun.elapsed().as_secs()));
            let left = left.map_or_else(String::new, |left| left.to_string());
            let ending = self.child(&[("FUZZ_FIRST", first.to_string()), ("FUZZ_FOR", left)]);
            let at = self.place().unwrap_or(first);
            first = at;
            let Err(failure) = ending else { return Found { cases: first, failures } };
            failures.entry(failure.kind.clone()).or_insert_with(|| {
                let input = self.shrink(cases.input(at), &failure);
                self.keep(at, &input, &failure)
            });
            first += 1;
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The case that the child is at, or was at when it ended.
    fn place(&self) -> Option<u64> {
        let bytes = fs::read(self.path("place")).ok()?;
        Some(u64::from_le_bytes(bytes.try_into().ok()?))
    }

    /// Runs this test again as a child of its own, and watches it.
    fn child(&self, orders: &[(&str, String)]) -> Result<(), Failure> {
        let said = File::create(self.path("said")).expect("the disk has room");
        let mut command = limited(&env::current_exe().expect("a test has a path"));
        command
            .args(["--exact", self.name, "--nocapture", "--test-threads=1"])
            .env("FUZZ_PLACE", self.path("place"))
            .env("RUST_BACKTRACE", "0")
            .stdin(Stdio::null())
            .stdout(said.try_clone().expect("a file can be shared"))
            .stderr(said)
            .envs(orders.iter().map(|(variable, value)| (variable, value)));
        self.watch(command.spawn().expect("a test can start itself"))
    }

    fn watch(&self, mut child: Child) -> Result<(), Failure> {
        let (mut place, mut since) = (None, Instant::now());
        loop {
            if let Some(status) = child.try_wait().expect("a child can be waited for") {
                let said = fs::read(self.path("said")).unwrap_or_default();
                return Failure::of(status, &String::from_utf8_lossy(&said));
            }
            let now = self.place();
            if now != place {
                (place, since) = (now, Instant::now());
            } else if since.elapsed() > PATIENCE {
                child.kill().and_then(|()| child.wait()).expect("a child can be ended");
                return Err(Failure::new("hangs", "it takes more than 60 s"));
            }
            sleep(Duration::from_millis(5));
        }
    }

    /// Leaves pieces out while the target fails in the same way.
    fn shrink(&self, mut input: Vec<u8>, failure: &Failure) -> Vec<u8> {
        let begun = Instant::now();
        let mut size = input.len() / 2;
        while size > 0 && failure.kind != "hangs" {
            let mut from = 0;
            while from < input.len() {
                if begun.elapsed() > SHRINKING {
                    return input;
                }
                let mut less = input.clone();
                less.drain(from..input.len().min(from + size));
                if self.fails(&less).is_some_and(|other| other.kind == failure.kind) {
                    input = less;
                } else {
                    from += size;
                }
            }
            size /= 2;
        }
        input
    }

    fn fails(&self, input: &[u8]) -> Option<Failure> {
        let path = self.path("smaller");
        fs::write(&path, input).expect("the disk has room");
        self.child(&[("FUZZ_INPUT", path.display().to_string())]).err()
    }

    /// Keeps the input, and tells how to meet it again.
    fn keep(&self, case: u64, input: &[u8], failure: &Failure) -> String {
        let round = number("FUZZ_SEED").unwrap_or(1);
        let path = self.path(&format!("seed-{round}-case-{case}"));
        fs::write(&path, input).expect("the disk has room");
        format!(
            "{}: {}\n  {} bytes: make fuzz TARGET={} INPUT={}",
            failure.kind,
            failure.text,
            input.len(),
            self.name,
            path.display()
        )
    }
}

/// A command whose memory is limited, where the system can: an allocation beyond it ends the child.
fn limited(program: &Path) -> Command {
    if !cfg!(unix) {
        return Command::new(program);
    }
    let mut command = Command::new("sh");
    command.arg("-c").arg(format!("ulimit -d {MEMORY_KIB}; exec \"$@\"")).arg("sh").arg(program);
    command
}

/// How a child ended that should not have.
struct Failure {
    /// Failures of one kind are told once: where a panic was, or what else ended the child.
    kind: String,
    text: String,
}

impl Failure {
    fn new(kind: &str, text: &str) -> Failure {
        Failure { kind: kind.into(), text: text.into() }
    }

    fn of(status: ExitStatus, said: &str) -> Result<(), Failure> {
        if status.success() {
            return Ok(());
        }
        let Some((_, panic)) = said.split_once(" panicked at ") else {
            let last = said.lines().rfind(|line| !line.is_empty() && !line.starts_with("note: "));
            return Err(Failure::new(&status.to_string(), last.unwrap_or("it says nothing")));
        };
        let mut lines = panic.lines();
        let kind = format!("panic at {}", lines.next().unwrap_or_default().trim_end_matches(':'));
        let text: String = lines.next().unwrap_or_default().chars().take(300).collect();
        Err(Failure { kind, text })
    }
}
