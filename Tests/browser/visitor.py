"""A person without a browser: signs in, keeps cookies, reads pages. Fast enough to follow every link."""

import http.cookiejar
import json
import urllib.error
import urllib.parse
import urllib.request
from html.parser import HTMLParser

from people import PASSWORD


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def text(self):
        return self.body.decode("utf-8", "replace")

    @property
    def is_page(self):
        return self.headers.get_content_type() == "text/html"


class Visitor:
    def __init__(self, site, login=None):
        self.site = site
        self.jar = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar), _Stay)
        if login:
            form = Page(self.get("/login").text).hidden
            answer = self.post("/login", {**form, "login": login, "password": PASSWORD})
            if answer.status != 303:
                raise SystemExit(f"{login} cannot sign in: {answer.status}")

    def get(self, path):
        return self._send(urllib.request.Request(self.site + path))

    def post(self, path, fields):
        data = urllib.parse.urlencode(fields).encode()
        return self._send(urllib.request.Request(self.site + path, data, {"Origin": self.site}))

    def _send(self, request):
        try:
            with self._opener.open(request, timeout=60) as answer:
                return Answer(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as error:
            return Answer(error.code, error.headers, error.read())


class Program:
    """The same over REST, for what has to happen behind a page's back."""

    def __init__(self, site, login):
        self._site = site
        tokens = self.call("POST", "/auth/token", {"login": login, "password": PASSWORD}, signed=False)
        self._token = tokens["access_token"]

    def call(self, method, path, body=None, signed=True):
        headers = {"Content-Type": "application/json"}
        if signed:
            headers["Authorization"] = f"Bearer {self._token}"
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(self._site + "/api/v1" + path, data, headers, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            text = answer.read()
            return json.loads(text) if text else None


class Page(HTMLParser):
    """What is checked of a page's text."""

    def __init__(self, text):
        super().__init__()
        self.links, self.hidden, self.ids, self.inline = [], {}, set(), []
        self.rows = 0
        self._is_in_rows = False
        self.feed(text)

    def handle_starttag(self, tag, pairs):
        attributes = dict(pairs)
        self.inline += [f"<{tag} {name}=…>" for name in attributes if name == "style" or name.startswith("on")]
        if tag == "style" or (tag == "script" and "src" not in attributes):
            self.inline.append(f"<{tag}>")
        if "id" in attributes:
            self.ids.add(attributes["id"])
        href = attributes.get("href") or attributes.get("xlink:href")
        if tag == "a" and href:
            self.links.append(href)
        if tag == "form" and (attributes.get("method") or "get") == "get" and attributes.get("action"):
            self.links.append(attributes["action"])  # Sent without anything in it.
        if tag == "input" and attributes.get("type") == "hidden":
            self.hidden.setdefault(attributes.get("name"), attributes.get("value") or "")
        if tag == "table":
            self._is_in_rows = "rows" in (attributes.get("class") or "").split()
        if tag == "tr" and self._is_in_rows:
            self.rows += 1

    def handle_endtag(self, tag):
        if tag == "table":
            self._is_in_rows = False
