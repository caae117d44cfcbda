# The recipes that people and CI share. `make` alone lists them.

SHELL := /bin/bash
CARGO ?= cargo
TARGET_DIR := $(or $(CARGO_TARGET_DIR),target)
BIN := $(TARGET_DIR)/release/linernotes
EPISODE := episodes/0001-the-bucket-and-the-book

# A cmake of our own, used where the machine has none (see `tools`).
CMAKE_VERSION := 4.4.4
export PATH := $(CURDIR)/.tools/bin:$(PATH)
PIP = $(shell for pip in "python3 -m pip" pip3 pip; do $$pip --version >/dev/null 2>&1 && echo "$$pip" && break; done)

.DEFAULT_GOAL := help
.PHONY: help build demo test test-parsers test-models test-page check fmt-check clippy doc deny bench eval snap fuzz reliability reliability-tests tools clean-tools

help: ## list the recipes
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: tools ## build the release binary, target/release/linernotes
	@test -x $(BIN) || echo "build: cargo fetches the crates that it does not have yet (about 40 MB in all) and builds them: 4 to 10 minutes"
	$(CARGO) build --locked --release

demo: build ## build, fetch the weights, and make the page of the sample episode
	@$(BIN) models get
	@$(BIN) run $(EPISODE)
	@echo; echo "The page of the sample episode: $(CURDIR)/$(EPISODE)/out/index.html"

test: tools ## run every test that runs anywhere; says how many need weights
	@set -o pipefail; mkdir -p $(TARGET_DIR); \
	$(CARGO) test --locked --release --no-fail-fast 2>&1 | tee $(TARGET_DIR)/test.log; status=$$?; \
	awk '/^test result:/ { passed += $$4; failed += $$6 } /\.\.\. ignored, needs weights/ { weights++ } \
	  END { printf "\ntests: %d passed, %d failed; %d need weights and were not run (make test-models runs them)\n", passed, failed, weights }' \
	  $(TARGET_DIR)/test.log; exit $$status

# The binary comes with the tests: `cargo build` would compile some sixty crates once more, as the
# crates that only tests use ask others for more features.
test-parsers: tools ## read the sample's files and feed with other people's parsers; needs weights, node, npm, downloads 40 MB
	$(CARGO) test --locked --release --no-run
	@$(BIN) models get
	@set -o pipefail; tests/formats/run $(BIN) $(TARGET_DIR)/other-parsers $(TARGET_DIR)/tmp/sample 2>&1 | tee $(TARGET_DIR)/test-parsers.log

test-models: tools ## fetch the weights, then run the tests that need them
	$(CARGO) test --locked --release --no-run
	@$(BIN) models get
	@set -o pipefail; \
	$(CARGO) test --locked --release --no-fail-fast --lib --bins --tests -- --ignored --skip page::browser 2>&1 | tee $(TARGET_DIR)/test-models.log; status=$$?; \
	awk '/^test result:/ { passed += $$4; failed += $$6 } \
	  END { printf "\ntests with real models: %d passed, %d failed\n", passed, failed; exit passed + failed == 0 }' \
	  $(TARGET_DIR)/test-models.log && exit $$status

test-page: tools ## test the page and a site of 500 episodes in Chromium; needs node, npm and a Chromium, downloads 12 MB
	@tests/page/run

check: fmt-check clippy test doc deny ## all that must hold before a merge

fmt-check:
	$(CARGO) fmt --all --check

clippy: tools
	$(CARGO) clippy --locked --release --all-targets -- -D warnings

doc: tools ## build the documentation of the code
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --locked --release --no-deps

# Without a network, the advisories that were fetched before are used; where there are none, it fails.
deny: ## check the crates for advisories, licences and origins
	@if ! $(CARGO) deny --version >/dev/null 2>&1; then \
	  echo "deny: NOT RUN, cargo-deny is not installed; get it with: cargo install --locked cargo-deny"; \
	elif $(CARGO) deny --locked fetch db >/dev/null 2>&1; then $(CARGO) deny --locked check; \
	else echo "deny: the advisories cannot be fetched; those fetched before are used, and it fails where there are none"; $(CARGO) deny --locked --offline check; fi

