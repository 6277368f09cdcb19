//! Sockets for admins.

use ioserver::{AppHandle, BaseMiddleware, ConnectError, Handshake, Middleware};

use crate::{OidcUserContext, refusal::Refusal};

/// Lets in admins only. Goes after [`OidcSocketMiddleware`](struct@crate::OidcSocketMiddleware).
///
/// An admin is who has `admin` among the token's `roles`. The role of the users manager does not
/// count, as in the original; [`user_role`](OidcUserContext::user_role) does where another
/// middleware left a user without any list of roles. Others hear `ERR_FORBIDDEN`, and so does
/// everybody where no middleware left a user.
#[derive(Debug, Default, Middleware)]
#[middleware(Handshake)]
pub struct OidcSocketAdminMiddleware {}

impl BaseMiddleware<Handshake> for OidcSocketAdminMiddleware {
    async fn handle(&self, handshake: &mut Handshake, _: &AppHandle) -> Result<(), ConnectError> {
        let user = handshake.socket().get::<OidcUserContext>();
        if user.is_some_and(|user| is_admin(&user)) {
            Ok(())
        } else {
            Err(Refusal::Forbidden.into())
        }
    }
}

fn is_admin(user: &OidcUserContext) -> bool {
    const ADMIN: &str = "admin";
    if user.roles.is_given() { user.roles.contains(ADMIN) } else { user.user_role == ADMIN }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_roles_wins_over_the_role() {
        let mut user = OidcUserContext::default();
        assert!(!is_admin(&user));
        user.user_role = "admin".into();
        assert!(is_admin(&user), "no list was given");
        user.roles = [""; 0].into_iter().collect();
        assert!(!is_admin(&user), "an empty list was given");
        user.roles = ["administrator", "ADMIN"].into_iter().collect();
        assert!(!is_admin(&user));
        user.roles = ["x", "admin"].into_iter().collect();
        user.user_role = "user".into();
        assert!(is_admin(&user));
    }

    #[test]
    fn a_role_that_is_no_text_is_no_admin() {
        let mut user = OidcUserContext::default();
        user.user_role = serde_json::json!(["admin"]).into();
        assert!(!is_admin(&user));
    }
}
