//! The command line: the only code that knows clap, indicatif, colour and exit codes.