bench: build ## time whole runs against faster-whisper: make bench DATA=DIR [RUNS=5]; with no DATA, the stages' own code
	@if [ -z "$(DATA)" ]; then $(CARGO) bench --locked; else \
	  $(BIN) models get --quiet && mkdir -p $(TARGET_DIR)/eval && \
	  python3 tests/eval/bench.py $(BIN) $(TARGET_DIR)/eval/bench.json --runs=$(or $(RUNS),5) \
	    "an episode of 23 min=$(DATA)/rework/reworkA.mp3" "ten conversations=$$(echo $(DATA)/conversations/*.flac | tr ' ' ,)"; fi

eval: build ## measure on recordings with a truth, and write docs/evaluation.md: make eval DATA=DIR [PEER=1] [ONLY="FOLDER …"]
	@test -d "$(DATA)" || { echo "eval: say where the recordings are, as make eval DATA=DIR (tests/eval/run.py says what must be in it)"; exit 1; }
	@$(BIN) models get --quiet && mkdir -p $(TARGET_DIR)/eval
	@python3 tests/eval/run.py $(BIN) "$(DATA)" $(TARGET_DIR)/eval docs/evaluation.md README.md $(if $(PEER),--peer) $(ONLY)

snap: ## look through changed snapshots
	@$(CARGO) insta --version >/dev/null 2>&1 || { echo "snap: cargo-insta is not installed; get it with: cargo install --locked cargo-insta"; exit 1; }
	$(CARGO) insta review

FUZZ_TARGETS = $(shell sed -n '/^targets! {/,/^}/s/^    \([a-z0-9_]*\): .*/\1/p' tests/fuzz/main.rs)

fuzz: tools ## feed strange input to parsers: make fuzz [TARGET="webvtt srt"] [FOR=60 seconds each] [SEED=1] [INPUT=FILE]
	@for target in $(TARGET); do case " $(FUZZ_TARGETS) " in *" $$target "*) ;; \
	  *) echo "fuzz: no target is called $$target; there are: $(FUZZ_TARGETS)"; exit 1;; esac; done
	FUZZ_FOR=$(or $(FOR),60) FUZZ_SEED=$(SEED) FUZZ_INPUT=$(abspath $(INPUT)) \
	$(CARGO) test --locked --release --test fuzz -- --exact --nocapture --test-threads=1 $(or $(TARGET),$(FUZZ_TARGETS))

reliability: tools ## measure damage, kills, concurrency and strange input, and write docs/reliability.md [FOR=60 seconds a parser]
	@python3 tests/reliability/run.py docs/reliability.md $(FOR)

reliability-tests: tools
	$(CARGO) test --locked --release --test it -- --nocapture --test-threads=1 crash:: concurrency:: damage:: full_disk::

# libopus is built with cmake, and whisper.cpp where a feature asks for it. Where none runs, its wheel goes into .tools/: nothing
# outside this folder is touched, and root is not needed.
tools:
	@if ! cmake --version >/dev/null 2>&1; then \
	  if [ -z "$(PIP)" ]; then echo "error: neither cmake nor pip is there; install one of them (Debian: apt install cmake)"; exit 1; fi; \
	  echo "tools: no cmake on this machine; fetching cmake $(CMAKE_VERSION) from PyPI into .tools/ (30 MB)"; \
	  rm -rf .tools/part && PIP_ROOT_USER_ACTION=ignore $(PIP) install --quiet --disable-pip-version-check --no-warn-script-location --no-deps --only-binary=:all: --target .tools/part cmake==$(CMAKE_VERSION) \
	  && rm -rf .tools/cmake .tools/bin && mv .tools/part .tools/cmake && mkdir -p .tools/bin \
	  && ln -s ../cmake/cmake/data/bin/cmake .tools/bin/cmake && cmake --version | head -1 \
	  || { echo "error: cmake could not be fetched; install it yourself (Debian: apt install cmake) and run make again"; exit 1; }; \
	fi

clean-tools: ## remove what `tools` fetched
	rm -rf .tools
