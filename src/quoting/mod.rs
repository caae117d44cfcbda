//! Quotations of what was said: found in a post and judged, or given as citations.
//!
//! ```text
//!  post ─blocks, marks─► Quotation ─candidates─► stretches of episodes ─align, verdict─► Judged
//! ```
//!
//! What is compared is words. Case, quotation marks, dashes and apostrophes are the writer's; every
//! other difference is told.

mod align;
mod attribution;
mod before;
mod candidates;
mod card;
mod check;
mod citation;
mod extract;
mod fix;
mod marks;
mod post;
mod recall;
mod said;
mod sound;
mod verdict;

pub use attribution::Names;
pub use before::said_before;
pub use card::{Colours, Shape, card};
pub use check::{Judged, Verdict, check};
pub use citation::{Citation, Wish};
pub use extract::{Quotation, Unclosed, quotations};
pub use fix::{Fixed, fix};
pub use post::Post;
pub use recall::{Only, Recalled, recall};
pub use said::Said;
pub use sound::{wav, with_breath};
pub use verdict::Change;
