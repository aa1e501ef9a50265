# The everyday targets. `make help` lists them.

GO      ?= go
BIN     := bin/advocate
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS := -s -w -X main.version=$(VERSION)

SEED  ?= 1
STEPS ?= 20000
STORE ?= sqlite
ADVOCATES ?= 1000000
NODES ?= 4
SECONDS ?= 20
FUZZTIME ?= 30s

# What the console is built from: its sources, but for the types that its own
# scripts write from the description of the API.
WEB     := $(shell find web -name node_modules -prune -o -type f ! -name schema.d.ts -print 2>/dev/null)
CONSOLE := internal/console/dist/index.html

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

define compile
@mkdir -p bin
CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o $(BIN) ./cmd/advocate
endef

.PHONY: help
help: ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: build
build: console ## build bin/advocate with its console
	$(compile)

.PHONY: program
program: ## build bin/advocate without Node: with the console that was built last, or none
	$(compile)

.PHONY: console
console: $(CONSOLE) ## build the web console, which the program embeds

$(CONSOLE): $(WEB) internal/httpapi/openapi.json web/node_modules/.installed
	@sh scripts/node.sh
	@rm -rf internal/console/dist/*
	cd web && npm run build --silent -- --logLevel warn
	@touch $@

web/node_modules/.installed: web/package.json web/package-lock.json
	@sh scripts/node.sh
	cd web && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

.PHONY: run
run: build ## set everything up and run the demo: http://127.0.0.1:8080/sandbox
	./$(BIN) demo

.PHONY: check
check: fmt vet ## the fast inner loop: format, vet, the short tests
	$(GO) test -short -timeout 110s ./...

.PHONY: test
test: build browser postgres bluesky ## everything: unit, conformance, simulation, the real binary, a real browser
	cd web && npm test --silent
	$(GO) test -timeout 25m ./...
	cd e2e/browser && ADVOCATE_BIN=../../$(BIN) ADVOCATE_TEST_ALL=1 npm test --silent

.PHONY: postgres
postgres: ## find PostgreSQL for the tests, or install it (ADVOCATE_TEST_POSTGRES: use that server)
	@sh scripts/postgres.sh

.PHONY: bluesky
bluesky: ## install the official Bluesky server for the tests (compiles better-sqlite3: minutes, once)
	@sh scripts/bluesky.sh

.PHONY: browser
browser: e2e/browser/node_modules/.installed ## install what the browser tests need (Chromium, npm packages)
	@sh scripts/chromium.sh

e2e/browser/node_modules/.installed: e2e/browser/package.json e2e/browser/package-lock.json
	@sh scripts/node.sh
	cd e2e/browser && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

.PHONY: lint
lint: fmt vet web/node_modules/.installed ## format, vet, staticcheck, the direction of imports, the console's types and style, generated files are fresh
	cd tools && $(GO) build -o ../bin/staticcheck honnef.co/go/tools/cmd/staticcheck
	./bin/staticcheck ./...
	$(GO) test ./internal/deptest
	cd web && npm run lint --silent
	sh scripts/generated.sh

.PHONY: fmt
fmt:
	@out=$$(gofmt -l cmd internal e2e examples); if [ -n "$$out" ]; then echo "not gofmt-ed:"; echo "$$out"; exit 1; fi

.PHONY: vet
vet:
	$(GO) vet ./...

.PHONY: generate
generate: ## write the generated files: openapi.json, the command and configuration reference
	$(GO) generate ./...

.PHONY: bench
bench: program ## load through the real loop (ADVOCATES, SECONDS, NODES, STORE=postgres: a server of its own)
ifeq ($(STORE),postgres)
	@sh scripts/postgres.sh
	sh scripts/benchpostgres.sh ./$(BIN) bench --advocates $(ADVOCATES) --seconds $(SECONDS) --nodes $(NODES)
else
	./$(BIN) bench --store '$(STORE)' --advocates $(ADVOCATES) --seconds $(SECONDS)
endif

.PHONY: bench-console
bench-console: build browser ## the console: script in KB, time to use, frames while long lists scroll (ENTRIES, ITEMS)
	cd e2e/browser && ADVOCATE_BIN=../../$(BIN) node bench.mjs

.PHONY: sim
sim: program ## the simulator (SEED, STEPS)
	./$(BIN) sim --seed $(SEED) --steps $(STEPS)

.PHONY: fuzz
fuzz: ## every fuzz target for FUZZTIME each
	sh scripts/fuzz.sh $(FUZZTIME)

.PHONY: soak
soak: program postgres ## the long runs: 1,000 kills under load, bad days of a cluster, many simulator seeds
	ADVOCATE_SOAK=1 $(GO) test -timeout 4h -count 1 -v -run 'TestKill' ./e2e
	ADVOCATE_SOAK=1 $(GO) test -timeout 4h -count 1 -v -parallel 1 -run 'TestCluster' ./e2e
	ADVOCATE_SIM_SEEDS=50 ADVOCATE_SIM_STEPS=20000 $(GO) test -timeout 4h -count 1 -v ./internal/sim

.PHONY: clean
clean: ## remove what was built
	rm -rf bin e2e/browser/node_modules e2e/bluesky/node_modules web/node_modules internal/console/dist/*
