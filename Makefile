# What one does with Kankei. `make help` lists the targets.

# The same source gives the same executable, wherever it is checked out.
export GOFLAGS := -trimpath -buildvcs=false

SAMPLE   := out/sample
TESTED   := out/tested
FUZZTIME ?= 60s

# Tables are printed in the language in which the program speaks.
TONGUE := $(if $(filter ja%,$(firstword $(LC_ALL) $(LC_MESSAGES) $(LANG))),ja,en)

.PHONY: help build run readme test test-short check reproducible tested notebooks browser bench study study-chain generate fuzz clean

help: ## this list
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 24

build: ## the binary, at bin/kankei
	go build -o bin/kankei ./cmd/kankei

run: build ## a simulated prefecture: exports in, figures out, beside the truth
	rm -rf $(SAMPLE)
	bin/kankei simulate $(SAMPLE) --scenario sample --seed 30 --persons 200000
	bin/kankei run -C $(SAMPLE)
	@for table in testdata/sample/tables/$(TONGUE)/*.sql; do \
		echo; sed -n 's/^-- //p' $$table; \
		bin/kankei query -C $(SAMPLE) "$$(cat $$table)" || exit 1; \
	done
	@echo; cat testdata/sample/tables/$(TONGUE)/truth.txt
	@bin/kankei truth -C $(SAMPLE) --definition repeat-visits

readme: ## README.md shows what `make run` prints
	@mkdir -p out
	@LC_ALL=C.UTF-8 $(MAKE) --silent --no-print-directory run >$(SAMPLE).txt 2>/dev/null
	@awk 'FNR == NR { text = text $$0 "\n"; next } /<!-- sample:end -->/ { skip = 0 } !skip { print } \
		/<!-- sample:begin -->/ { printf "```\n%s```\n", text; skip = 1 }' $(SAMPLE).txt README.md >out/README.md
	@mv out/README.md README.md

test: check reproducible notebooks browser ## everything, as CI runs it
	go test -timeout 20m ./...

test-short: check ## what fits in a minute
	go test -short -ldflags=-w ./... # what debuggers want is half the time of linking

check: # formatting and vet
	@unformatted=$$(gofmt -l .); \
	if [ -n "$$unformatted" ]; then echo "gofmt -w these files:"; echo "$$unformatted"; exit 1; fi
	go vet ./...
	go vet testdata/wakayama/generate.go

reproducible: build # a build from a copy of the source elsewhere is the same file
	@copy=$$(mktemp -d); trap 'rm -rf "$$copy"' EXIT; \
	tar -c --exclude=./.git --exclude=./bin --exclude=./out . | tar -x -C "$$copy"; \
	(cd "$$copy" && go build -o kankei.again ./cmd/kankei); \
	cmp bin/kankei "$$copy/kankei.again" && echo "reproducible build: ok"

tested: build # a release of the sample project, for the two that follow
	rm -rf $(TESTED)
	mkdir -p out
	@bin/kankei simulate $(TESTED) --scenario sample --seed 30 --persons 200000 >out/tested.log 2>&1 && \
		bin/kankei run -C $(TESTED) >>out/tested.log 2>&1 || { cat out/tested.log; exit 1; }

notebooks: tested # the notebooks run on it
	KANKEI_RELEASE=$(CURDIR)/$(TESTED)/releases/current notebooks/run.sh

browser: tested ## its report, opened and used in Chromium; screenshots in out/report
	KANKEI_RELEASE=$(CURDIR)/$(TESTED)/releases/current pipeline/publish/report/browser/run.sh

bench: build ## both sides of every comparison, measured in one run
	bench/run.sh

study: ## coverage and bias of every estimator in simulation, into docs/accuracy.md
	go run ./study -write

study-chain: ## simulated worlds through the whole program, into docs/accuracy.md; goes on where it was stopped
	go run ./study -cells '^chain/' -keep .study -write

generate: ## files made from the source: dictionary, configuration page, sample exports
	go generate ./...
	go run testdata/wakayama/generate.go

# Inputs that find new code are kept in .fuzz/; one that fails is written to the
# package's testdata/fuzz, where it belongs once the fault is mended.
fuzz: ## every fuzz target for FUZZTIME each (60s)
	@mkdir -p .fuzz out/fuzz; root=$$PWD; \
	for dir in $$(grep -rl '^func Fuzz' --include='*_test.go' . | xargs -n1 dirname | sort -u); do \
		binary=$$root/out/fuzz/$$(echo $$dir | tr -c 'a-z\n' -).test; \
		go test -c -fuzz=Fuzz -o $$binary $$dir || exit 1; \
		for target in $$(grep -hoE '^func Fuzz[A-Za-z0-9]+' $$dir/*_test.go | sed 's/func //' | sort); do \
			echo "$$dir $$target"; \
			(cd $$dir && $$binary -test.run '^$$' -test.fuzz "^$$target\$$" -test.fuzztime $(FUZZTIME) -test.fuzzminimizetime 20x \
				-test.fuzzcachedir $$root/.fuzz/$$dir) || exit 1; \
		done; \
	done

clean: ## remove what was built
	rm -rf bin out
