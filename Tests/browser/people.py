"""Who looks at the demo: people of each kind, and where they start."""

from dataclasses import dataclass

PASSWORD = "try-ticketflower"


@dataclass(frozen=True)
class Person:
    login: str
    # Pages from which everything else has to be found by links.
    starts: tuple = ("/",)
    # Whether they look with the browser; the others only follow every link.
    has_browser: bool = True


PEOPLE = [
    Person("uma"),  # submits tickets
    Person("bob"),  # works and submits
    Person("tom"),  # ticket admin
    Person("wanda"),  # workflow creator of both companies
    Person("ada", ("/", "/c/acme", "/c/globex")),  # administers the site
    Person("dave", has_browser=False),  # works, in other roles
    Person("fay", has_browser=False),
    Person("gina", has_browser=False),  # ticket admin of the other company
    Person("otto", has_browser=False),  # works in the other company
]
