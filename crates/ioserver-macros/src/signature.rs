//! What is wrong with a method's signature, said where it stands.

use proc_macro2::Span;
use quote::ToTokens;
use syn::{Error, ImplItemFn, Result, ReturnType, Type, TypeReference, spanned::Spanned};

use crate::methods::argument_types;

/// How many arguments of an event a method can take one by one.
const MOST_ARGUMENTS: usize = 5;

/// A handler takes one `&mut Request` at most, and what extractors take out of it.
pub(crate) fn check_handler(method: &ImplItemFn) -> Result<()> {
    let mut has_request = false;
    for kind in argument_types(method) {
        let help = match (reference(kind), name(kind).as_deref()) {
            (Some(_), Some("Reply")) | (None, Some("Reply")) => {
                "a handler takes `&mut Request` or extractors such as `Params<T>` and `Json<T>`; it \
                 returns its reply. A hook that looks at replies is marked `#[hook(reply)]`"
            }
            (None, Some("Request")) => "write `&mut Request`",
            (Some(to), Some("Request")) if to.mutability.is_none() => "write `&mut Request`",
            (None, _) => continue,
            (Some(to), _) if to.mutability.is_none() => {
                "a handler takes owned extractors such as `Params<T>` and `Json<T>`, or `&mut Request`"
            }
            (Some(_), _) if has_request => "a handler takes one `&mut Request`",
            (Some(_), _) => {
                has_request = true;
                continue;
            }
        };
        return Err(Error::new_spanned(kind, help));
    }
    Ok(())
}

/// An event method takes owned arguments, and no more than can be taken one by one.
pub(crate) fn check_event(method: &ImplItemFn) -> Result<()> {
    const NO_PAYLOAD: [&str; 5] = ["Ack", "AppHandle", "Arguments", "EventName", "Socket"];
    if let Some(kind) = argument_types(method).find(|kind| reference(kind).is_some()) {
        let help = "an event method takes owned arguments: `Socket`, `Ack`, `AppHandle`, or types \
                    that implement `serde::Deserialize`, such as `String` for `&str`";
        return Err(Error::new_spanned(kind, help));
    }
    let is_payload =
        |kind: &&Type| !name(kind).is_some_and(|name| NO_PAYLOAD.contains(&name.as_str()));
    match argument_types(method).filter(is_payload).nth(MOST_ARGUMENTS) {
        Some(kind) => {
            let help = "an event method takes at most five of the event's arguments one by one; \
                        take all of them as `Arguments`, or let the client send one object";
            Err(Error::new_spanned(kind, help))
        }
        None => Ok(()),
    }
}

/// A hook before the handler takes the request alone.
pub(crate) fn check_hook(method: &ImplItemFn) -> Result<()> {
    let kinds: Vec<&Type> = argument_types(method).collect();
    if let Some(second) = kinds.get(1) {
        let help = match name(second).as_deref() {
            Some("Reply") => {
                "a hook before the handler takes `(&self, &mut Request)`; write `#[hook(reply)]` for \
                 one that looks at the reply. To answer from here, return `Err(reply)`"
            }
            Some("IOServerError") => "write `#[hook(error)]` for a method that answers errors",
            _ => "a hook takes `(&self, &mut Request)`; what else it needs it asks the request for",
        };
        return Err(Error::new_spanned(second, help));
    }
    takes_request(method, kinds.first().copied(), "a hook takes `(&self, &mut Request)`")
}

/// A hook on replies takes the request and the reply.
pub(crate) fn check_reply_hook(method: &ImplItemFn) -> Result<()> {
    let help = "`#[hook(reply)]` takes `(&self, &mut Request, &mut Reply)`";
    let kinds: Vec<&Type> = argument_types(method).collect();
    takes_request(method, kinds.first().copied(), help)?;
    match kinds[1..] {
        [reply] if is_mutable(reply) && name(reply).as_deref() != Some("Request") => Ok(()),
        [other, ..] => Err(Error::new_spanned(other, help)),
        [] => Err(Error::new(method.sig.ident.span(), help)),
    }
}

/// An error handler takes the request and the error.
pub(crate) fn check_error_handler(method: &ImplItemFn) -> Result<()> {
    let help = "`#[hook(error)]` takes `(&self, &mut Request, IOServerError)` and returns a reply";
    let kinds: Vec<&Type> = argument_types(method).collect();
    takes_request(method, kinds.first().copied(), help)?;
    match kinds[1..] {
        [error] if reference(error).is_none() => Ok(()),
        [other, ..] => Err(Error::new_spanned(other, help)),
        [] => Err(Error::new(method.sig.ident.span(), help)),
    }
}

fn takes_request(method: &ImplItemFn, first: Option<&Type>, help: &str) -> Result<()> {
    match first {
        Some(kind) if is_mutable(kind) && name(kind).as_deref() != Some("Reply") => Ok(()),
        Some(kind) => Err(Error::new_spanned(kind, help)),
        None => Err(Error::new(method.sig.ident.span(), help)),
    }
}

/// Where errors about what a method returns belong.
pub(crate) fn return_span(method: &ImplItemFn) -> Span {
    match &method.sig.output {
        ReturnType::Default => method.sig.ident.span(),
        ReturnType::Type(_, kind) => kind.span(),
    }
}

/// What a method returns, if that can be written where it is called.
pub(crate) fn return_type(method: &ImplItemFn) -> Option<&Type> {
    match &method.sig.output {
        ReturnType::Default => None,
        ReturnType::Type(_, kind) => {
            let mut tokens = kind.to_token_stream().into_iter();
            let is_opaque =
                tokens.any(|token| token.to_string().split(' ').any(|word| word == "impl"));
            (!is_opaque).then_some(kind)
        }
    }
}

fn reference(kind: &Type) -> Option<&TypeReference> {
    match kind {
        Type::Reference(reference) => Some(reference),
        _ => None,
    }
}

fn is_mutable(kind: &Type) -> bool {
    reference(kind).is_some_and(|reference| reference.mutability.is_some())
}

/// The last word of a path, such as `Request` of `&mut ioserver::Request`.
fn name(kind: &Type) -> Option<String> {
    match kind {
        Type::Reference(reference) => name(&reference.elem),
        Type::Path(path) => path.path.segments.last().map(|segment| segment.ident.to_string()),
        _ => None,
    }
}
