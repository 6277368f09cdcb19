use ioserver::{Json, controller, extract::Ext};
use ioserver_oidc::OidcUserContext;

/// `/me`: who the token says one is.
pub(crate) struct MeController;

#[controller]
impl MeController {
    pub async fn get_me(&self, Ext(user): Ext<OidcUserContext>) -> Json<OidcUserContext> {
        Json(user)
    }
}
