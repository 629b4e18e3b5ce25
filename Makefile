# The commands of this project. `make run` to try it, `make test` before a commit. Works with GNU make 3.81 (macOS).

BIN := .venv/bin

.PHONY: run platforms init test check lint fix types unit wheel lock sbom bench clean

run:  ## make the environment if need be, then start the bot with its local team chat
	@sh scripts/environment slack
	@exec $(BIN)/understudy run

platforms:  ## the environment with the libraries of every platform: Slack, Feishu, DingTalk
	@sh scripts/environment all

init:  ## the environment to work in
	@sh scripts/environment dev

test: init  ## what CI runs: lint, types and every test
	@sh scripts/browser
	@$(MAKE) --no-print-directory lint types unit

check: test

lint: init
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check .

fix: init  ## what a machine can put right
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

types: init
	@$(BIN)/mypy

unit: init  ## file by file on all cores, four at most: some tests measure, and all of them talk to loopback servers
	@$(BIN)/python -m pytest --numprocesses=auto --maxprocesses=4 --dist=loadfile

wheel: init  ## dist/understudy-*.whl
	@$(BIN)/python -m build --wheel --outdir dist .

lock: init  ## locks/*.txt, after a change of pyproject.toml; UPGRADE=1 takes newer versions
	@UPGRADE=$(UPGRADE) sh scripts/lock

sbom: init  ## dist/understudy.cdx.json: every library of an installation, with its hashes (CycloneDX)
	@$(BIN)/python scripts/sbom.py locks/all.txt dist/understudy.cdx.json

# What is given a folder of DATA or makes what ships (--write) says so where it says how it is called; it is run by hand.
bench: init  ## figures of this machine
	@programs=$$(grep -l __main__ tests/benchmarks/*.py); given='benchmarks\.[a-z_]+ .*(DATA|EVAL|--write)'; \
	for each in $$(grep -LE "$$given" $$programs); do \
		name=$${each##*/}; echo "$${name%.py}:"; $(BIN)/python -m tests.benchmarks.$${name%.py} || exit 1; \
	done; \
	echo "By hand, most with a folder of DATA, as their first lines say:" \
		$$(grep -lE "$$given" $$programs | sed 's,.*/,,; s,\.py$$,,')

clean:
	rm -rf .venv dist build
