//! `#[derive(Middleware)]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Error, Fields, Ident, Result};

pub(crate) fn expand(input: &DeriveInput) -> Result<TokenStream> {
    let (name, visibility) = (&input.ident, &input.vis);
    let is_named =
        matches!(&input.data, Data::Struct(data) if matches!(data.fields, Fields::Named(_)));
    if !is_named {
        let message =
            "write this as `struct Name {}`: the name of a unit or tuple struct is a value already";
        return Err(Error::new_spanned(name, message));
    }
    let context = input.attrs.iter().find(|attribute| attribute.path().is_ident("middleware"));
    let Some(context) = context else {
        let message = "add `#[middleware(Request)]` or `#[middleware(Handshake)]`";
        return Err(Error::new_spanned(name, message));
    };
    let context = context.parse_args::<Ident>()?;
    let doc = format!("[`{name}`](struct@{name}), as a `middlewares` list names it.");
    Ok(quote! {
        #[doc = #doc]
        #[allow(non_upper_case_globals)]
        #visibility const #name: ::ioserver::Middleware<::ioserver::#context> =
            ::ioserver::Middleware::of::<#name>();
    })
}
