# The tasks of this repository. `just --list` names them; `just check` is exactly what CI runs.

# Everything that a change must pass.
check:
    ./scripts/test

# Formats the code.
fmt:
    cargo fmt --all

# The tests alone, or those whose name holds FILTER.
test FILTER="":
    cargo test --locked --workspace {{ FILTER }}

# The same API tests on PostgreSQL, and its own; each in a schema of a server that is gone afterwards.
test-postgres *ARGS:
    ./scripts/postgres cargo test --locked -p rollcall --test api --test postgres {{ ARGS }} -- --include-ignored

# Starts the server with its data in ./rollcall-data.
run *ARGS:
    cargo run --locked -p rollcall -- serve {{ ARGS }}

# Pictures of every page of the console, in target/screenshots; FILTER takes those whose name holds it.
screenshots FILTER="":
    cargo build --locked -p rollcall
    npm ci --prefix crates/rollcall/tests/console --no-audit --no-fund --loglevel=error
    node crates/rollcall/tests/console/screenshots.js target/screenshots {{ FILTER }}

# Writes openapi.json from the code.
openapi:
    UPDATE=1 cargo test --locked -p rollcall --test documents openapi

# Writes docs/problems.md from the catalogue.
problems:
    UPDATE=1 cargo test --locked -p rollcall --test documents problems

# Licences, advisories, sources and forbidden crates (needs `cargo install cargo-deny`; ADVISORIES=FOLDER where there is no network).
deny:
    ./scripts/deny

# The same source gives the same binary: two builds in two folders, compared.
reproducible:
    ./scripts/reproducible

# What the program is made of, as CycloneDX (needs `cargo install cargo-cyclonedx`).
sbom:
    cargo cyclonedx --format json --all

# target/pgo/rollcall: the release build along a profile of what the benchmark asks for (needs wrk, and llvm-tools of rustup).
pgo:
    ./scripts/pgo

# Measures Rollcall beside its peers, on SQLite and on a PostgreSQL server that it starts, and writes docs/performance.md (needs wrk, Node.js, npm, Python, PostgreSQL, and what `just pgo` needs). SECTIONS: reads creates …
bench *SECTIONS: pgo
    FSYNC=on ./scripts/postgres sh -c 'cargo bench --locked -p rollcall --bench compare -- --write --pgo "${CARGO_TARGET_DIR:-$PWD/target}/pgo/rollcall" --postgres "$ROLLCALL_TEST_DATABASE" "$@"' bench {{ SECTIONS }}

# Rollcall and its peers on PostgreSQL alone, which syncs each commit here.
bench-postgres: (bench "postgres" "postgres-scale")

# What a read and a create cost from a hundred customers to ten million, on both engines; it takes 25 GB of disk and memory for what is asked.
bench-scale:
    cargo bench --locked -p rollcall --bench compare -- --write ten-million
    ./scripts/postgres sh -c 'cargo bench --locked -p rollcall --bench compare -- --write postgres-ten-million --postgres "$ROLLCALL_TEST_DATABASE"'

# The first figures: creates with and without group commit, reads beside bare hyper, memory, start and size.
figures:
    cargo bench --locked -p rollcall --bench figures

