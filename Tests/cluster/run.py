#!/usr/bin/env python3
"""A site on three PostgreSQL under Patroni, three Redis with Sentinel, two daemons and two webs, on loopback: primaries and
programs are killed, stopped and cut off while tickets come in and are done.

Prints for each kind of fault how often it was inflicted, how long nothing was acknowledged, and at the end what was lost and
doubled. Exit status: 0 nothing was, 1 something was, or the site did not go on.

With --then COMMAND the site has the demo's people and tickets, and nothing happens to it: the command is run with the
site's address in SITE, behind which each connection gets one of the two webs, and its exit status is ours.
"""

import argparse
import hashlib
import os
import pathlib
import random
import signal
import shutil
import statistics
import subprocess
import tempfile
import time

from load import Client, Load, Site
from nodes import Cluster, until

PLAIN = """\
name: Plain
description: For a test.
title: Plain
outcomes: [done]
body:
  - { type: input, id: n, attributes: { label: N } }
  - { type: textarea, id: text, attributes: { label: Text } }
"""
PASSWORD = "a long password of the test"
WORKER = "dave"


def make_site(cluster, companies):
    """Accounts and companies."""
    for company in companies:
        cluster.run("tf-web", "company", "add", company, "--name", company)
    members = [option for company in companies for option in ("--member", company)]
    for login, roles in {"uma": ["user"], WORKER: ["user", "task_worker"], "ada": ["user", "ticket_admin"],
                         "wanda": ["workflow_creator"]}.items():
        options = [option for role in roles for option in ("--role", role)]
        cluster.run("tf-web", "user", "add", login, "--name", login, *options, *members, "--password-stdin",
                    text=PASSWORD + "\n")


def define(cluster, companies):
    """Publishes a ticket type in each company, through one machine."""
    client = Client(Site(cluster.site.host, cluster.site.ports[:1]), "wanda", PASSWORD)
    for company in companies:
        until(f"{company} has a ticket type", lambda: client.ask(
            "PUT", f"/companies/{company}/definitions/ticket/plain", PLAIN)[0] in (200, 201))


class Faults:
    """What can happen; each returns when the fault was inflicted, with what heals it."""

    def __init__(self, cluster, rng, taken):
        """taken: waits until tickets have come in for a while."""
        self.cluster, self.rng, self.taken = cluster, rng, taken

    def kinds(self):
        """Each kind with what inflicts it; all are equally frequent."""
        return {
            "kill -9 of PostgreSQL's primary": self.kill_postgres,
            "kill -9 of the primary's node": self.kill_postgres_node,
            "the primary's node is stopped": self.pause_postgres_node,
            "the primary is cut off from etcd and standbys": self.cut_postgres,
            "kill -9 of Redis' primary": self.kill_redis,
            "Redis' primary is stopped": self.pause_redis,
            "Redis' primary is cut off from everybody": self.cut_redis,
            "kill -9 of a daemon": self.kill_daemon,
            "a daemon is stopped": self.pause_daemon,
            "a machine is cut off from PostgreSQL": self.cut_machine,
            "a machine is cut off from Redis": self.cut_machine_from_redis,
            "kill -9 of a web": self.kill_web,
        }

    def kill_postgres(self):
        node = self.cluster.primary()
        os.kill(node.server_process(), signal.SIGKILL)
        return self.cluster.wait_for_postgres

    def kill_postgres_node(self):
        node = self.cluster.primary()
        node.kill()
        return lambda: (self.another(node), node.start(), self.cluster.wait_for_postgres())

    def pause_postgres_node(self):
        node = self.cluster.primary()
        node.pause()
        # A machine that stood still must not go on as if nothing had been: its Patroni takes the lead back, and PostgreSQL
        # gives up what was acknowledged meanwhile. A watchdog resets such a machine, as Patroni's manual asks for.
        return lambda: (self.another(node), node.kill(), node.start(), self.cluster.wait_for_postgres())

    def cut_postgres(self):
        # The programs reach it still. It learns that it leads no more, and gives up; what they commit meanwhile waits for a
        # standby, and is not acknowledged.
        node = self.cluster.primary()
        node.cable.pause()
        return lambda: (self.another(node), node.cable.go_on(), self.cluster.wait_for_postgres())

    def another(self, node):
        until("another PostgreSQL is the primary",
              lambda: any(other.is_primary for other in self.cluster.postgres if other is not node))

    def kill_redis(self):
        node = self.cluster.redis_primary()
        node.kill()
        return lambda: (self.another_redis(node), node.start(), self.cluster.wait_for_redis())

    def pause_redis(self):
        node = self.cluster.redis_primary()
        node.pause()
        return lambda: (self.another_redis(node), node.go_on(), self.cluster.wait_for_redis())

    def cut_redis(self):
        # It does not know that it has a successor, and takes itself for the primary until the cable is whole again.
        node = self.cluster.redis_primary()
        node.cable.pause()
        return lambda: (self.another_redis(node), node.cable.go_on(), self.cluster.wait_for_redis())

    def another_redis(self, node):
        until("another Redis is the primary", lambda: self.cluster.redis_primary() is not node)

    def kill_daemon(self):
        node = self.rng.choice(self.cluster.daemons)
        node.kill()
        return lambda: (self.shared(1), node.start(), self.shared(2))

    def pause_daemon(self):
        node = self.rng.choice(self.cluster.daemons)
        node.pause()
        return lambda: (self.shared(1), node.go_on(), self.shared(2))

    def cut_machine(self):
        cable = self.rng.choice(self.cluster.cables)
        cable.pause()
        return lambda: (self.shared(1), cable.go_on(), self.shared(2))

    def cut_machine_from_redis(self):
        # Its daemon goes on leading its companies, whose tasks wait for their queues until the cable is whole again.
        cable = self.rng.choice(self.cluster.redis_cables)
        cable.pause()
        self.taken()
        cable.go_on()
        return lambda: self.shared(2)

    def shared(self, count):
        def is_shared():
            status = self.cluster.status()
            return len(status["daemons"]) == count and not status["companies_without_daemon"]
        until(f"{count} daemons share the companies", is_shared, pause=0.5)

    def kill_web(self):
        node = self.rng.choice(self.cluster.webs)
        node.kill()
        return lambda: (node.start(), self.cluster.wait_for_web(node))


