//! Makes the console's assets: names them by their content and compresses them once, when the program is built.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use sha2::{Digest, Sha256};

/// What browsers get, and the files that each is made of.
const ASSETS: [(&str, &str, &[&str]); 5] = [
    ("console.css", "text/css; charset=utf-8", &["console.css", "controls.css", "parts.css"]),
    // htmx keeps nothing on its own behalf; the console's own lines come after it.
    ("console.js", "text/javascript; charset=utf-8", &["htmx/htmx.min.js", "console.js"]),
    ("icons.svg", "image/svg+xml", &["icons.svg"]),
    ("push-worker.js", "text/javascript; charset=utf-8", &["push-worker.js"]),
    ("mark.svg", "image/svg+xml", &["mark.svg"]),
];

#[expect(clippy::disallowed_methods, reason = "this is how cargo tells a build script where to write")]
fn main() {
    let folder = Path::new("src/console/assets");
    println!("cargo::rerun-if-changed={}", folder.display());
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo sets OUT_DIR"));
    let mut table = format!("static ASSETS: [Asset; {}] = [\n", ASSETS.len());
    for (name, media, parts) in ASSETS {
        let parts = parts.iter().map(|part| fs::read(folder.join(part)).expect("an asset can be read"));
        let bytes = parts.collect::<Vec<_>>().join(&b"\n"[..]);
        let digest: String = Sha256::digest(&bytes).iter().take(6).fold(String::new(), |mut text, byte| {
            write!(text, "{byte:02x}").expect("a string takes everything");
            text
        });
        let (stem, kind) = name.split_once('.').expect("a name has a kind");
        for (ending, bytes) in [("plain", bytes.clone()), ("gz", gzip(&bytes)), ("br", brotli(&bytes))] {
            fs::write(out.join(format!("{name}.{ending}")), bytes).expect("OUT_DIR can be written");
        }
        let file = |ending| format!("include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{name}.{ending}\"))");
        writeln!(
            table,
            "Asset {{ name: {name:?}, hashed: \"{stem}.{digest}.{kind}\", media: {media:?}, tag: \"\\\"{digest}\\\"\", \
             plain: {}, gzip: {}, brotli: {} }},",
            file("plain"),
            file("gz"),
            file("br"),
        )
        .expect("a string takes everything");
    }
    table.push_str("];\n");
    fs::write(out.join("assets.rs"), table).expect("OUT_DIR can be written");
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).expect("memory can be written");
    encoder.finish().expect("memory can be written")
}

fn brotli(bytes: &[u8]) -> Vec<u8> {
    let mut compressed = Vec::new();
    let mut writer = brotli::CompressorWriter::new(&mut compressed, 4096, 11, 22);
    writer.write_all(bytes).expect("memory can be written");
    drop(writer);
    compressed
}
