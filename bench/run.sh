#!/bin/sh
# Runs every benchmark; BENCH_LARGE=1 adds the 100 million bookings, which take
# 60 GB of disk. docs/benchmarks.md says what is measured and what came of it.
set -eu
cd "$(dirname "$0")/.."
go build -o bin/bench ./bench

sizes=1000000,10000000
if [ "${BENCH_LARGE:-}" = 1 ]; then sizes=$sizes,100000000; fi

bin/bench ingest -rows 10000000
bin/bench river -rows $sizes
bin/bench night -rows 10000000
