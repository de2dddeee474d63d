# Two commands: `make serve` and `make test`. Both set up what they need.

PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3 python; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo $$p && break; done)
BIN := .venv/bin
HOST ?= 127.0.0.1
PORT ?= 8000
SOAK ?= 20000
SOAK_SECONDS ?= 3600
PEERS ?=
CHAOS ?=
DATABASE ?=

PODMAN ?= podman
BUILD_ARGS ?=
RUN_ARGS ?=
PODMAN_ARGS ?=
COMPOSE_SECONDS ?= 900
FUZZ_SECONDS ?= 60
LOAD ?=

.PHONY: help setup serve test check format prove bench bench-web bench-dashboard bench-growth bench-peers lighthouse load load-independence chaos soak publish fuzz shots attacks-in-container test-compose clean

help:
	@echo "make serve   run the service with a demo course at http://$(HOST):$(PORT)"
	@echo "make test    run the tests"
	@echo "make check   format, lint, types, import arrows"
	@echo "make prove   prove every exercise sound (grade check)"
	@echo "make bench   print speed, as ratios taken in one run"
	@echo "make bench-web   what the pages take: a server's time, bytes, and from submit to verdict"
	@echo "make bench-regrade   ten thousand submissions judged again: throughput, memory, who waits meanwhile"
	@echo "make bench-growth   what pages and claims take at 1,000 to 1,000,000 stored submissions, in DATABASE=URL"
	@echo "make load    what the service carries, in both modes, and the bottleneck of each step (LOAD=\"--only rush\")"
	@echo "make chaos   faults, one at a time, while a class hands in: what is lost, what is doubled, how long it takes"
	@echo "make lighthouse   what Lighthouse says of the pages (npm and Chromium are needed)"
	@echo "make bench-peers   nbgrader and otter on the same questions, from the environments in PEERS=folder"
	@echo "make shots   pictures of all pages, in build/shots"
	@echo "make fuzz    feed every decoder with hostile bytes, FUZZ_SECONDS=$(FUZZ_SECONDS) in all"
	@echo "make attacks-in-container   the attacks inside the image, with the restrictions of docker-compose.yml"
	@echo "make test-compose   docker-compose.yml really run: up, handed in, a worker killed, three, all graded, down"
	@echo "make soak    run SOAK=20000 submissions and print what they leave behind"
	@echo "make publish write exercises/*/visible.json from the references"

