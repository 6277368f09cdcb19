//! Errors of other crates as answers.

use std::error::Error as StdError;

use super::{IOServerError, IntoStatus, Result};

/// Turns the error of any `Result` into an [`IOServerError`], for `?`.
///
/// # Examples
///
/// ```
/// use ioserver::{Result, ResultExt};
///
/// fn answer(age: &str, file: &str) -> Result<usize> {
///     let age: usize = age.parse().status(400)?; // "invalid digit found in string"
///     let ages = file.lines().map(str::parse::<usize>).collect::<Result<Vec<_>, _>>().internal()?;
///     Ok(ages.into_iter().filter(|&other| other > age).count())
/// }
///
/// assert_eq!(answer("30", "29\n31").unwrap(), 1);
/// assert_eq!(answer("x", "").unwrap_err().status(), 400);
/// assert_eq!(answer("30", "x").unwrap_err().status(), 500);
/// ```
pub trait ResultExt<T>: sealed::Sealed {
    /// Makes the error a 500 with its own text, as [`IOServerError::internal`] does: what a thrown
    /// `Error` is to the original. [`hide_internal`](crate::IOServerOptions::hide_internal) keeps
    /// the text from clients.
    ///
    /// # Errors
    ///
    /// The error; one that is an [`IOServerError`] already as it is.
    fn internal(self) -> Result<T>;

    /// Makes the error one of this status, whose text clients read.
    ///
    /// # Errors
    ///
    /// The error; one that is an [`IOServerError`] already keeps its name and its code.
    fn status(self, status: impl IntoStatus) -> Result<T>;
}

impl<T, E: Into<Box<dyn StdError + Send + Sync>>> ResultExt<T> for Result<T, E> {
    fn internal(self) -> Result<T> {
        self.map_err(|error| own(error.into()).unwrap_or_else(IOServerError::internal))
    }

    fn status(self, status: impl IntoStatus) -> Result<T> {
        self.map_err(|error| {
            let status = status.into_status();
            match own(error.into()) {
                Ok(own) => own.with_status(status),
                Err(other) => {
                    IOServerError::internal(other).with_status(status).with_name("IOServerError")
                }
            }
        })
    }
}

/// An error that is one of ours already.
fn own(
    error: Box<dyn StdError + Send + Sync>,
) -> Result<IOServerError, Box<dyn StdError + Send + Sync>> {
    error.downcast().map(|own| *own)
}

mod sealed {
    #[expect(unnameable_types, reason = "that is the point of sealing")]
    pub trait Sealed {}
    impl<T, E> Sealed for Result<T, E> {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_of_ours_keeps_its_name_and_its_code() {
        let conflict = || Err::<(), _>(IOServerError::conflict().with_code("ERR_TAKEN"));
        let error = conflict().internal().unwrap_err();
        assert_eq!((error.status(), error.code()), (409, Some("ERR_TAKEN")));
        let error = conflict().status(422).unwrap_err();
        assert_eq!((error.status(), error.name()), (422, Some("ConflictError")));
    }

    #[test]
    fn another_error_is_a_500_or_the_status_that_is_named() {
        let number = || "x".parse::<u8>();
        let error = number().internal().unwrap_err();
        assert_eq!((error.status(), error.name()), (500, None));
        assert_eq!(error.message(), number().unwrap_err().to_string());
        let error = number().status(400).unwrap_err();
        assert_eq!((error.status(), error.name()), (400, Some("IOServerError")));
    }

    #[test]
    fn an_error_of_json_passes_through_the_question_mark() {
        let read = |text: &str| -> Result<serde_json::Value> { Ok(serde_json::from_str(text)?) };
        assert_eq!(read("[").unwrap_err().status(), 500);
    }
}
