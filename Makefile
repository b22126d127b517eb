# make demo   a whole paper with two sister papers on http://127.0.0.1:8080/
# make build  the program, one static file: bin/kawaraban
# make assets the newsroom's editor, one file of our sources and their npm parts
# make test   all tests on both databases, quickly
# make check  everything that must hold before a change goes in
# make bench  how fast it is
GO ?= go
TAGS := nodynamic
export CGO_ENABLED := 0

EDITOR := internal/newsroom/bundle/editor.js

# A machine without npm makes the same program, but for the editor.
build:
	@command -v npm >/dev/null && $(MAKE) --no-print-directory assets || \
		echo "The editor is not built: it needs npm. The newsroom has $$(test -s $(EDITOR) && echo 'the one of before' || echo 'the plain source field')."
	$(GO) build -trimpath -tags $(TAGS) -ldflags "-s -w" -o bin/kawaraban ./cmd/kawaraban

assets: $(EDITOR)

$(EDITOR): node_modules/.package-lock.json $(wildcard internal/newsroom/editor/*.js)
	$(GO) tool esbuild internal/newsroom/editor/main.js --bundle --minify --format=esm --target=es2022 --legal-comments=eof --log-level=warning --outfile=$@

node_modules/.package-lock.json: package-lock.json
	npm ci --ignore-scripts --no-audit --no-fund
	@touch $@

demo: build
	bin/kawaraban demo $(ARGS)

test:
	$(GO) test -tags $(TAGS) ./...

check:
	@$(GO) run ./cmd/check

bench:
	@$(GO) run -tags $(TAGS) ./cmd/bench $(ARGS)

.PHONY: build assets demo test check bench