# Trials that take long; docs/trials.md says what each shows (needs what `just deny`, `just sbom` and `just fuzz` need).
trials: deny sbom
    TRIALS=2000 cargo test --locked -p rollcall --test api --release -- --nocapture races
    TRIALS=1000 cargo test --locked -p rollcall --test api --release -- --nocapture --test-threads 1 enumeration
    TRIALS=200 cargo test --locked -p rollcall --test api --release -- --nocapture latency
    TRIALS=10000 cargo test --locked -p rollcall --test api --release -- --nocapture model::
    TRIALS=2000 ./scripts/postgres cargo test --locked -p rollcall --test api --release -- --nocapture races
    TRIALS=10000 ./scripts/postgres cargo test --locked -p rollcall --test api --release -- --nocapture model::
    cargo test --locked -p rollcall --lib --release -- --nocapture --test-threads 1 takes_as_long
    ./scripts/mutate rights
    ./scripts/mutate guards
    ./scripts/reproducible
    cargo test --locked -p rollcall --test worker -- --ignored --nocapture
    TRIALS=1000 cargo test --locked -p rollcall --test durability --release -- --nocapture killed
    TRIALS=400 cargo test --locked -p rollcall --test durability --release -- --nocapture power
    TRIALS=1000 FSYNC=on ./scripts/postgres cargo test --locked -p rollcall --test durability --release -- --nocapture --include-ignored --test-threads 1 on_postgresql
    ./scripts/pgbouncer
    TRIALS=20 ./scripts/postgres cargo test --locked -p rollcall --test postgres -- --include-ignored --nocapture faults:: pool:: line:: wire:: hosts:: pgbouncer::
    TRIALS=20 STANDBY=on ./scripts/postgres cargo test --locked -p rollcall --test processes -- --include-ignored --nocapture --test-threads 1
    cargo build --locked -p rollcall
    ./scripts/failover-drill "${CARGO_TARGET_DIR:-target}/debug/rollcall"
    TRIALS=600 cargo test --locked -p rollcall --test faults --release -- --nocapture disk_errors
    TRIALS=50 cargo test --locked -p rollcall --test faults --release -- --nocapture disk_full read_only few_files memory two_processes
    TRIALS=10 cargo test --locked -p rollcall --test faults --release -- --nocapture clocks
    TRIALS=200 cargo test --locked -p rollcall --test faults --release -- --nocapture graceful_end
    SOAK_SECONDS=28800 cargo test --locked -p rollcall --test faults --release -- --nocapture soak
    SEEDS=3 EXAMPLES=200 cargo test --locked -p rollcall --test schemathesis -- --nocapture
    LONG=1 cargo test --locked -p rollcall --test pressure --release -- --nocapture --test-threads 1
    just fuzz-all 1800

# Searches a parser for inputs that break it, on one core for so many seconds (needs `cargo install cargo-fuzz` and a C++ compiler); `ls fuzz/corpus`
# names them. What it tries next time as well stays in target/fuzz, what breaks a parser in fuzz/artifacts.
fuzz TARGET SECONDS="300":
    mkdir -p target/fuzz/{{ TARGET }}
    RUSTC_BOOTSTRAP=1 cargo fuzz run --sanitizer none {{ TARGET }} target/fuzz/{{ TARGET }} fuzz/corpus/{{ TARGET }} -- -max_total_time={{ SECONDS }} -max_len=4096 -rss_limit_mb=1024

# Every parser, one after the other.
fuzz-all SECONDS="300":
    for target in $(ls fuzz/corpus); do just fuzz $target {{ SECONDS }} || exit 1; done

# Figures of deliveries: how many, how soon, with how much memory, and mail beside webhooks that hang.
bench-deliveries:
    cargo bench --locked -p rollcall --bench deliveries

# Lighthouse in front of the console, phone and desk, with nothing from outside (needs Chromium and `lighthouse` of npm).
console-audit:
    cargo build --locked --release -p rollcall
    npm ci --prefix crates/rollcall/tests/console/lighthouse --no-audit --no-fund --loglevel=error
    npm ci --prefix crates/rollcall/tests/console --no-audit --no-fund --loglevel=error
    ROLLCALL_PROGRAM=target/release/rollcall node crates/rollcall/tests/console/lighthouse/audit.js

# What the first page of the console weighs, and how soon pages arrive at 50 requests a second.
console-figures:
    cargo build --locked --release -p rollcall
    npm ci --prefix crates/rollcall/tests/console --no-audit --no-fund --loglevel=error
    ROLLCALL_PROGRAM=target/release/rollcall node crates/rollcall/tests/console/figures.js
