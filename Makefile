# Zaiti. `make run` and `make test` do all set-up by themselves; see README.md.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

STORE ?= var/zaiti.gpkg
LISTEN ?= 127.0.0.1:8080
BENCH ?=
SEEDS ?= 5000
ZAITI := target/release/zaiti
WEB_SOURCES := $(shell find web -path web/node_modules -prune -o -path web/dist -prune -o -type f ! -name .built -print 2>/dev/null)

.PHONY: help run build test test-rust test-web lint bench soak setup-build setup-test clean

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: export ZAITI_TITLE_ZH ?= 示范园区（虚构）
run: export ZAITI_TITLE_EN ?= Demo park (invented)
run: export ZAITI_TITLE_DE ?= Demopark (erfunden)
run: build ## build everything, load the demo inventory once, serve on 127.0.0.1:8080
	@mkdir -p $(dir $(STORE))
	@# Loaded beside its place and moved there when it is whole, so that an interrupted first run leaves no half park behind.
	@if [ ! -e "$(STORE)" ]; then rm -f "$(STORE)".new*; $(ZAITI) demo load --store "$(STORE).new"; mv "$(STORE).new" "$(STORE)"; rm -f "$(STORE)".new*; fi
	@$(ZAITI) demo hint
	@exec $(ZAITI) serve --store "$(STORE)" --listen "$(LISTEN)"

build: web/.built setup-build ## the web app and the release binary, one file: target/release/zaiti
	cargo build --release --locked

web/node_modules/.installed: web/package.json web/package-lock.json
	cd web && npm ci --no-audit --no-fund
	@touch $@

web/.built: web/node_modules/.installed $(WEB_SOURCES)
	cd web && npm run build
	@touch $@

setup-build:
	@scripts/setup.sh build

setup-test:
	@scripts/setup.sh build test

test: setup-test ## every check: format, lint, unit, property, stores, HTTP, web, browser
	@scripts/test.sh

lint: setup-build web/.built ## format and lint checks only
	@scripts/test.sh lint

bench: setup-build web/.built ## speed and memory, each with a ratio to a named baseline (BENCH=name for one section)
	cargo bench --locked --bench all -- $(BENCH)

soak: setup-test web/.built ## thousands of simulated days in the field, each with its own crashes and losses (SEEDS=5000); takes an hour or so
	ZAITI_SOAK_SEEDS=$(SEEDS) cargo test --release --locked --test all -- field::model --nocapture
	@# A phone with 5,000 edits and 500 photos on a slow link.
	cd web && ZAITI_SOAK_EDITS=5000 ZAITI_SOAK_PHOTOS=500 ZAITI_BIN="$(CURDIR)/target/release/zaiti" npx vitest run --config vitest.browser.config.ts field_load

clean: ## remove what was built (keeps var/, your data)
	rm -rf target web/dist web/node_modules web/.built
