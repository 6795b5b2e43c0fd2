# imsim: everything a contributor runs. `make help` lists it.
GOLANGCI_VERSION := v2.15.0
TOOLS := $(CURDIR)/.tools
SDKS := 2.14.0 2.27.6 3.6.6

.PHONY: help build k6 generate test race lint sdks conformance chromium browser webapp bench cover fuzz clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## bin/imsim
	go build -o bin/imsim ./cmd/imsim

generate: ## the tables of README and docs
	go generate ./internal/docs

test: ## all Go tests, with the suite on the Go client
	go test ./...

race: ## the same under the race detector
	GORACE=atexit_sleep_ms=0 go test -race ./...

lint: $(TOOLS)/golangci-lint-$(GOLANGCI_VERSION) ## go vet and golangci-lint
	go vet ./...
	$< run ./...

$(TOOLS)/golangci-lint-$(GOLANGCI_VERSION):
	GOBIN=$(TOOLS) go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_VERSION)
	mv $(TOOLS)/golangci-lint $@

sdks: drivers/timjs/node_modules/.package-lock.json ## install the genuine SDKs, pinned
drivers/timjs/node_modules/.package-lock.json: drivers/timjs/package-lock.json
	npm ci --prefix drivers/timjs

conformance: build sdks ## the suite on the Go client and the three genuine SDKs
	bin/imsim test --frames all --report report --driver '' \
		$(foreach sdk,$(SDKS),--driver 'node drivers/timjs/driver.js --sdk $(sdk)')

chromium: ## a headless browser for the next two
	sh internal/browser/install-chromium.sh

browser: build sdks chromium ## the report pages and uploads of the genuine SDKs in Chromium
	npm ci --prefix internal/browser --no-audit --no-fund
	npm test --prefix internal/browser

webapp: build chromium ## the example of an app's own tests, in Chromium
	npm ci --prefix examples/webapp --no-audit --no-fund
	bin/imsim exec -- npm test --prefix examples/webapp

bench: ## performance figures beside their baselines, then single operations
	go run ./bench/figures
	go test -run '^$$' -bench 'Login|Send|History|Embedded' ./bench ./fakeserver/backend

k6: build ## k6 with the extension: built, tested, two processes against one alone
	k6/check

cover: ## test coverage by package
	go test -cover ./...

fuzz: ## each fuzz test for a while
	@for f in $$(grep -rhoE 'func (Fuzz[A-Za-z0-9]+)' --include=*_test.go protocol | awk '{print $$2}'); do \
		go test -run '^$$' -fuzz "^$$f$$" -fuzztime 60s ./protocol || exit 1; done

clean: ## what the build made
	rm -rf bin report .tools
