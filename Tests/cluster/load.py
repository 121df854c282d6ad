"""People and programs who use the site through two webs, and what was acknowledged to them."""

import collections
import hashlib
import http.client
import json
import random
import threading
import time

# The webs of a site: the name that they are asked by, and the port of each on loopback.
Site = collections.namedtuple("Site", "host ports")

# A word of each kind that something on the way may spoil: quotes, JSON's and SQL's own, other scripts and directions,
# what is composed of several characters, what is not in the first plane, what has no width, line ends.
WORDS = [
    "plain", "'quoted'", '"twice"', "back\\slash", "\\u0041", "%s", "$1", "?", "<b>&amp;</b>", "${ .x }", "ä ö ü ß",
    "e\u0301", "\u212b", "日本語", "עברית", "ภาษาไทย", "👩‍👩‍👧‍👦", "𝄞", "\u200b", "\u2028", "\ufeff", "\t", "two\nlines",
    "  spaces  ",
]


def text_of(name):
    """A text of its own for each name, some of them long; the same one for the same name."""
    chance = random.Random(name)
    words = [chance.choice(WORDS) for _ in range(chance.choice([5, 20, 20, 200]))]
    return f"{name} {' '.join(words)} end"


class Client:
    """A signed-in client that goes to the other web when one does not answer."""

    def __init__(self, site, login, password):
        self.host, self.ports, self.login, self.password = site.host, site.ports, login, password
        self.place = hash(login) % len(self.ports)
        self.connection = None
        self.token = None

    def ask(self, method, path, body=None, key=None):
        """One try.

        Returns the status and the body; status 0: there was no answer."""
        try:
            if self.token is None:
                status, answer = self.send("POST", "/auth/token", {"login": self.login, "password": self.password}, None)
                if status != 200:
                    return status, answer
                self.token = answer["access_token"]
            status, answer = self.send(method, path, body, key)
            if status == 401:
                self.token = None
            return status, answer
        except (OSError, http.client.HTTPException, ValueError, KeyError):
            if self.connection:
                self.connection.close()
            self.connection = None
            self.place = (self.place + 1) % len(self.ports)
            return 0, {}

    def send(self, method, path, body, key):
        if self.connection is None:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.ports[self.place], timeout=10)
        headers = {"Host": self.host, "Accept": "application/json"}
        if self.token and path != "/auth/token":
            headers["Authorization"] = f"Bearer {self.token}"
        if isinstance(body, bytes):
            headers["Content-Type"] = "multipart/form-data; boundary=end-of-part"
            body = (b'--end-of-part\r\nContent-Disposition: form-data; name="file"; filename="file.bin"\r\n\r\n' + body
                    + b"\r\n--end-of-part--\r\n")
        elif body is not None:
            # A text is a definition.
            headers["Content-Type"] = "application/yaml" if isinstance(body, str) else "application/json"
            body = (body if isinstance(body, str) else json.dumps(body)).encode()
        if key:
            headers["Idempotency-Key"] = key
        self.connection.request(method, "/api/v1" + path, body, headers)
        answer = self.connection.getresponse()
        text = answer.read()
        if path.startswith("/companies/") and "/attachments/" in path and answer.status == 200:
            return 200, text
        return answer.status, json.loads(text) if text else {}


class Load:
    """Tickets that come in at a rate, and workers who do their tasks."""

    # Of so many tickets one gets a file, of up to so many bytes: more than one chunk of the store.
    FILE_EVERY, FILE_BYTES = 20, 600_000

    def __init__(self, site, companies, rate, password, worker):
        self.site, self.companies, self.rate, self.password, self.worker = site, companies, rate, password, worker
        self.is_over = threading.Event()
        self.lock = threading.Lock()
        # By (company, number): the answers. When each was acknowledged. By (company, task): how often done. By the path of
        # each file: its SHA-256.
        self.tickets, self.times, self.completed, self.files = {}, [], {}, {}
        self.refused, self.overwritten = 0, 0
        self.threads = []

    def begin(self, lanes=10):
        self.threads = [threading.Thread(target=self.submit, args=(lane, lanes), daemon=True) for lane in range(lanes)]
        self.threads += [threading.Thread(target=self.work, args=(company,), daemon=True) for company in self.companies]
        for thread in self.threads:
            thread.start()

    def end(self):
        self.is_over.set()
        for thread in self.threads:
            thread.join()

    def submit(self, lane, lanes):
        client = Client(self.site, "uma", self.password)
        number, due = 0, time.monotonic()
        while not self.is_over.is_set():
            company = self.companies[(lane + number) % len(self.companies)]
            form = {"n": f"{lane}-{number}", "text": text_of(f"{lane}-{number}")}
            body = {"type": "plain", "form": form}
            # What was not acknowledged is sent again with the same key.
            while True:
                status, answer = client.ask("POST", f"/companies/{company}/tickets", body, f"submit-{lane}-{number}")
                if status == 201:
                    break
                self.refused += 1
                time.sleep(0.1)
            self.note(company, answer["number"], form)
            with self.lock:
                self.times.append(time.monotonic())
            if number % self.FILE_EVERY == 0:
                self.attach(client, f"/companies/{company}/tickets/{answer['number']}/attachments")
            number += 1
            due = max(due + lanes / self.rate, time.monotonic() - 1)
            time.sleep(max(0, due - time.monotonic()))

    def attach(self, client, path):
        """Adds a file. An upload has no key: one that was not acknowledged is not sent again."""
        content = random.randbytes(random.randrange(1, self.FILE_BYTES))
        status, answer = client.ask("POST", path, content)
        if status == 201:
            with self.lock:
                self.files[f"{path}/{answer['id']}"] = hashlib.sha256(content).hexdigest()

    def note(self, company, number, form):
        """Notes an acknowledged ticket. A number that is given again is that of a ticket which was lost."""
        with self.lock:
            if (company, number) in self.tickets:
                self.overwritten += 1
            self.tickets[company, number] = form

    def work(self, company):
        client = Client(self.site, self.worker, self.password)
        while not self.is_over.is_set():
            status, answer = client.ask("GET", f"/companies/{company}/tasks?assignee=me&state=assigned&limit=20")
            tasks = answer.get("items", []) if status == 200 else []
            for task in tasks:
                if self.is_over.is_set():
                    return
                path = f"/companies/{company}/tasks/{task['id']}/completion"
                key = f"complete-{company}-{task['id']}"
                while True:
                    status, _ = client.ask("POST", path, {"outcome": "done"}, key)
                    if status == 200:
                        with self.lock:
                            self.completed[company, task["id"]] = self.completed.get((company, task["id"]), 0) + 1
                    if status in (200, 403, 404, 409, 422):
                        break
                    time.sleep(0.1)
            time.sleep(0.2 if not tasks else 0)

    def last(self):
        with self.lock:
            return len(self.times)

    def longest_gap(self, start, end):
        """The longest time without an acknowledged ticket, in seconds."""
        with self.lock:
            moments = [start] + [moment for moment in self.times if start <= moment <= end] + [end]
        return max(later - earlier for earlier, later in zip(moments, moments[1:]))
