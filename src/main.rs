//! Parse flags, call one command, map the error to an exit code; nothing else.

fn main() {}
