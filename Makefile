# make run      build, start both programs with the demo data, print address and logins; Ctrl-C stops all
# make test     build and run every test; those of whole processes alone, since they watch the clock
# make check    what CI runs: format, build without warnings, tests
# make test-faults  everything that can die dies while 200 tickets a second come in, for FAULT_SECONDS (20)
# make fuzz     made-up hostile input for FUZZ_SECONDS a check (60); what fails is replayed by FUZZ_SEED
# make bench    the queues against others on the same Redis, task transitions, expressions against jq, the whole path
# make install  binaries, units and configuration into PREFIX (release build)

CONFIGURATION ?= debug
PREFIX ?= /usr/local
# Build and run-time packages of Debian 12.
PACKAGES = libhiredis-dev libre2-dev libyaml-dev libsqlite3-dev libssl-dev libcmark-gfm-dev graphviz fonts-dejavu-core redis-server
# What the tests hold us against besides: jq, and the programs that do our jobs straight from Redis.
TEST_PACKAGES = jq openssl ruby-sidekiq ruby-rack python3-redis

# Other queues to hold ours against.
BENCH_PYTHON = .build/bench-python/bin/python

.PHONY: run build test test-faults test-contract check lint format fuzz bench install packages test-packages clean

run: build
	@etc/run.sh .build/$(CONFIGURATION)

build: packages
	swift build -c $(CONFIGURATION)

test: packages test-packages
	swift build --build-tests
	swift test --skip-build --disable-xctest --skip SystemTests
	swift test --skip-build --disable-xctest --filter SystemTests

test-faults: packages test-packages
	swift build --build-tests
	FAULT_RATE=$${FAULT_RATE:-200} FAULT_SECONDS=$${FAULT_SECONDS:-20} \
		swift test --skip-build --disable-xctest --filter "QueueFaultTests|MainPathTests"

check: lint test

lint:
	swift format lint --strict --recursive --parallel Package.swift Sources Tests

format:
	swift format --in-place --recursive --parallel Package.swift Sources Tests

fuzz: packages test-packages
	swift build --build-tests
	FUZZ_SECONDS=$${FUZZ_SECONDS:-60} swift test --skip-build --disable-xctest --filter "Fuzz|Multipart|RandomSchedule|JQDifferential"

# Checks the served API against its OpenAPI document from outside, with schemathesis from PyPI.
test-contract: packages
	swift build
	@Tests/contract/run.sh .build/debug

bench: packages test-packages
	swift build -c release
	@test -x $(BENCH_PYTHON) || { python3 -m venv .build/bench-python && \
		$(BENCH_PYTHON) -m pip install -q rq "celery[redis]" huey "dramatiq[redis]"; } || \
		echo "RQ, Celery, Huey and Dramatiq could not be installed; their figures are left out"
	@.build/release/tf-bench queues --python $(BENCH_PYTHON)
	@.build/release/tf-bench engine
	@etc/bench/path.sh .build/release

install: packages
	swift build -c release
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)/etc/ticketflower $(DESTDIR)/lib/systemd/system
	install .build/release/tf-daemon .build/release/tf-web $(DESTDIR)$(PREFIX)/bin
	test -e $(DESTDIR)/etc/ticketflower/ticketflower.json || \
		install -m 0644 etc/ticketflower.json $(DESTDIR)/etc/ticketflower
	install -m 0644 etc/tf-daemon.service etc/tf-web.service $(DESTDIR)/lib/systemd/system
	@if [ -z "$(DESTDIR)" ]; then \
		id ticketflower >/dev/null 2>&1 || useradd --system --home-dir /var/lib/ticketflower ticketflower; \
		install -d -o ticketflower -m 0775 /srv/ticketflower/workflows; \
		echo "now: systemctl daemon-reload && systemctl enable --now tf-daemon tf-web"; \
	fi

# Install only what is missing, so that it costs nothing and asks nobody when all is there.
packages:
	@$(call install-missing,$(PACKAGES))

test-packages:
	@$(call install-missing,$(TEST_PACKAGES))

define install-missing
missing=$$(for p in $(1); do \
	dpkg-query -W -f '$${Status}' $$p 2>/dev/null | grep -q 'ok installed' || echo $$p; done); \
if [ -n "$$missing" ]; then \
	echo "installing:" $$missing; \
	sudo=$$([ $$(id -u) = 0 ] || echo sudo); \
	$$sudo apt-get update -q && \
	$$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -yq --no-install-recommends $$missing; \
fi
endef

clean:
	rm -rf .build
