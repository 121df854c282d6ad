#!/usr/bin/env python3
"""Does TicketFlower's service tasks straight from Redis. Needs redis-py alone (python3-redis).

    ./redis_worker.py --redis unix:///var/lib/ticketflower/redis.sock --company acme --login etl

The login is a service account with the role task_worker in the company. As it stands, the program echoes: replace
HANDLERS by what your tasks are to do. A handler gets the task's input and the job's details, and returns the output (a
dict; its member "outcome" is the outcome). What it raises makes the try fail, and the task is tried again as its
definition says; GiveUp fails it for good.

Exit status: 0 after SIGINT or SIGTERM, when the job at hand is done; 1 when Redis cannot be reached at the start.
"""

import argparse
import json
import os
import signal
import socket
import sys
import threading
import time
import uuid

import redis


class GiveUp(Exception):
    """Another try would be of no use."""


def echo(task_input, job):
    return {"echo": task_input, "ticket": job["ticket"]}


# By the name of the task definition; "*" is for all others.
HANDLERS = {"*": echo}

HEARTBEAT = 5  # seconds between two signs of life
LIFE = 60  # seconds after which a process without one is taken for dead


class Worker:
    def __init__(self, client, company, login):
        self.client = client
        self.company = company
        self.login = login
        # Urgent jobs first.
        self.lists = [f"{company}.{login}.urgent", f"{company}.{login}"]
        self.identity = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:12]}"
        self.started = time.time()
        self.stopping = threading.Event()

    def run(self):
        beats = threading.Thread(target=self.beat, daemon=True)
        beats.start()
        while not self.stopping.is_set():
            try:
                # One second, so that a signal is heeded soon.
                found = self.client.brpop([f"queue:{name}" for name in self.lists], timeout=1)
            except redis.ConnectionError:
                time.sleep(1)
                continue
            if found:
                self.work(found[1])
        self.client.srem("processes", self.identity)

    def work(self, element):
        job = json.loads(element)
        details = job["args"][1]
        result = {"jid": job["jid"], "worker": self.login, "attempt": details["attempt"]}
        try:
            handler = HANDLERS.get(details["task"]) or HANDLERS.get("*")
            if handler is None:
                raise GiveUp(f"no handler for the task {details['task']}")
            output = dict(handler(details.get("input"), details) or {})
            outcome = output.pop("outcome", None)
            result.update(status="completed", output=output)
            if outcome is not None:
                result["outcome"] = outcome
        except Exception as error:  # whatever it is, the task has failed and says why
            result.update(
                status="failed",
                retry=not isinstance(error, GiveUp),
                error={"title": str(error) or type(error).__name__, "detail": type(error).__name__},
            )
        self.answer(json.dumps(result))

    def answer(self, result):
        key = f"tf:{{{self.company}}}"
        while True:
            try:
                self.client.lpush(f"{key}:results", result)
                # A hint, so that nobody waits for the daemon's next look.
                self.client.publish(f"{key}:wake", "results")
                return
            except redis.ConnectionError:
                time.sleep(1)

    def beat(self):
        """Writes what a Sidekiq process writes: the daemon, and Sidekiq's own page, see that the worker lives."""
        info = json.dumps({
            "hostname": socket.gethostname(), "started_at": self.started, "pid": os.getpid(), "tag": "ticketflower",
            "concurrency": 1, "queues": self.lists, "labels": [], "identity": self.identity,
        }, separators=(",", ":"))
        while not self.stopping.is_set():
            try:
                with self.client.pipeline() as pipeline:
                    pipeline.sadd("processes", self.identity)
                    pipeline.hset(self.identity, mapping={
                        "info": info, "busy": 0, "beat": repr(time.time()), "quiet": "false", "rss": 0, "rtt_us": 0,
                    })
                    pipeline.expire(self.identity, LIFE)
                    pipeline.execute()
            except redis.ConnectionError:
                pass  # the next beat tries again
            self.stopping.wait(HEARTBEAT)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--redis", default="redis://localhost:6379", help="redis://, rediss:// or unix:///path")
    parser.add_argument("--company", required=True, help="the company's slug")
    parser.add_argument("--login", required=True, help="the service account's login")
    arguments = parser.parse_args()
    client = redis.from_url(arguments.redis, decode_responses=True)
    try:
        client.ping()
    except redis.RedisError as error:
        print(f"Redis does not answer at {arguments.redis}: {error}", file=sys.stderr)
        return 1
    worker = Worker(client, arguments.company, arguments.login)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: worker.stopping.set())
    worker.run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
