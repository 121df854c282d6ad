# make run      build, start both programs with the demo data, print address and logins; Ctrl-C stops all
# make test     build and run every test, those of whole processes last; ONLY=Name runs one suite or test
# make check    what CI runs: format, build without warnings, tests
# make format   put the sources into the house's format
# make fuzz     made-up input and schedules for FUZZ_SECONDS a check (60), ONLY=Suite for one; replayed by FUZZ_SEED
# make test-sql       that every statement of the record is one for PostgreSQL too
# make test-attack    what strangers and ordinary accounts try on a running site, each of which must fail
# make test-faults    everything that can die dies while 200 tickets a second come in, for FAULT_SECONDS (20); tables of faults
#                     with what was lost and doubled; every place at which a crash counts; a neighbour of workflows that run
#                     away; histories of many clients. The full disk needs root
# make soak     a site that is used for MINUTES (30): figures at the start, between and at the end, and what was lost
# make test-cluster   two daemons and two webs on three PostgreSQL under Patroni and three Redis with Sentinel, of which FAULTS
#                     (50) primaries and programs die under RATE (100) tickets a second; what was lost, doubled, how long it took.
#                     THEN='make test-browser ONLY=tom' runs that against the demo on such a site instead
# make test-guards    takes out each guard of a guarantee in turn and shows which test turns red; WORD=Redis for some
# make test-alerts    the alerts of etc/prometheus on made-up series, also gone ones, by Prometheus' promtool
# make test-contract  the served API against its own OpenAPI document, by schemathesis from PyPI
# make test-browser   every page as every kind of person in headless Chromium: axe, links, console, weight, pictures.
#                     SITE=http://localhost:8080 for both: a demo that runs already
# make bench    the queues against others on the same Redis, task transitions, expressions against jq, the whole path, pages;
#               STORE=postgresql: tickets and transitions on PostgreSQL as more companies are busy, one and two of each program
# make install  binaries, the Swift libraries they need, units, manual pages and completions into PREFIX (release build)
# make deb      the same as one Debian package in .build/deb; VERSION=1.2
# make test-deb tries that package here; DEBOOTSTRAP=1, as root, in a fresh Debian as well
# make packages, test-packages  what building and testing need from Debian; every target does it for itself
# make clean    remove everything that was built

CONFIGURATION ?= debug
# Of the debug programs with an empty .build: 9 minutes of one core, of which 4 are NIO and its copy of BoringSSL.
FIRST_BUILD = 5 minutes
PREFIX ?= /usr/local
# Of the package: a version before the first release, by the moment of its commit.
VERSION ?= 0.1~$(shell git log -1 --format=%cd.%h --date=format:%Y%m%d%H%M%S 2>/dev/null || echo 0)
# Build and run-time packages of Debian 12.
PACKAGES = libhiredis-dev libre2-dev libyaml-dev libsqlite3-dev libpq-dev libssl-dev libcmark-gfm-dev libqrencode-dev zlib1g-dev graphviz fonts-dejavu-core redis-server
# What the tests hold us against besides: jq, the programs that do our jobs straight from Redis, and PostgreSQL.
TEST_PACKAGES = jq openssl ruby-sidekiq ruby-rack python3-redis postgresql
# Of PostgreSQL only the programs are wanted: while it is there, Debian makes no cluster that would be started.
NO_CLUSTER = /etc/postgresql-common/createcluster.d/no-cluster.conf
# Takes the toolchain's path out of the installed programs, and makes manual pages of their --help.
INSTALL_PACKAGES = binutils patchelf python3-minimal
# With which a package is looked at.
DEB_TEST_PACKAGES = groff curl systemd
# A PostgreSQL that fails over by itself. Debian starts an etcd of its own where it may.
CLUSTER_PACKAGES = patroni etcd-server
# With which the pages are looked at.
BROWSER_PACKAGES = chromium chromium-driver python3-selenium

SWIFT_TEST = etc/run-tests.sh

