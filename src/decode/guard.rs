//! Calls into the libraries' readers and decoders, which may panic on a damaged file.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

thread_local! {
    /// Whether this thread is inside a guarded call.
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

static QUIET: Once = Once::new();

/// What `call` gives; `None` where it panics, which then prints nothing: the text would name a
/// file of the machine that built the library, and decoding goes on.
pub(super) fn guarded<T>(call: impl FnOnce() -> T) -> Option<T> {
    QUIET.call_once(|| {
        let print = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            if !INSIDE.get() {
                print(panic);
            }
        }));
    });
    let outer = INSIDE.replace(true);
    let result = panic::catch_unwind(AssertUnwindSafe(call));
    INSIDE.set(outer);
    result.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_inside_is_an_answer_and_one_outside_is_still_told() {
        assert_eq!(guarded(|| 3), Some(3));
        assert_eq!(guarded(|| -> u8 { panic!("of the library") }), None);
        assert!(!INSIDE.get());
        assert_eq!(guarded(|| guarded(|| -> u8 { panic!("deeper") })), Some(None));
        assert!(!INSIDE.get());
    }
}
