//! How long texts take that are made to take long: twice the text has to take twice the time, so that
//! the throughput of the two sizes is the same.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use linernotes::import::import;
use linernotes::lint::lint;

/// A name, what stands at the front, and what is repeated.
const TEXTS: [(&str, &str, &str); 12] = [
    ("tags.vtt", "WEBVTT\n\n00:00.000 --> 00:01.000\n", "<i>a</i>"),
    ("signs.vtt", "WEBVTT\n\n00:00.000 --> 00:01.000\n", "<"),
    ("notes.vtt", "WEBVTT\n\n", "NOTE\n\n"),
    ("lines.vtt", "WEBVTT\n\n00:00.000 --> 00:01.000\na\n", "\n"),
    ("signs.srt", "1\n00:00:00,000 --> 00:00:01,000\n", "<"),
    ("signs.html", "<cite>A:</cite><time>0:00</time><p>a", "<"),
    ("tags.html", "<cite>A:</cite><time>0:00</time><p>", "<b>a</b> "),
    ("scripts.html", "<cite>A:</cite><time>0:00</time><p>x</p>", "<script></script>"),
    ("brackets.md", "**Ann:** a", "["),
    ("turns.txt", "Ann: [00:00:00] a\n\n", "lower[ the the ..\n\nAnn: [00:00:01] x\n\n"),
    ("values.json", "[{\"start\":1,\"text\":\"a\"}", ",{\"start\":\"x\",\"text\":\"a\"}"),
    ("items.xml", "<rss><channel>", "<item><podcast:transcript/></item>"),
];

fn texts(c: &mut Criterion) {
    for (name, front, part) in TEXTS {
        let mut group = c.benchmark_group(name);
        group.sample_size(10);
        for size in [200_000, 400_000] {
            let end = if name.ends_with("json") { "]" } else { "" };
            let text = format!("{front}{}{end}", part.repeat(size / part.len()));
            group.throughput(Throughput::Bytes(text.len() as u64));
            group.bench_with_input(BenchmarkId::new("lint", size), &text, |b, text| {
                b.iter(|| lint(name, black_box(text.as_bytes())));
            });
            group.bench_with_input(BenchmarkId::new("import", size), &text, |b, text| {
                b.iter(|| import(black_box(text.as_bytes()), name).is_ok());
            });
        }
        group.finish();
    }
}

criterion_group!(benches, texts);
criterion_main!(benches);