# What every process of a test run asks of the record, for the suite that prepares all of it on PostgreSQL.
STATEMENTS = $(CURDIR)/.build/statements

# Other queues to hold ours against.
BENCH_PYTHON = .build/bench-python/bin/python

.PHONY: run build test test-sql test-attack test-faults soak test-cluster test-guards test-alerts test-contract test-browser check lint format fuzz bench install deb test-deb \
	packages test-packages install-packages browser-packages clean help

run: build
	@etc/run.sh .build/$(CONFIGURATION)

# The two programs and what they need; neither tests nor benchmarks.
build: packages
	@test -x .build/$(CONFIGURATION)/tf-web || \
		echo "The first build compiles all that the programs need: about $(FIRST_BUILD) on two free cores," \
			"longer for release."
	@for program in tf-daemon tf-web; do \
		echo "Building $$program ($(CONFIGURATION))"; \
		swift build -c $(CONFIGURATION) --product $$program || exit; \
	done

help:
	@sed -n '/^#/!q; s/^# //p' $(firstword $(MAKEFILE_LIST))

test: packages test-packages
	swift build --build-tests
ifdef ONLY
	$(SWIFT_TEST) --filter "$(ONLY)"
else
	rm -rf $(STATEMENTS) && mkdir -p $(STATEMENTS)
	TF_TEST_STATEMENTS=$(STATEMENTS) $(SWIFT_TEST) --skip "SystemTests|PortableSQLTests"
	TF_TEST_STATEMENTS=$(STATEMENTS) $(SWIFT_TEST) --filter SystemTests
	TF_TEST_STATEMENTS=$(STATEMENTS) $(SWIFT_TEST) --filter PortableSQLTests
endif

test-sql: packages test-packages
	swift build --build-tests
	rm -rf $(STATEMENTS) && mkdir -p $(STATEMENTS)
	TF_TEST_STATEMENTS=$(STATEMENTS) $(SWIFT_TEST) --filter "TFStoreTests|TFWebTests|TFDaemonTests" --skip PortableSQLTests
	TF_TEST_STATEMENTS=$(STATEMENTS) $(SWIFT_TEST) --filter PortableSQLTests

test-attack: packages test-packages
	swift build --build-tests
	$(SWIFT_TEST) --filter AttackTests

test-faults: packages test-packages
	swift build --build-tests
	FAULT_RATE=$${FAULT_RATE:-200} FAULT_SECONDS=$${FAULT_SECONDS:-20} \
		$(SWIFT_TEST) --filter "QueueFaultTests|MainPathTests"
	FAULT_RATE=$${FAULT_RATE:-20} FAULTS=whole CRASH_POINTS=all $(SWIFT_TEST) --filter \
		"FaultTableTests|FailoverTests|ServerListTests|CrashPointTests|DaemonFaultTests|WebHandoverTests|DescriptorTests|LogBoundTests|FullDiskTests|NewerVersionTests"
	HISTORY_SECONDS=$${HISTORY_SECONDS:-60} $(SWIFT_TEST) --filter HistoryCheckTests
	FAIRNESS_TICKETS=$${FAIRNESS_TICKETS:-100} $(SWIFT_TEST) --filter FairnessTests

soak: packages test-packages
	swift build --build-tests
	SOAK_MINUTES=$(or $(MINUTES),30) $(SWIFT_TEST) --filter SoakTests

test-cluster: CONFIGURATION = release
test-cluster: build test-packages
	@$(call install-missing,$(CLUSTER_PACKAGES))
	Tests/cluster/run.py .build/release $(if $(THEN),--then "$(THEN)",--faults $(or $(FAULTS),50) --rate $(or $(RATE),100))

# In a copy of the sources with a build of its own; a guard takes about as long as a build after one change.
test-guards: packages test-packages
	Tests/guards/run.py $(WORD)

test-alerts:
	Tests/alerts/run.sh

check: lint test

lint:
	swift format lint --strict --recursive --parallel Package.swift Sources Tests

