//! Code of the host, run so that a panic of it ends nothing but what was asked.
//!
//! In: something that calls the host. Out: its answer, or what the panic said.
//! What was thrown is dropped here, and may throw again while it is.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
};

/// Run code of the host.
///
/// # Errors
/// What the panic said, if it panics.
#[inline(always)]
pub fn guarded<T>(run: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(run)).map_err(said)
}

#[cold]
fn said(payload: Box<dyn Any + Send>) -> String {
    let said = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(|text| &**text))
        .unwrap_or("no message")
        .to_owned();
    if let Err(another) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        // This could go on: it is never dropped.
        std::mem::forget(another);
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::{panic_any, resume_unwind};

    struct Again;

    impl Drop for Again {
        fn drop(&mut self) {
            resume_unwind(Box::new(Self));
        }
    }

    #[test]
    fn panics_are_answers() {
        assert_eq!(guarded(|| 1), Ok(1));
        assert_eq!(
            guarded(|| -> u8 { resume_unwind(Box::new("a")) }),
            Err("a".to_owned())
        );
        let owned = guarded(|| -> u8 { resume_unwind(Box::new("b".to_owned())) });
        assert_eq!(owned, Err("b".to_owned()));
        let other = guarded(|| -> u8 { panic_any(7) });
        assert_eq!(other, Err("no message".to_owned()));
    }

    #[test]
    fn what_is_thrown_may_throw_again() {
        let again = guarded(|| -> u8 { resume_unwind(Box::new(Again)) });
        assert_eq!(again, Err("no message".to_owned()));
    }
}
