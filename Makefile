# The front door. `make help` lists what there is; everything works on a fresh clone on Debian 12 with the .NET 10 SDK, as root.

SHELL := /bin/bash
.DEFAULT_GOAL := help
FRAMEWORK ?= net9.0
NATIVE := artifacts/bin-native
DOTNET := DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 MSBUILDDISABLENODEREUSE=1 dotnet
PROPS := -p:PodAgentFramework=$(FRAMEWORK)

.PHONY: help
help: ## this list
	@awk -F':.*## ' '/^[a-z0-9-]+:.*## /{printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: deps
deps: ## install the Debian packages that building and running need
	@hack/deps.sh run

.PHONY: deps-test
deps-test: deps ## the same, and what the tests need
	@hack/deps.sh test

.PHONY: build
build: ## build everything, warnings are errors
	@$(DOTNET) build PodAgent.sln $(PROPS) --nologo -v quiet

.PHONY: native
native: deps ## compile podagent, pod-sandbox and podctl to native programs in artifacts/bin-native
	@hack/publish.sh $(NATIVE)

.PHONY: demo
demo: native ## run a pod from manifests/ and show everything it can do, then clean up
	@hack/demo.sh $(NATIVE)

.PHONY: test
test: deps-test build native ## all tests: unit, root and end-to-end, then a check that nothing is left behind
	@hack/test.sh unit root e2e

.PHONY: test-unit
test-unit: deps-test build ## the tests that need no root and no network
	@hack/test.sh unit

.PHONY: test-root
test-root: deps-test build native ## the tests against the real kernel
	@hack/test.sh root

.PHONY: test-e2e
test-e2e: deps-test build native ## the tests of the native programs
	@hack/test.sh e2e

.PHONY: test-vm
test-vm: deps-test build native ## root and end-to-end tests in virtual machines: CGROUP=v2|v1|hybrid INIT=bare|systemd TESTS=.. MEMORY=.. MACHINES=..
	@hack/deps.sh vm
	@CGROUP="$(CGROUP)" INIT="$(INIT)" TESTS="$(TESTS)" MEMORY="$(MEMORY)" MACHINES="$(MACHINES)" hack/vm/test.sh

.PHONY: fresh
fresh: ## type the README's commands in a new Debian 12 root with nothing but the .NET SDK
	@hack/deps.sh vm
	@hack/vm/fresh.sh

.PHONY: test-net10
test-net10: deps-test ## build for net10.0 and run its unit tests; analyzers have their say in the build for net9.0
	@$(DOTNET) build PodAgent.sln -p:PodAgentFramework=net10.0 -p:RunAnalyzers=false --nologo -v quiet
	@FRAMEWORK=net10.0 hack/test.sh unit

.PHONY: bench
bench: native ## measure pods, logs, streams and pulls beside the kernel's floor and containerd: ARGS='--only=pull --containerd-root=/srv/sid'
	@hack/bench.sh $(NATIVE) $(ARGS)

.PHONY: conformance
conformance: native ## run the public CRI validation suite, built elsewhere: CRITEST=FILE
	@hack/conformance.sh --critest "$(CRITEST)" --bin $(NATIVE)

.PHONY: install
install: native ## install the programs, the systemd unit and the directories on this machine
	@hack/install.sh $(NATIVE)

.PHONY: uninstall
uninstall: ## undo `make install`
	@hack/uninstall.sh

.PHONY: clean
clean: ## remove all build outputs
	@rm -rf artifacts
