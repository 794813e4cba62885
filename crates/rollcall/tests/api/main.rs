//! The API as its clients see it: a real listener, a real database, real receivers on loopback.

mod support;
mod teams;