def plan(kinds, count, rng):
    """So many faults, all kinds equally often, in any order."""
    names = list(kinds)
    faults = [names[number % len(names)] for number in range(count)]
    rng.shuffle(faults)
    return faults


def take_over(load, client, companies, key):
    """Waits until a new ticket of each company has somebody."""
    for company in companies:
        body = {"type": "plain", "form": {"n": key}}
        number = until(f"a ticket of {company} is taken", lambda: client.ask(
            "POST", f"/companies/{company}/tickets", body, f"{key}-{company}")[1].get("number"), pause=0.05)
        load.note(company, number, body["form"])

        def is_assigned():
            status, ticket = client.ask("GET", f"/companies/{company}/tickets/{number}")
            return status == 200 and any(entry["kind"] == "assigned" for entry in ticket["history"])
        until(f"ticket {number} of {company} is assigned", is_assigned, pause=0.05)


def backlog(cluster):
    """What waits for the daemons, by company, and who leads it: to tell a site that is behind from one that stands still."""
    rows = cluster.primary().psql(
        "SELECT c.slug || ' (' || c.leader || '): ' || (SELECT COUNT(*) FROM instance_event e WHERE e.company_id = c.id) "
        "|| ' events, ' || (SELECT COUNT(*) FROM outbox o WHERE o.company_id = c.id) || ' outbox entries' "
        "FROM company c ORDER BY c.slug", "ticketflower")
    return "; ".join(rows.split("\n"))


def count(cluster, load):
    """What was lost and what was done twice, as the API and the record tell."""
    client = Client(load.site, "ada", PASSWORD)
    lost = load.overwritten

    def read(path):
        return until(f"{path} is read", lambda: (lambda answer: answer[0] in (200, 404) and answer)(client.ask("GET", path)))
    for (company, number), form in load.tickets.items():
        status, ticket = read(f"/companies/{company}/tickets/{number}")
        if status != 200 or ticket["form"] != form:
            print(f"    lost or changed: ticket {number} of {company}: {ticket.get('form')}", flush=True)
            lost += 1
    for path, digest in load.files.items():
        status, content = read(path)
        if status != 200 or hashlib.sha256(content).hexdigest() != digest:
            print(f"    lost or changed: {path}", flush=True)
            lost += 1
    rows = cluster.primary().psql
    doubled = int(rows(
        "SELECT COUNT(*) - COUNT(DISTINCT (company_id, form)) FROM ticket WHERE form NOT LIKE '%probe%'",
        "ticketflower"))
    twice = int(rows(
        "SELECT COUNT(*) FROM (SELECT 1 FROM history WHERE kind = 'completed' AND task_id IS NOT NULL "
        "GROUP BY task_id HAVING COUNT(*) > 1) t", "ticketflower"))
    twice += int(rows(
        "SELECT COUNT(*) FROM (SELECT 1 FROM task GROUP BY ticket_id, reference, visit, seat HAVING COUNT(*) > 1) t",
        "ticketflower"))
    return lost, doubled, len(missing_completions(cluster, load)), twice


def missing_completions(cluster, load):
    """The tasks that were acknowledged as done, and are not."""
    with load.lock:
        acknowledged = {f"{company} {task}" for company, task in load.completed}
    done = cluster.primary().psql(
        "SELECT c.slug || ' ' || k.id FROM task k JOIN company c ON c.id = k.company_id WHERE k.state = 'completed'",
        "ticketflower")
    return acknowledged - set(done.split("\n"))


