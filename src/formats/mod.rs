//! Text <-> nouns, parser beside printer, each pure.
