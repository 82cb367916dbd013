# The targets that people and CI use. `make test` needs Go and its module proxy, nothing else; `make e2e` installs what it needs below e2e/.

VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo devel)
LDFLAGS := -s -w -X cfdoctor/internal/cli.version=$(VERSION)

export AWS_EC2_METADATA_DISABLED := true

.PHONY: build test e2e terraform bench fuzz lint generate mutate cause clean

build: ## the program, in bin/cfdoctor
	go build -trimpath -ldflags '$(LDFLAGS)' -o bin/cfdoctor ./cmd/cfdoctor

test: ## all hermetic tests
	go vet ./...
	go test ./...

e2e: build ## with the real aws program and moto, installed and pinned here
	sh e2e/run.sh

terraform: ## OpenTofu and the AWS provider read the Terraform file; builds both once, in some ten minutes
	sh e2e/setup.sh venv
	sh e2e/terraform/setup.sh
	CFDOCTOR_E2E=1 go test -count=1 ./e2e/ -run TestTerraform -v

bench: build ## the speed figures
	sh bench/run.sh

fuzz: ## every fuzz target, a million inputs each, one after the other
	sh tools/fuzz.sh

lint: ## formatting, vet, staticcheck, dead code, binary size
	sh tools/lint.sh

generate: ## docs/causes, the JSON schema, the IAM policy in the README
	go test ./internal/causes ./internal/cli -run TestGenerated -update
	go test ./internal/report/... -update

mutate: ## the mutation test's figures
	@go test ./internal/causes -run TestMutations -count=1 -v | grep -E '^mutations:|^ +mutation_test.go.*(wrong|false alarm)|^(FAIL|ok)'

cause: ## skeleton of a new cause: make cause STAGE=origin-access ID=S3_NEW_CAUSE
	go run ./internal/causes/newcause $(STAGE) $(ID)

clean:
	rm -rf bin e2e/.venv* e2e/.nginx e2e/.awscli2 e2e/.terraform e2e/node/node_modules e2e/.work bench/.work