def table(heads, rows):
    cells = [heads] + [[str(cell) for cell in row] for row in rows]
    widths = [max(len(line[column]) for line in cells) for column in range(len(heads))]
    return "\n".join("| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths)) + " |" for line in cells)


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("binaries", help="the directory of tf-daemon and tf-web")
    options.add_argument("--faults", type=int, default=50, help="how many to inflict (50)")
    options.add_argument("--rate", type=float, default=100, help="tickets a second (100)")
    options.add_argument("--companies", type=int, default=4, help="how many are busy (4)")
    options.add_argument("--seed", type=int, default=random.randrange(1 << 30), help="replays the order of the faults")
    options.add_argument("--only", default="", help="only faults with this text in their name")
    options.add_argument("--then", metavar="COMMAND", help="run this against the demo on the cluster, and no faults")
    options.add_argument("--keep", action="store_true", help="leave the files and logs where they are")
    given = options.parse_args()
    # Ends as by Ctrl-C, which stops all nodes.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    print(f"seed {given.seed}", flush=True)
    directory = tempfile.mkdtemp(prefix="tf-cluster-")
    companies = [f"company-{number}" for number in range(1, given.companies + 1)]
    cluster = None
    try:
        cluster = Cluster(directory, given.binaries)
        if given.then:
            return show(cluster, given.then)
        make_site(cluster, companies)
        cluster.serve()
        define(cluster, companies)
        try:
            return suffer(cluster, companies, given)
        except SystemExit:
            for _ in range(2):
                print(f"\nwaiting: {backlog(cluster)}", flush=True)
                time.sleep(5)
            raise
    finally:
        if cluster:
            cluster.stop()
        if given.keep:
            print(f"files and logs: {directory}")
        else:
            shutil.rmtree(directory, ignore_errors=True)


def show(cluster, command):
    """Runs a command against the demo."""
    workflows = pathlib.Path(__file__).resolve().parents[2] / "workflows"
    shutil.copytree(workflows, cluster.environment["TF_DEFINITIONS"])
    cluster.run("tf-web", "demo")
    cluster.serve()
    print(f"the demo is served at {cluster.address}", flush=True)
    return subprocess.run(["sh", "-c", command], env={**os.environ, "SITE": cluster.address}).returncode


def suffer(cluster, companies, given):
    rng = random.Random(given.seed)
    load = Load(cluster.site, companies, given.rate, PASSWORD, WORKER)

    def taken():
        count = load.last()
        until("tickets come in all the same", lambda: load.last() > count + 3 * given.rate)
    faults = Faults(cluster, rng, taken)
    kinds = {name: kind for name, kind in faults.kinds().items() if given.only in name}
    probe = Client(load.site, "ada", PASSWORD)
    until("the ticket types are there", lambda: all(
        probe.ask("GET", f"/companies/{company}/ticket-types/plain")[0] == 200 for company in companies))
    load.begin()
    until("tickets come in", lambda: load.last() > given.rate)
    begun = time.monotonic()
    gaps, times, missing = {}, {}, set()
    for number, name in enumerate(plan(kinds, given.faults, rng), 1):
        start = time.monotonic()
        print(f"{number:3} {name}: ", end="", flush=True)
        heal = kinds[name]()
        take_over(load, probe, companies, f"probe {number}")
        works = time.monotonic()
        heal()
        take_over(load, probe, companies, f"probe {number} healed")
        end = time.monotonic()
        gaps.setdefault(name, []).append(load.longest_gap(start, end))
        times.setdefault(name, []).append(works - start)
        print(f"works again after {works - start:.1f} s, "
              f"no ticket was taken for {gaps[name][-1]:.1f} s, healed after {end - start:.1f} s", flush=True)
        # At once, so that the fault that lost them is known.
        if more := missing_completions(cluster, load) - missing:
            print(f"    done, and lost: {', '.join(sorted(more))}", flush=True)
            missing |= more
    ended = time.monotonic()
    load.end()
    until("the outbox is empty", lambda: cluster.status()["outbox"]["waiting"] == 0)
    lost, doubled, undone, twice = count(cluster, load)
    print(table(["fault", "times", "works again, median", "longest", "longest gap"], [
        [name, len(values), f"{statistics.median(values):.1f} s", f"{max(values):.1f} s", f"{max(gaps[name]):.1f} s"]
        for name, values in times.items()]))
    every = [value for values in times.values() for value in values]
    print(f"faults {len(every)}, in {ended - begun:.0f} s; take-over p50 {statistics.median(every):.1f} s, "
          f"p99 {percentile(every, 0.99):.1f} s")
    print(f"tickets acknowledged {len(load.tickets)} ({load.last() / (ended - begun):.0f} a second of {given.rate:.0f} "
          f"wanted; {load.refused} tries again) and {len(load.files)} files, lost or changed {lost}, doubled {doubled}")
    print(f"tasks acknowledged as done {len(load.completed)}, lost {undone}, done twice {twice}")
    return 0 if lost + doubled + undone + twice == 0 else 1


if __name__ == "__main__":
    raise SystemExit(main())
