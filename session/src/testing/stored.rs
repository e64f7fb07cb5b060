//! What storages keep, read without a server.

#[cfg(feature = "redis")]
pub use self::redis::hash;
#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
pub use self::sql::Data;

use crate::storage::cookie::Sealed;

/// Returns the bytes of a session in a cookie, read and written again, if they are such.
pub fn cookie(bytes: &[u8]) -> Option<Vec<u8>> {
    Sealed::read(bytes)?.write().ok()
}

#[cfg(feature = "redis")]
mod redis {
    use crate::error::StorageError;
    use crate::record::Record;
    use crate::storage::redis::read;

    /// Returns the session that the fields of a hash are.
    pub fn hash<'p>(pairs: impl IntoIterator<Item = (&'p str, &'p str)>) -> Result<Record, StorageError> {
        read(pairs.into_iter().flat_map(|(name, text)| [name.as_bytes(), text.as_bytes()]).collect())
    }
}

#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
mod sql {
    use crate::record::Fields;
    use crate::storage::sql::Codec;

    /// The column `data`, as a database keeps it.
    #[derive(Debug, Clone, Copy)]
    pub struct Data(Codec);

    impl Data {
        /// The columns of SQLite, of MariaDB and MySQL, and of PostgreSQL.
        pub const ALL: [Self; 3] = [
            Self(Codec { paths: true, parses: false }),
            Self(Codec { paths: true, parses: true }),
            Self(Codec { paths: false, parses: true }),
        ];

        /// Returns what is written into the column.
        pub fn write(self, fields: &Fields) -> String {
            self.0.encode(fields)
        }

        /// Returns the fields of what was read from the column.
        pub fn read(self, data: &str) -> serde_json::Result<Fields> {
            self.0.decode(data).map(|fields| fields.fields())
        }
    }
}
