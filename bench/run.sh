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
bin/bench worlds -rows 1000000,10000000

# R with its package survey is the other side of (d).
if ! Rscript -e 'library(survey); library(MASS)' >/dev/null 2>&1; then
	apt-get update >/dev/null && apt-get install -y --no-install-recommends r-cran-survey r-cran-mass >/dev/null
fi
bin/bench domains

# (f) persons that bookings do not show: every municipality under three definitions.
go test ./transforms/capture -run '^$' -bench Regions -benchtime 3x

# (g) small areas. R's package sae is compared with where it is installed (it is on CRAN,
# not in Debian); elsewhere its formulas written out in R are.
bin/bench areas

# (h) curves of time to an event. R's package survival is the other side, where it can be had.
if ! Rscript -e 'library(survival)' >/dev/null 2>&1; then
	{ apt-get update && apt-get install -y --no-install-recommends r-cran-survival; } >/dev/null || true
fi
bin/bench curves

# (i) secondary suppression of simulated cubes and the attack on them.
bin/bench cubes

# (j) one CSV of 5 GB and one workbook of a million rows, for which the disk needs 7 GB.
bin/bench large

# (l) all bookings of a house delivered every night of a month.
bin/bench dumps -rows 20000 -runs 30
