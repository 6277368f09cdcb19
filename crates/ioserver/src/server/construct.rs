//! What a component's constructor may return: the component, or a `Result` of it.

use crate::{
    BaseController, BaseManager, BaseService, BaseWatcher, IOServerError, Result, options::Optional,
};

/// What a constructor returned. Implemented for components and for `Result`s of components.
#[diagnostic::on_unimplemented(
    message = "a constructor that returns `{Self}` makes no such component",
    note = "return the component itself, or a `Result` of it"
)]
pub trait Constructed<T, Kind>: Sized {
    #[doc(hidden)]
    const OPTIONAL: bool = false;
    /// The component.
    ///
    /// # Errors
    ///
    /// The constructor's error.
    fn constructed(self) -> Result<T>;
}

macro_rules! kinds {
    ($($kind:ident $component:ident),*) => {$(
        /// Names a kind of component, so that each has constructors of its own.
        #[derive(Debug)]
        #[expect(unnameable_types, reason = "only bounds name it")]
        pub enum $kind {}

        impl<T: $component> Constructed<T, $kind> for T {
            fn constructed(self) -> Result<T> {
                Ok(self)
            }
        }

        impl<T: $component, E: Into<IOServerError>> Constructed<T, $kind> for Result<T, E> {
            fn constructed(self) -> Result<T> {
                self.map_err(Into::into)
            }
        }
    )*};
}
kinds!(
    AsManager BaseManager, AsWatcher BaseWatcher, AsService BaseService, AsController BaseController
);

impl<T, O: Constructed<T, AsManager>> Constructed<T, AsManager> for Optional<O> {
    const OPTIONAL: bool = true;
    fn constructed(self) -> Result<T> {
        self.0.constructed()
    }
}
