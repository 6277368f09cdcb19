//! `#[controller]`.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{Error, Ident, ImplItemFn, ItemImpl, Meta, Result, Type, ext::IdentExt};

use crate::{
    methods::{argument_types, attribute, exposed, names, refuse_in_vain, strip},
    signature::{
        check_error_handler, check_handler, check_hook, check_reply_hook, return_span, return_type,
    },
};

pub(crate) fn expand(mut block: ItemImpl) -> Result<TokenStream> {
    refuse_in_vain(&block, "hook")?;
    let entries = exposed(&block).map(entry).collect::<Result<Vec<_>>>()?;
    strip(&mut block, "hook");
    let this = &block.self_ty;
    let (generics, _, clause) = block.generics.split_for_impl();
    Ok(quote! {
        // `pub` says that routes may name a method, also in a private type and with private payloads.
        #[allow(private_interfaces, unreachable_pub)]
        #block
        impl #generics ::ioserver::BaseController for #this #clause {
            fn handlers(on: &mut ::ioserver::Handlers<Self>) {
                use ::ioserver::__private;
                #(#entries)*
            }
        }
    })
}

/// Registers one method as a hook or as a handler.
fn entry(method: &ImplItemFn) -> Result<TokenStream> {
    let Some(hook) = attribute(method, "hook") else { return handler(method) };
    if matches!(hook.meta, Meta::Path(_)) {
        check_hook(method)?;
        return Ok(register(method, "hook"));
    }
    let kind = hook.parse_args::<Ident>()?;
    match kind.to_string().as_str() {
        "reply" => check_reply_hook(method).map(|()| register(method, "reply_hook")),
        "error" => check_error_handler(method).map(|()| register(method, "error_handler")),
        _ => Err(Error::new(kind.span(), "write `#[hook]`, `#[hook(reply)]` or `#[hook(error)]`")),
    }
}

/// `on.hook("name", Self::name);`, where an error about it is one about what the method returns.
fn register(method: &ImplItemFn, kind: &str) -> TokenStream {
    let (span, text) = (return_span(method), method.sig.ident.unraw().to_string());
    let (mut name, kind) = (method.sig.ident.clone(), Ident::new(kind, span));
    name.set_span(span);
    quote_spanned! { span=> on.#kind(#text, Self::#name); }
}

fn handler(method: &ImplItemFn) -> Result<TokenStream> {
    check_handler(method)?;
    let (name, text) = (&method.sig.ident, method.sig.ident.unraw().to_string());
    let types = argument_types(method).collect::<Vec<_>>();
    let arguments = names(types.len());
    let taken = types.iter().copied().zip(&arguments).filter(|(kind, _)| !is_request(kind));
    let (types, extracted): (Vec<&Type>, Vec<&Ident>) = taken.unzip();
    let passed = argument_types(method)
        .zip(&arguments)
        .map(|(kind, argument)| if is_request(kind) { quote!(request) } else { quote!(#argument) });
    let into_reply = match return_type(method) {
        Some(kind) => quote!(<#kind as __private::IntoReply>::into_reply),
        None => quote_spanned!(return_span(method)=> __private::IntoReply::into_reply),
    };
    Ok(quote! {
        #( on.reads(#text, <#types as __private::FromRequest>::BODY); )*
        on.handler_fn(#text, |this, request: &mut __private::Request| __private::Box::pin(async move {
            #(
                let #extracted = match <#types as __private::FromRequest>::from_request(request).await {
                    Ok(argument) => argument,
                    Err(error) => return __private::Reply::from(error),
                };
            )*
            #into_reply(this.#name(#(#passed),*).await)
        }));
    })
}

/// `&mut Request` is passed on, and nothing is taken out of it.
fn is_request(kind: &Type) -> bool {
    matches!(kind, Type::Reference(_))
}
