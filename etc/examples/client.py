#!/usr/bin/env python3
"""A thin client of the REST API with Python's standard library alone.

As a library::

    site = TicketFlower("http://localhost:8080", "acme")
    site.sign_in("uma", "try-ticketflower")          # or: site.token = "tfk_…", the key of a service account
    ticket = site.submit("access-request", {"system": "CRM", "role": "reader", "reason": "New colleague",
                                              "rules": ["policy"]})
    for task in site.items("tasks", assignee="me", open="true"):
        site.complete(task["id"], "approve", {}, task["version"])

As a command: LOGIN=… PASSWORD=… client.py SITE COMPANY lists the caller's open tasks.
"""

import json
import os
import sys
import urllib.error
import urllib.parse
import urllib.request
import uuid


class Problem(Exception):
    """What the server answered instead (RFC 9457): `status`, `title`, `detail`, and `errors` with their fields."""

    def __init__(self, problem):
        super().__init__(f"{problem['status']} {problem['title']}: {problem['detail']}")
        self.status = problem["status"]
        self.errors = problem.get("errors", [])


class TicketFlower:
    def __init__(self, site, company):
        self.api = site.rstrip("/") + "/api/v1"
        self.company = company
        self.token = None
        self.refresh_token = None

    def sign_in(self, login, password, otp=None):
        body = {"login": login, "password": password, **({"otp": otp} if otp else {})}
        self._keep(self._send("POST", "/auth/token", body))

    def submit(self, kind, form, title=None):
        body = {"type": kind, "form": form, **({"title": title} if title else {})}
        return self.call("POST", "tickets", body)

    def complete(self, task, outcome, form, version=None):
        body = {"outcome": outcome, "form": form, **({"version": version} if version else {})}
        return self.call("POST", f"tasks/{task}/completion", body)

    def items(self, path, **query):
        """Every item of a list, page after page."""
        after = None
        while True:
            page = self.call("GET", path, query={**query, "limit": 200, **({"after": after} if after else {})})
            yield from page["items"]
            after = page["next"]
            if after is None:
                return

    def call(self, method, path, body=None, query=None):
        """One operation inside the company; an access token that has ended is renewed, once."""
        address = f"/companies/{self.company}/{path}"
        if query:
            address += "?" + urllib.parse.urlencode(query)
        # The same key for the second try: what was done already is not done again.
        key = None if method == "GET" else str(uuid.uuid4())
        try:
            return self._send(method, address, body, key)
        except Problem as problem:
            if problem.status != 401 or not self.refresh_token:
                raise
            self.token = None
            self._keep(self._send("POST", "/auth/refresh", {"refresh_token": self.refresh_token}))
            return self._send(method, address, body, key)

    def _keep(self, tokens):
        self.token, self.refresh_token = tokens["access_token"], tokens["refresh_token"]

    def _send(self, method, address, body=None, key=None):
        request = urllib.request.Request(self.api + address, method=method)
        if self.token:
            request.add_header("Authorization", f"Bearer {self.token}")
        if key:
            request.add_header("Idempotency-Key", key)
        if body is not None:
            request.add_header("Content-Type", "application/json")
            request.data = json.dumps(body).encode()
        try:
            with urllib.request.urlopen(request, timeout=40) as answer:
                text = answer.read()
        except urllib.error.HTTPError as error:
            raise Problem(json.load(error)) from None
        return json.loads(text) if text else None


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    client = TicketFlower(sys.argv[1], sys.argv[2])
    try:
        client.sign_in(os.environ["LOGIN"], os.environ["PASSWORD"])
        for task in client.items("tasks", assignee="me", open="true"):
            print(task["id"], task["state"], task["priority"], task["due"] or "-", task["title"], sep="\t")
    except Problem as problem:
        for error in problem.errors:
            print(f"{error.get('field', error.get('line'))}: {error['message']}", file=sys.stderr)
        sys.exit(str(problem))
