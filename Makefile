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

.DEFAULT_GOAL := help

.PHONY: help
help: ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: build
build: ## build bin/advocate
	@mkdir -p bin
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o $(BIN) ./cmd/advocate

.PHONY: run
run: build ## set everything up and run the demo on http://127.0.0.1:8080
	./$(BIN) demo

.PHONY: check
check: fmt vet ## the fast inner loop: format, vet, the short tests
	$(GO) test -short -timeout 110s ./...

.PHONY: test
test: build browser postgres ## everything: unit, conformance, simulation, the real binary, a real browser
	$(GO) test -timeout 25m ./...
	cd e2e/browser && ADVOCATE_BIN=../../$(BIN) npm test --silent

.PHONY: postgres
postgres: ## find PostgreSQL for the tests, or install it (ADVOCATE_TEST_POSTGRES: use that server)
	@sh scripts/postgres.sh

.PHONY: browser
browser: e2e/browser/node_modules/.installed ## install what the browser tests need (Chromium, npm packages)
	@sh scripts/chromium.sh

e2e/browser/node_modules/.installed: e2e/browser/package.json e2e/browser/package-lock.json
	cd e2e/browser && npm ci --no-audit --no-fund --silent
	@touch $@

.PHONY: lint
lint: fmt vet ## format, vet, staticcheck, generated files are fresh
	cd tools && $(GO) build -o ../bin/staticcheck honnef.co/go/tools/cmd/staticcheck
	./bin/staticcheck ./...
	sh scripts/generated.sh

.PHONY: fmt
fmt:
	@out=$$(gofmt -l cmd internal e2e examples); if [ -n "$$out" ]; then echo "not gofmt-ed:"; echo "$$out"; exit 1; fi

.PHONY: vet
vet:
	$(GO) vet ./...

.PHONY: generate
generate: build ## write the generated files: openapi.json, the command and configuration reference
	$(GO) generate ./...

.PHONY: bench
bench: build ## load through the real loop (ADVOCATES, SECONDS, NODES, STORE=postgres: a server of its own)
ifeq ($(STORE),postgres)
	@sh scripts/postgres.sh
	sh scripts/benchpostgres.sh ./$(BIN) bench --advocates $(ADVOCATES) --seconds $(SECONDS) --nodes $(NODES)
else
	./$(BIN) bench --store '$(STORE)' --advocates $(ADVOCATES) --seconds $(SECONDS)
endif

.PHONY: sim
sim: build ## the simulator (SEED, STEPS)
	./$(BIN) sim --seed $(SEED) --steps $(STEPS)

.PHONY: fuzz
fuzz: ## every fuzz target for FUZZTIME each
	sh scripts/fuzz.sh $(FUZZTIME)

.PHONY: soak
soak: build postgres ## the long runs: 1,000 kills under load, bad days of a cluster, many simulator seeds
	ADVOCATE_SOAK=1 $(GO) test -timeout 4h -count 1 -v -run 'TestKill' ./e2e
	ADVOCATE_SOAK=1 $(GO) test -timeout 4h -count 1 -v -parallel 1 -run 'TestCluster' ./e2e
	ADVOCATE_SIM_SEEDS=50 ADVOCATE_SIM_STEPS=20000 $(GO) test -timeout 4h -count 1 -v ./internal/sim

.PHONY: clean
clean: ## remove what was built
	rm -rf bin e2e/browser/node_modules
