//! `#[service]`.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{Error, ImplItemFn, ItemImpl, LitStr, Result, ext::IdentExt, meta, parse::Parser};

use crate::{
    methods::{argument_types, attribute, exposed, names, refuse_in_vain, strip},
    signature::{check_event, return_span, return_type},
};

pub(crate) fn expand(options: TokenStream, mut block: ItemImpl) -> Result<TokenStream> {
    let camel_case = camel_case(options)?;
    refuse_in_vain(&block, "event")?;
    refuse_in_vain(&block, "any")?;
    let events =
        exposed(&block).map(|method| event(method, camel_case)).collect::<Result<Vec<_>>>()?;
    strip(&mut block, "event");
    strip(&mut block, "any");
    let this = &block.self_ty;
    let (generics, _, clause) = block.generics.split_for_impl();
    Ok(quote! {
        // `pub` says that a method is an event, also in a private type and with private payloads.
        #[allow(private_interfaces, unreachable_pub)]
        #block
        impl #generics ::ioserver::BaseService for #this #clause {
            fn events(on: &mut ::ioserver::Events<Self>) {
                use ::ioserver::__private;
                #(#events)*
            }
        }
    })
}

/// Registers one method under its event's name.
fn event(method: &ImplItemFn, camel_case: bool) -> Result<TokenStream> {
    let name = &method.sig.ident;
    let event = match attribute(method, "event") {
        Some(attribute) => attribute.parse_args::<LitStr>()?.value(),
        None if camel_case => to_camel_case(&name.unraw().to_string()),
        None => name.unraw().to_string(),
    };
    check_event(method)?;
    let types = argument_types(method).collect::<Vec<_>>();
    let arguments = names(types.len());
    let into_ack = match return_type(method) {
        Some(kind) => quote!(<#kind as __private::IntoAck>::into_ack),
        None => quote_spanned!(return_span(method)=> __private::IntoAck::into_ack),
    };
    let answer = quote! {
        |this, call| __private::Box::pin(async move {
            #( let #arguments = <#types as __private::FromEvent>::from_event(call)?; )*
            #into_ack(this.#name(#(#arguments),*).await, call.ack())
        })
    };
    Ok(match attribute(method, "any") {
        Some(_) => quote!(on.any_fn(#answer);),
        None => quote!(on.event_fn(#event, #answer);),
    })
}

fn camel_case(options: TokenStream) -> Result<bool> {
    let mut camel_case = false;
    let parser = meta::parser(|meta| {
        let help = "write `rename_all = \"camelCase\"`, or nothing";
        if !meta.path.is_ident("rename_all") {
            return Err(meta.error(help));
        }
        let style = meta.value()?.parse::<LitStr>()?;
        if style.value() != "camelCase" {
            return Err(Error::new(style.span(), help));
        }
        camel_case = true;
        Ok(())
    });
    parser.parse2(options)?;
    Ok(camel_case)
}

fn to_camel_case(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |joined, word| {
        let mut letters = word.chars();
        let initial = letters.next().map(|letter| letter.to_ascii_uppercase());
        joined + &initial.into_iter().chain(letters).collect::<String>()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_camel_case() {
        assert_eq!(to_camel_case("send_message"), "sendMessage");
        assert_eq!(to_camel_case("echo"), "echo");
    }
}
