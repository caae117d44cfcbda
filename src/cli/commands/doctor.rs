//! `linernotes doctor`: what this machine has.

use std::process::ExitCode;

use serde_json::json;

use crate::cli::args::CommonArgs;
use crate::cli::{report, settings};
use crate::models::{State, Store};
use crate::transcribe::engine;

pub(super) fn doctor(common: &CommonArgs) -> ExitCode {
    let store = Store::open();
    let listing = store.list();
    let threads = settings::threads(common);
    let features = processor_features();
    if common.json {
        report::json_line(&json!({
            "version": env!("CARGO_PKG_VERSION"),
            "threads": threads,
            "processor_features": features,
            "engine": engine::kernels(),
            "whisper_cpp": cfg!(feature = "whisper-cpp"),
            "memory_bytes": memory_bytes(),
            "models_dir": store.dir(),
            "models": listing,
        }));
        return ExitCode::SUCCESS;
    }
    report::result(&format!("linernotes {}", env!("CARGO_PKG_VERSION")));
    report::result(&format!("threads            {threads}"));
    report::result(&format!("processor features {}", features.join(" ")));
    let memory =
        memory_bytes().map_or_else(|| "unknown".into(), |bytes| format!("{} MiB", bytes >> 20));
    report::result(&format!("memory             {memory}"));
    report::result(&format!("own engine         {}", engine::kernels()));
    report::result(&format!(
        "whisper.cpp        {}",
        if cfg!(feature = "whisper-cpp") { "built in" } else { "left out" }
    ));
    report::result(&format!(
        "Opus               {}",
        if cfg!(feature = "opus") { "built in" } else { "left out" }
    ));
    report::result(&format!("weights            {}", store.dir().display()));
    for model in listing.iter().filter(|model| model.default || model.state != State::Missing) {
        let state = match model.state {
            State::Missing => "missing; `linernotes run` fetches it",
            State::Unchecked => "there, not checked yet; `linernotes models verify` does it",
            State::Unchanged => "there; size and times are those with which its sha256 was right",
            State::Damaged => "damaged; `linernotes models get` mends it",
        };
        report::result(&format!("  {:<18} {state}", model.name));
    }
    ExitCode::SUCCESS
}

#[cfg(target_arch = "x86_64")]
fn processor_features() -> Vec<&'static str> {
    let known = [
        ("sse4.2", std::is_x86_feature_detected!("sse4.2")),
        ("avx", std::is_x86_feature_detected!("avx")),
        ("avx2", std::is_x86_feature_detected!("avx2")),
        ("fma", std::is_x86_feature_detected!("fma")),
        ("f16c", std::is_x86_feature_detected!("f16c")),
        ("avx512f", std::is_x86_feature_detected!("avx512f")),
        ("avx512bf16", std::is_x86_feature_detected!("avx512bf16")),
    ];
    known.into_iter().filter(|(_, has)| *has).map(|(name, _)| name).collect()
}

#[cfg(not(target_arch = "x86_64"))]
fn processor_features() -> Vec<&'static str> {
    vec![std::env::consts::ARCH]
}

/// The machine's memory, where the system tells.
fn memory_bytes() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("MemTotal:"))?;
    line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kib| kib << 10)
}
