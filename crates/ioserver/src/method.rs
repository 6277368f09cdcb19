//! Async methods as values: what a component registers under a name.

use std::future::Future;

use crate::{Reply, Request};

/// An async method of `S`. Implemented for every `async fn(&S, …)` of up to six arguments.
///
/// The lifetime lets a method borrow `&self` across its awaits.
pub trait AsyncMethod<'a, S: 'a, Args> {
    /// What the method returns.
    type Output;
    /// The method's future.
    type Future: Future<Output = Self::Output> + Send + 'a;
    /// Calls the method.
    fn invoke(&self, this: &'a S, args: Args) -> Self::Future;
}

/// An `async fn(&C, &mut Request) -> R`: a hook that runs before the handler.
pub trait AsyncHook<'a, C: 'a> {
    /// What the hook returns.
    type Output;
    /// The hook's future.
    type Future: Future<Output = Self::Output> + Send + 'a;
    /// Calls the hook.
    fn invoke(&self, this: &'a C, request: &'a mut Request) -> Self::Future;
}

impl<'a, C: 'a, F, Fut> AsyncHook<'a, C> for F
where
    F: Fn(&'a C, &'a mut Request) -> Fut,
    Fut: Future + Send + 'a,
{
    type Output = Fut::Output;
    type Future = Fut;
    fn invoke(&self, this: &'a C, request: &'a mut Request) -> Fut {
        self(this, request)
    }
}

/// An `async fn(&C, &mut Request, &mut Reply) -> R`: a hook that looks at the reply.
pub trait AsyncReplyHook<'a, C: 'a> {
    /// What the hook returns.
    type Output;
    /// The hook's future.
    type Future: Future<Output = Self::Output> + Send + 'a;
    /// Calls the hook.
    fn invoke(&self, this: &'a C, request: &'a mut Request, reply: &'a mut Reply) -> Self::Future;
}

impl<'a, C: 'a, F, Fut> AsyncReplyHook<'a, C> for F
where
    F: Fn(&'a C, &'a mut Request, &'a mut Reply) -> Fut,
    Fut: Future + Send + 'a,
{
    type Output = Fut::Output;
    type Future = Fut;
    fn invoke(&self, this: &'a C, request: &'a mut Request, reply: &'a mut Reply) -> Fut {
        self(this, request, reply)
    }
}

/// An `async fn(&C, &mut Request, IOServerError) -> R`: an error handler.
pub trait AsyncErrorHandler<'a, C: 'a> {
    /// What the handler returns.
    type Output;
    /// The handler's future.
    type Future: Future<Output = Self::Output> + Send + 'a;
    /// Calls the handler.
    fn invoke(
        &self,
        this: &'a C,
        request: &'a mut Request,
        error: crate::IOServerError,
    ) -> Self::Future;
}

impl<'a, C: 'a, F, Fut> AsyncErrorHandler<'a, C> for F
where
    F: Fn(&'a C, &'a mut Request, crate::IOServerError) -> Fut,
    Fut: Future + Send + 'a,
{
    type Output = Fut::Output;
    type Future = Fut;
    fn invoke(&self, this: &'a C, request: &'a mut Request, error: crate::IOServerError) -> Fut {
        self(this, request, error)
    }
}

/// The arguments of a method. Keeps them apart from payloads: a tuple is deserializable too.
#[derive(Debug)]
pub struct Args<T>(pub(crate) T);

/// The body that one of several extractors reads.
const fn first(bodies: &[Option<&'static str>]) -> Option<&'static str> {
    let mut index = 0;
    while index < bodies.len() {
        if bodies[index].is_some() {
            return bodies[index];
        }
        index += 1;
    }
    None
}

macro_rules! methods {
    ($($name:ident)*) => {
        #[allow(non_snake_case)]
        impl<'a, S: 'a, F, Fut, $($name),*> AsyncMethod<'a, S, Args<($($name,)*)>> for F
        where
            F: Fn(&'a S $(, $name)*) -> Fut,
            Fut: Future + Send + 'a,
        {
            type Output = Fut::Output;
            type Future = Fut;
            fn invoke(&self, this: &'a S, Args(($($name,)*)): Args<($($name,)*)>) -> Fut {
                self(this $(, $name)*)
            }
        }

        impl<$($name: crate::service::FromEvent),*> crate::service::FromEvent for Args<($($name,)*)> {
            #[allow(unused_variables)]
            fn from_event(call: &mut crate::service::Call) -> crate::Result<Self> {
                Ok(Self(($($name::from_event(call)?,)*)))
            }
        }

        impl<$($name: crate::extract::FromRequest),*> crate::extract::FromRequest for Args<($($name,)*)> {
            const BODY: Option<&'static str> = first(&[$($name::BODY),*]);

            #[allow(unused_variables)]
            async fn from_request(request: &mut Request) -> crate::Result<Self> {
                Ok(Self(($($name::from_request(request).await?,)*)))
            }
        }
    };
}
methods!();
methods!(A);
methods!(A B);
methods!(A B C);
methods!(A B C D);
methods!(A B C D E);
methods!(A B C D E F1);
