//! Panics as errors.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Does some work; a panic in it becomes an error with the panic's message.
///
/// burn's operations panic on shapes that do not fit and on devices that fail. Values that the work was changing
/// are left as the panic found them. What the panic hook prints is printed.
///
/// # Errors
///
/// The message of the panic.
///
/// # Examples
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_admm::catch_panic;
///
/// let x = Tensor::<2>::ones([2, 3], &Device::flex());
/// assert_eq!(catch_panic(|| x.dims()), Ok([2, 3]));
/// assert!(catch_panic(|| x.clone().matmul(x)).is_err());
/// ```
pub fn catch_panic<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(message)
}

fn message(payload: Box<dyn Any + Send>) -> String {
    match payload.downcast::<String>() {
        Ok(text) => *text,
        Err(payload) => match payload.downcast::<&str>() {
            Ok(text) => (*text).to_owned(),
            Err(_) => "a panic without a message".to_owned(),
        },
    }
}
