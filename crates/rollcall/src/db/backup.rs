//! Backups of the SQLite file, taken while it is in use, and their way back.
