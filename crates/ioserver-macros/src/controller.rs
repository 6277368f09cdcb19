//! `#[controller]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Error, Ident, ImplItemFn, ItemImpl, Meta, Result, Type, ext::IdentExt};

use crate::methods::{argument_types, attribute, exposed, names, refuse_in_vain, strip};

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
    let (name, text) = (&method.sig.ident, method.sig.ident.unraw().to_string());
    let Some(hook) = attribute(method, "hook") else { return Ok(handler(method)) };
    if matches!(hook.meta, Meta::Path(_)) {
        return Ok(quote! { on.hook(#text, Self::#name); });
    }
    let kind = hook.parse_args::<Ident>()?;
    match kind.to_string().as_str() {
        "reply" => Ok(quote! { on.reply_hook(#text, Self::#name); }),
        "error" => Ok(quote! { on.error_handler(#text, Self::#name); }),
        _ => Err(Error::new(kind.span(), "write `#[hook]`, `#[hook(reply)]` or `#[hook(error)]`")),
    }
}

fn handler(method: &ImplItemFn) -> TokenStream {
    let (name, text) = (&method.sig.ident, method.sig.ident.unraw().to_string());
    let types = argument_types(method).collect::<Vec<_>>();
    let arguments = names(types.len());
    let taken = types.iter().copied().zip(&arguments).filter(|(kind, _)| !is_request(kind));
    let (types, extracted): (Vec<&Type>, Vec<&Ident>) = taken.unzip();
    let passed = argument_types(method)
        .zip(&arguments)
        .map(|(kind, argument)| if is_request(kind) { quote!(request) } else { quote!(#argument) });
    quote! {
        on.handler_fn(#text, |this, request: &mut __private::Request| __private::Box::pin(async move {
            #(
                let #extracted = match <#types as __private::FromRequest>::from_request(request).await {
                    Ok(argument) => argument,
                    Err(error) => return __private::Reply::from(error),
                };
            )*
            __private::IntoReply::into_reply(this.#name(#(#passed),*).await)
        }));
    }
}

/// `&mut Request` is passed on, and nothing is taken out of it.
fn is_request(kind: &Type) -> bool {
    matches!(kind, Type::Reference(_))
}