BUILT := grader/web/static/built/manifest.json
CATALOGUE := grader/web/translations/zh/LC_MESSAGES/messages.mo
SCRIPTS := grader/web/scripts/build.sh grader/web/scripts/build.mjs grader/web/scripts/package.json $(wildcard grader/web/scripts/*.js)

setup: .venv/ready $(BUILT) $(CATALOGUE)

# Sentences of the pages in Chinese.
$(CATALOGUE): $(CATALOGUE:.mo=.po) | .venv/ready
	$(BIN)/pybabel --quiet compile --input-file $< --output-file $@

# The pages' scripts. Pages work without them, so a machine that cannot fetch them only lacks the editor.
$(BUILT): $(SCRIPTS) | .venv/ready
	@grader/web/scripts/build.sh $(abspath $(BIN)/python) \
	  || echo "make: the pages' scripts could not be built; pages work without them" >&2

# torch first and pinned: any other build brings gigabytes of CUDA. setuptools for the editable install.
.venv/ready: pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "make: Python 3.11 or newer is needed; install it, or: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@# Debian's python3 has venv without ensurepip; the pip that is there then installs another into it.
	$(PYTHON) -m venv .venv 2>/dev/null || { $(PYTHON) -m venv --without-pip --clear .venv \
	  && $(PYTHON) -m pip --python $(BIN)/python install --quiet pip; }
	$(BIN)/python -m pip install --quiet --constraint constraints.txt torch numpy
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev,postgresql,redis]'
	@touch $@

serve: setup
	$(BIN)/grade serve --demo --host $(HOST) --port $(PORT)

# Fast tests first, so that a mistake shows early; then those that start servers or a batch. A process a core.
test: setup
	$(BIN)/python -m pytest -m "not slow" -q -n auto --dist loadfile
	$(BIN)/python -m pytest -m slow -q -n auto --dist loadfile

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: setup
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# Every exercise: autograd against formulas, every submission beside it, points that tell mistakes apart.
prove: setup
	$(BIN)/grade check

bench: setup
	$(BIN)/python -m tests.bench

# What the service carries, step by step, and what stops it. Some of it only: make load LOAD="--only rush".
load: setup
	$(BIN)/python -m tests.loading $(LOAD)

# Every fault in every mode; CHAOS="--fault poison --mode SQLite" for some.
chaos: setup
	$(BIN)/python -m tests.chaos $(CHAOS)

# Every verdict is the same on an idle machine and at four times its load.
load-independence: setup
	$(BIN)/python -m tests.load_independence

bench-dashboard: setup
	$(BIN)/python -m tests.bench_dashboard

# Submissions of a whole course judged anew, beside who hands in meanwhile.
bench-regrade: setup
	$(BIN)/python -m tests.bench_regrade

# In a new SQLite file, or in the empty database DATABASE=postgresql+psycopg://…
bench-growth: setup
	$(BIN)/python -m tests.bench_growth $(if $(DATABASE),"$(DATABASE)")

bench-web: setup
	$(BIN)/python -m tests.bench_web

# Lighthouse is fetched into build/ on first use. Its browser: CHROME_PATH, else the first that is found.
lighthouse: setup
	$(BIN)/python -m tests.lighthouse

bench-peers: setup
	@$(BIN)/python -m tests.bench_peers "$(PEERS)"

shots: setup
	$(BIN)/python -m tests.browser.shots

soak: setup
	$(BIN)/python -m tests.soak $(SOAK) $(SOAK_SECONDS)

publish: setup
	$(BIN)/grade publish

# atheris has wheels for some versions of Python only, and is needed for nothing else.
fuzz: setup
	@if $(BIN)/python -c 'import atheris' 2>/dev/null \
	  || $(BIN)/python -m pip install --quiet --only-binary :all: atheris 2>/dev/null; \
	then $(BIN)/python -m tests.fuzz --seconds $(FUZZ_SECONDS); \
	else echo "make fuzz: there is no wheel of atheris for this Python; nothing was fuzzed"; fi

# The options of `run` are those of docker-compose.yml, one by one. With docker: PODMAN=docker. What a
# machine needs besides (a runtime, a base image, a folder of wheels) goes into the three variables.
attacks-in-container: setup
	$(PODMAN) build $(BUILD_ARGS) --tag grader .
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --upgrade --target build/pytest pytest
	$(PODMAN) run --rm $(RUN_ARGS) \
	  --read-only --tmpfs /tmp:size=64m,mode=1777 --cap-drop ALL \
	  --security-opt no-new-privileges --security-opt seccomp=$(CURDIR)/seccomp.json \
	  --ulimit nofile=1024 --ulimit nproc=4096 --user 10001 \
	  --volume $(CURDIR)/tests:/app/tests:ro --volume $(CURDIR)/docs:/app/docs:ro \
	  --volume $(CURDIR)/build/pytest:/pytest:ro --env PYTHONPATH=/pytest \
	  grader sh -c 'id; grade doctor; python -m pytest -p no:cacheprovider -q tests/attacks tests/sandbox/test_jail.py'

# Where images cannot be pulled, LOCAL_IMAGES=1 builds all of them from Debian's packages first. What this machine needs
# besides goes into PODMAN_ARGS (--runtime runc) and BUILD_ARGS (--network=host).
LOCAL := GRADER_IMAGE=localhost/grader $(foreach name,nginx redis postgres,GRADER_IMAGE_$(shell echo $(name) | tr a-z A-Z)=localhost/standin-$(name))
test-compose: setup
	@if ! command -v $(firstword $(PODMAN)) >/dev/null; then echo "make test-compose: there is no $(firstword $(PODMAN)); nothing was run"; exit 0; fi; \
	$(BIN)/python -m pip install --quiet --upgrade --target build/podman-compose podman-compose && \
	$(if $(LOCAL_IMAGES),PODMAN="$(PODMAN) $(PODMAN_ARGS)" BUILD_ARGS="$(BUILD_ARGS)" tests/compose/images.sh &&) \
	PYTHONPATH=build/podman-compose $(if $(LOCAL_IMAGES),$(LOCAL)) \
	$(BIN)/python -m tests.compose.run --engine "$(PODMAN) $(PODMAN_ARGS)" --seconds $(COMPOSE_SECONDS) $(if $(LOCAL_IMAGES),--no-build) \
	  --compose "$(BIN)/python -m podman_compose $(if $(PODMAN_ARGS),'--podman-args=$(PODMAN_ARGS)')"

clean:
	rm -rf .venv build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
