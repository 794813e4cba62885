//! Teams: made, listed, renamed, deleted.
