//! The accounts, in SQLite.

use std::{
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use ioserver::{BaseManager, Capabilities, IOServerError, Result};
use ioserver_oidc::{LocalUser, OidcUserContext, UserDirectory};
use rusqlite::{Connection, OptionalExtension, params};
use rusqlite_migration::{M, Migrations};

const STEPS: &[M<'_>] = &[
    M::up(include_str!("../../migrations/1-users.sql")),
    M::up(include_str!("../../migrations/2-demo-accounts.sql")),
];
const MIGRATIONS: Migrations<'_> = Migrations::from_slice(STEPS);

/// The local account behind each `sub`; made on the first visit.
#[derive(Clone)]
pub(crate) struct UsersManager {
    database: Arc<Mutex<Connection>>,
}

impl UsersManager {
    /// Opens the database file and brings its schema up to date.
    pub(crate) fn open(file: &Path) -> Result<Self> {
        let opened = Connection::open(file).map_err(IOServerError::internal).and_then(|mut db| {
            MIGRATIONS.to_latest(&mut db).map_err(IOServerError::internal)?;
            Ok(db)
        });
        let database = opened.map_err(|error| {
            let file = file.display();
            let message = format!("database `{file}`: {error}; set DATABASE to a writable file");
            IOServerError::new(message, 500_u16)
        })?;
        Ok(Self { database: Arc::new(Mutex::new(database)) })
    }

    fn database(&self) -> MutexGuard<'_, Connection> {
        self.database.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn find_or_insert(&self, user: &OidcUserContext) -> rusqlite::Result<LocalUser> {
        let database = self.database();
        let find = "SELECT id, role, is_disabled FROM users WHERE sub = ?1";
        let found = database.query_row(find, [&user.sub], local_user).optional()?;
        match found {
            Some(user) => Ok(user),
            None => {
                let insert = "INSERT INTO users (sub, email, name) VALUES (?1, ?2, ?3)
                              RETURNING id, role, is_disabled";
                database.query_row(insert, params![user.sub, user.email, user.name], local_user)
            }
        }
    }
}

fn local_user(row: &rusqlite::Row<'_>) -> rusqlite::Result<LocalUser> {
    let id: i64 = row.get(0)?;
    let role: String = row.get(1)?;
    Ok(LocalUser::new(id.to_string(), role).disabled(row.get(2)?))
}

impl BaseManager for UsersManager {
    fn provide(self: Arc<Self>, capabilities: &mut Capabilities) {
        capabilities.add::<dyn UserDirectory>(self);
    }
}

#[async_trait]
impl UserDirectory for UsersManager {
    async fn find_or_create(&self, user: &OidcUserContext) -> Result<Option<LocalUser>> {
        let (this, user) = (self.clone(), user.clone());
        // SQLite waits for the disk; the threads that serve sockets do not.
        let looked_up = tokio::task::spawn_blocking(move || this.find_or_insert(&user)).await;
        looked_up.map_err(IOServerError::internal)?.map(Some).map_err(IOServerError::internal)
    }
}
