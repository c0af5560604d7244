# Needs bash, go and, for the tests, a C compiler. Everything else is installed below .cache/tools.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.SUFFIXES:

# All packages, or those that PKG names: make test PKG=./internal/plan
PKG ?= ./...
# The longest that the tests of one package may take.
TEST_TIMEOUT ?= 40m

tools := $(or $(QT_TOOLS),$(CURDIR)/.cache/tools)
servers := temporal etcd kube-apiserver kube-controller-manager
# What only the tests run.
test_servers := vault vault-plugin-auth-kubernetes unleash helm promtool
linters := golangci-lint workflowcheck
with_servers := go run ./internal/testkit/servers/cmd/with-servers --

# Puts the installed tools in front of those on PATH.
with_tools := PATH="$$(awk -v tools='$(tools)' '{ printf "%s/%s-%s:", tools, $$1, $$2 }' internal/tools/versions.txt)$$PATH"

.PHONY: help
help: ## Print the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: need-go tools ## Start everything on this machine and run the integrations once; DEMO_EXIT=1 stops after that
	go build -o bin/ ./worker ./starter
	bin/starter dev --demo

.PHONY: demo-upgrades
demo-upgrades: need-go tools ## Let a fleet of clusters be upgraded over simulated weeks, and check how it went; DEMO_EXIT=1 stops after that
	go build -o bin/ ./worker ./starter
	bin/starter dev --demo-upgrades

.PHONY: test
test: need-go need-cc test-tools ## Run all tests against real servers, with the race detector; PKG=./internal/plan runs some
	$(with_servers) go test -race -timeout $(TEST_TIMEOUT) $(PKG)

.PHONY: lint
lint: need-go ## Run the linters of .golangci.yml, and the check that workflows are deterministic
	internal/tools/install.sh $(linters)
	@echo golangci-lint run $(PKG)
	@$(with_tools) golangci-lint run $(PKG)
	@echo workflowcheck $(PKG)
	@$(with_tools) workflowcheck $(PKG)

.PHONY: check
check: verify-generated lint test ## Everything that has to pass before a change is merged

.PHONY: generate
generate: need-go ## Generate the code of the queries, the pages of the catalogue, the alerts and the dashboards
	go run ./internal/gen/queries
	go run ./internal/gen/catalogue
	go run ./internal/gen/monitoring

.PHONY: verify-generated
verify-generated: need-go ## Fail where a generated file is not up to date
	go run ./internal/gen/queries -check
	go run ./internal/gen/catalogue -check
	go run ./internal/gen/monitoring -check

.PHONY: tools
tools: ## Install the servers of the demonstration
	internal/tools/install.sh $(servers)

.PHONY: test-tools
test-tools: ## Install the servers of the tests
	internal/tools/install.sh $(servers) $(test_servers)

.PHONY: screenshots
screenshots: need-go tools ## Take the pictures of docs/images anew, with a real browser
	internal/tools/screenshots.sh

.PHONY: histories
histories: need-go tools ## Record the histories that the tests replay anew; do that on the commit that is deployed
	go test ./internal/host -run TestHistoriesReplay -record

.PHONY: build
build: need-go ## Build bin/worker and bin/starter
	CGO_ENABLED=0 go build -trimpath -o bin/ ./worker ./starter

.PHONY: new
new: need-go ## Begin an integration: make new NAME=quay-repos FAMILY=quay ITEM=Repo
	go run ./internal/gen/scaffold -name "$(NAME)" -family "$(FAMILY)" $(if $(ITEM),-item "$(ITEM)")

.PHONY: bench
bench: need-go tools ## Measure runs beside bare programs and kubectl; WRITE=docs/performance.md keeps the table
	internal/tools/install.sh kubectl
	go run ./internal/bench $(if $(WRITE),-write "$(WRITE)")

.PHONY: microbench
microbench: need-go test-tools ## Run the benchmarks of single packages; PKG=./internal/plan runs some
	$(with_servers) go test -run '^$$' -bench . -benchmem -timeout $(TEST_TIMEOUT) $(PKG)

.PHONY: run
run: need-go ## Run an integration: make run I=quay-membership DRY=1 ARGS='--thread-pool-size 5'
	go run ./starter run --integration "$(I)" $(if $(DRY),--dry-run) $(ARGS)

.PHONY: clean
clean: ## Remove what build made; the tools stay in .cache
	rm -rf bin

.PHONY: need-go
need-go:
	@command -v go >/dev/null || { echo "go is missing: install Go $$(awk '$$1 == "go" { print $$2 }' go.mod) or newer" >&2; exit 1; }

.PHONY: need-cc
need-cc: need-go
	@cc=$$(go env CC); command -v "$${cc%% *}" >/dev/null || { echo "a C compiler ($$cc) is missing, which the race detector needs: install gcc, or name another one with CC" >&2; exit 1; }