format:
	swift format --in-place --recursive --parallel Package.swift Sources Tests

fuzz: packages test-packages
	swift build --build-tests
	FUZZ_SECONDS=$${FUZZ_SECONDS:-60} $(SWIFT_TEST) --filter "$(or $(ONLY),FuzzTests)"

# Checks the served API against its OpenAPI document from outside, with schemathesis from PyPI.
test-contract: CONFIGURATION = debug
test-contract: build
	@Tests/contract/run.sh .build/debug

# Looks at every page of the demo in headless Chromium. ONLY=login looks as one person, PAGE=text at some lines of the routes.
test-browser: CONFIGURATION = debug
test-browser: build browser-packages
	@Tests/browser/run.sh .build/debug $(if $(ONLY),--person $(ONLY)) $(if $(PAGE),--page $(PAGE))

# STORE=postgresql: what a site on a PostgreSQL of its own does, with one and with two of each program.
bench: CONFIGURATION = release
ifeq ($(STORE),postgresql)
bench: build test-packages
	swift build -c release --product tf-bench
	@etc/bench/with-postgresql.sh .build/release/tf-bench companies --store
else
bench: build test-packages
	swift build -c release --product tf-bench
	@test -x $(BENCH_PYTHON) || { python3 -m venv .build/bench-python && \
		$(BENCH_PYTHON) -m pip install -q rq "celery[redis]" huey "dramatiq[redis]"; } || \
		echo "RQ, Celery, Huey and Dramatiq could not be installed; their figures are left out"
	@.build/release/tf-bench queues --python $(BENCH_PYTHON)
	@.build/release/tf-bench engine
	@.build/release/tf-bench site
	@.build/release/tf-bench companies
endif

# With CONFIGURATION=debug it installs the debug build.
install: CONFIGURATION = release
install: build install-packages
	etc/install-programs.sh .build/$(CONFIGURATION) $(DESTDIR)$(PREFIX) tf-daemon tf-web
	etc/package/install-extras.sh .build/$(CONFIGURATION) "$(DESTDIR)" $(PREFIX) $(VERSION)
	@if [ -z "$(DESTDIR)" ]; then etc/package/postinst configure; fi

# The package installs into /usr; what is staged for it is thrown away.
deb: STAGE := $(shell mktemp -d -u)
deb:
	$(MAKE) install DESTDIR=$(STAGE) PREFIX=/usr
	etc/package/make-deb.sh $(STAGE) $(VERSION) .build/deb
	@rm -rf $(STAGE)

test-deb: deb test-packages
	@$(call install-missing,$(DEB_TEST_PACKAGES) $(if $(DEBOOTSTRAP),debootstrap))
	etc/package/test-deb.sh .build/deb/ticketflower_$(VERSION)_$$(dpkg --print-architecture).deb $(if $(DEBOOTSTRAP),--debootstrap)

# Install only what is missing, so that it costs nothing and asks nobody when all is there.
packages:
	@$(call install-missing,$(PACKAGES))

test-packages:
	@$(call install-missing,$(TEST_PACKAGES))

install-packages:
	@$(call install-missing,$(INSTALL_PACKAGES))

browser-packages:
	@$(call install-missing,$(BROWSER_PACKAGES))

define install-missing
missing=$$(for p in $(1); do \
	dpkg-query -W -f '$${Status}' $$p 2>/dev/null | grep -q 'ok installed' || echo $$p; done); \
if [ -n "$$missing" ]; then \
	echo "installing:" $$missing; \
	sudo=$$([ $$(id -u) = 0 ] || echo sudo); \
	$$sudo apt-get update -q && \
	echo 'create_main_cluster = false' | $$sudo install -D -m 0644 /dev/stdin $(NO_CLUSTER) && \
	$$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -yq --no-install-recommends $$missing; \
	status=$$?; $$sudo rm -f $(NO_CLUSTER); exit $$status; \
fi
endef

clean:
	rm -rf .build
