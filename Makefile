# One command for each thing a user or developer does; CONTRIBUTING.md says when.
.PHONY: demo test build release dependencies lint format bench bench-peers bench-torch clean
SOURCES := Package.swift Sources Tests
# With Swift's library inside, the program needs no Swift where it runs, and is a fifth faster.
RELEASE := --configuration release --static-swift-stdlib

demo: release
	"$$(swift build $(RELEASE) --show-bin-path)/nephoscope" run scenarios/compare-frameworks.yaml

test: dependencies
	swift build --build-tests
	swift test --skip-build --disable-xctest

build: dependencies
	swift build

release: dependencies
	swift build $(RELEASE) --product nephoscope

dependencies:
	scripts/install-dependencies

lint:
	swift format lint --strict --recursive --parallel $(SOURCES)

format:
	swift format format --in-place --recursive --parallel $(SOURCES)

bench: dependencies
	swift build $(RELEASE) --product nephoscope-bench
	"$$(swift build $(RELEASE) --show-bin-path)/nephoscope-bench"

bench-peers: dependencies
	analysis/peers/bench-peers.sh

bench-torch: dependencies
	analysis/torch/bench-torch.sh

clean:
	swift package clean
