use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::os::unix::fs::OpenOptionsExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use redb::{
    Database, DatabaseError, ReadableDatabase, ReadableTable, StorageError, TableDefinition,
};

use super::{Backend, BackendError, Record};

/// `GROUP/VERSION/PLURAL/NAMESPACE/NAME` to four bytes (little endian: where the revision stands)
/// and the object's JSON.
const OBJECTS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("objects");
/// `revision` to the last revision.
const COUNTERS: TableDefinition<'_, &str, u64> = TableDefinition::new("counters");
const REVISION: &str = "revision";
/// The memory image answers all reads: the pages need no cache beyond those being written.
const CACHE_BYTES: usize = 4 << 20;

/// The durable backend: one `redb` file.
#[derive(Debug)]
pub struct File {
    path: PathBuf,
    database: Database,
}

impl File {
    /// Opens the file, or creates it.
    pub fn open(path: &Path) -> Result<Self, BackendError> {
        let open =
            |message: String| BackendError::Open { path: path.display().to_string(), message };
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            // Secrets are in it.
            .mode(0o600)
            .open(path)
            .map_err(|error| open(error.to_string()))?;
        let database = guarded(path, || {
            let mut builder = Database::builder();
            builder.set_cache_size(CACHE_BYTES).create_file(file).map_err(|error| {
                if is_usable(&error) {
                    return open(error.to_string());
                }
                BackendError::Damaged {
                    path: path.display().to_string(),
                    message: error.to_string(),
                }
            })
        })?;
        Ok(Self { path: path.to_owned(), database })
    }

    fn read_all(&self, visit: &mut dyn FnMut(Record)) -> Result<u64, redb::Error> {
        let transaction = self.database.begin_read()?;
        let counters = match transaction.open_table(COUNTERS) {
            Ok(counters) => counters,
            Err(redb::TableError::TableDoesNotExist(_)) => return Ok(0),
            Err(error) => return Err(error.into()),
        };
        let revision = counters.get(REVISION)?.map_or(0, |revision| revision.value());
        for entry in transaction.open_table(OBJECTS)?.iter()? {
            let (path, value) = entry?;
            let path = path.value().to_owned();
            let Some((place, json)) = value.value().split_first_chunk::<4>() else {
                return Err(redb::Error::Corrupted(format!("the record `{path}` is too short")));
            };
            let place = u32::from_le_bytes(*place) as usize;
            let object = Some((place, Bytes::copy_from_slice(json)));
            visit(Record { path, revision, object });
        }
        Ok(revision)
    }

    fn write_all(&self, batch: &[Record]) -> Result<(), redb::Error> {
        let transaction = self.database.begin_write()?;
        {
            let mut objects = transaction.open_table(OBJECTS)?;
            let mut counters = transaction.open_table(COUNTERS)?;
            for Record { path, object, .. } in batch {
                let Some((place, json)) = object else {
                    objects.remove(path.as_str())?;
                    continue;
                };
                let place =
                    u32::try_from(*place).map_err(|_| redb::Error::ValueTooLarge(*place))?;
                let mut value = Vec::with_capacity(4 + json.len());
                value.extend_from_slice(&place.to_le_bytes());
                value.extend_from_slice(json);
                objects.insert(path.as_str(), value.as_slice())?;
            }
            if let Some(last) = batch.last() {
                counters.insert(REVISION, last.revision)?;
            }
        }
        transaction.commit()?;
        Ok(())
    }
}

impl Backend for File {
    fn load(&mut self, visit: &mut dyn FnMut(Record)) -> Result<u64, BackendError> {
        guarded(&self.path, || {
            self.read_all(visit).map_err(|error| BackendError::Damaged {
                path: self.path.display().to_string(),
                message: error.to_string(),
            })
        })
    }

    fn append(&mut self, batch: &[Record]) -> Result<(), BackendError> {
        self.write_all(batch).map_err(|error| BackendError::Write {
            path: self.path.display().to_string(),
            message: error.to_string(),
        })
    }
}

/// Whether the file may be whole although it could not be opened.
fn is_usable(error: &DatabaseError) -> bool {
    match error {
        DatabaseError::DatabaseAlreadyOpen => true,
        DatabaseError::Storage(StorageError::Io(error)) => {
            !matches!(error.kind(), ErrorKind::InvalidData | ErrorKind::UnexpectedEof)
        }
        _ => false,
    }
}

/// Runs what reads the file; a panic over unexpected bytes is a damaged file, not a crash.
fn guarded<T>(
    path: &Path,
    read: impl FnOnce() -> Result<T, BackendError>,
) -> Result<T, BackendError> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| {
        Err(BackendError::Damaged {
            path: path.display().to_string(),
            message: "its pages do not fit together".to_owned(),
        })
    })
}
