# make demo   a whole paper with two sister papers on http://127.0.0.1:8080/
# make build  the program, one static file: bin/kawaraban
# make test   all tests on both databases, quickly
# make check  everything that must hold before a change goes in
# make bench  how fast it is
GO ?= go
TAGS := nodynamic
export CGO_ENABLED := 0

build:
	$(GO) build -trimpath -tags $(TAGS) -ldflags "-s -w" -o bin/kawaraban ./cmd/kawaraban

demo: build
	bin/kawaraban demo $(ARGS)

test:
	$(GO) test -tags $(TAGS) ./...

check:
	@$(GO) run ./cmd/check

bench:
	@$(GO) run -tags $(TAGS) ./cmd/bench $(ARGS)

.PHONY: build demo test check bench
