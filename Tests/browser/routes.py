"""The route table, as `tf-web routes` prints it: which pages there are, and which of them an address belongs to."""

import re


class Routes:
    def __init__(self, file):
        rows = [line.rstrip("\n").split("\t") for line in open(file)]
        self.pages = [row[1] for row in rows if row[0] == "GET" and row[2] in ("cookie", "open")]
        # Literal parts win over placeholders, as in the router.
        ordered = sorted(self.pages, key=lambda path: [part.startswith("{") for part in path.split("/")])
        self._patterns = [(path, re.compile(re.sub(r"\\{[a-z_]+\\}", "[^/]+", re.escape(path)) + "$"))
                          for path in ordered]

    def pattern(self, address):
        """The line of the table to which an address belongs; None: it is no page."""
        path = address.split("?")[0].split("#")[0]
        return next((line for line, regex in self._patterns if regex.match(path)), None)
