//! Artifacts -> `out/`, the show's site and the feed: everything is written whole or not at all.
