"""Looks at every page of the demo as every kind of person. Started by run.sh.

- Every link of every page answers 200 or 303; every page of the route table is reached by a link.
- No inline style or script; lists and tickets within their budget of bytes.
- In Chromium, at 1280 and 390 px, light and dark, with everything unfolded too: no violation in axe, nothing on the
  console (which tells violations of the page's own policy), no sideways scroll at 320 px, Tab begins at the skip link.
- The same for pages that say no: forms sent empty, 403, 404, 409.
- Pages are used by the keyboard alone, left open, printed, and looked at in grey.
- Newcomers submit, follow, answer, find, reassign, make a user and publish a workflow, with the script and without.

Screenshots: .build/browser/<login>/. The whole report: .build/browser/report.txt.
"""

import argparse
import gzip
import os
import pathlib
import re
import shutil
import sys
import time
from concurrent.futures import ProcessPoolExecutor

from selenium.common.exceptions import WebDriverException

from browser import Browser
from crawl import crawl
from errors import Refusals
from findings import Findings
from journeys import travel
from looks import Look
from people import PEOPLE
from routes import Routes
from uses import use
from visitor import Visitor

ASSET_BYTES = 5 * 1024  # of the style sheet and of the script, compressed
STRANGERS_PAGES = ["/login", "/invite/no-such-token", "/reset/no-such-token", "/login?next=/c/acme/my/tasks"]


def options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("site", "routes", "axe", "out"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--person", help="only this login")
    parser.add_argument("--page", help="only pages whose line of the route table contains this")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="how many browsers at a time")
    return parser.parse_args()


def sample(addresses):
    """Some pages of one line of the route table: without a query and with one, from its beginning to its end."""
    plain = [address for address in addresses if "?" not in address]
    others = [address for address in addresses if "?" in address]

    def some(all, most):
        return all if len(all) <= most else [all[i * (len(all) - 1) // (most - 1)] for i in range(most)]

    return some(plain, 3) + some(others, 2)


def picture_name(login, address):
    return f"{login}/{re.sub(r'[^A-Za-z0-9]+', '_', address).strip('_') or 'home'}"


def walk(site, routes_file, person):
    """Follows every link."""
    findings = Findings()
    found = crawl(site, Routes(routes_file), person, findings)
    return person.login, found, findings.all


def view(arguments, login, addresses):
    """Looks at these pages with a browser; login None: signed out."""
    findings, pictures = Findings(), pathlib.Path(arguments.out)
    with Browser(arguments.site, arguments.axe) as browser:
        if login:
            browser.sign_in(login)
        for address in addresses:
            browser.size(1280)
            browser.open(address)
            who = login or "stranger"
            try:
                Look(browser, pictures, findings).at(f"{who}: {address}", picture_name(who, address))
            except WebDriverException as error:
                findings.add("the browser gave up", f"{who}: {address}", error.msg or type(error).__name__)
    return findings.all


def refuse(arguments, found):
    """Pages that say no, one person after the other: this changes the demo."""
    findings, pictures, routes, seen = Findings(), pathlib.Path(arguments.out), Routes(arguments.routes), set()
    for login, pages in found.items():
        with Browser(arguments.site, arguments.axe) as browser:
            browser.sign_in(login)
            browser.size(1280)
            refusals = Refusals(Look(browser, pictures, findings), arguments.site, login)
            if not arguments.page:
                refusals.error_pages()
                if login == "bob":
                    refusals.lost_task()
            refusals.bad_forms([address for one in pages for address in one[:2]], routes, seen)
    return findings.all


def users(arguments):
    """Other ways to use pages; this changes the demo as well."""
    findings = Findings()
    use(arguments.site, arguments.axe, pathlib.Path(arguments.out), findings)
    return findings.all


def newcomers(site):
    """What people do who are new, last of all: this changes the demo too."""
    findings = Findings()
    travel(site, findings)
    return findings.all


def assets(site, findings):
    page = Visitor(site).get("/login").text
    for path in re.findall(r"/assets/[^\"' >]+\.(?:css|js)", page):
        length = len(gzip.compress(Visitor(site).get(path).body, 9))
        if length > ASSET_BYTES:
            findings.add(f"style or script of more than {ASSET_BYTES} bytes compressed", path, f"{length} bytes")


def contact_sheet(out):
    """A page with all pictures, those of one page side by side; returns how many there are."""
    names = sorted(str(picture.relative_to(out)) for picture in out.rglob("*.png"))
    pages = sorted({name.rsplit("-", 2)[0] for name in names})
    rows = "".join(
        f"<h2>{page}</h2>" + "".join(
            f'<a href="{name}"><img loading=lazy height=300 alt="{name}" src="{name}"></a> '
            for name in names if name.rsplit("-", 2)[0] == page) for page in pages)
    (out / "index.html").write_text(f"<!DOCTYPE html><meta charset=utf-8><title>Screenshots</title>{rows}")
    return len(names)


def main():
    arguments = options()
    out = pathlib.Path(arguments.out)
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    start = time.monotonic()

    def progress(text):
        print(f"{time.monotonic() - start:5.0f} s  {text}", flush=True)

    def collect(what, job):
        """What a part found. One that ends early, as when its browser dies, keeps the others' findings."""
        try:
            findings.extend(job.result())
        except Exception as error:  # whatever it is, the report says so
            findings.add("a part of the check ended early", f"{what}: {type(error).__name__}: {str(error)[:200]}")

    findings, routes = Findings(), Routes(arguments.routes)
    people = [person for person in PEOPLE if arguments.person in (None, person.login)]
    assets(arguments.site, findings)
    with ProcessPoolExecutor(arguments.jobs) as pool:
        walks = list(pool.map(walk, *zip(*[(arguments.site, arguments.routes, person) for person in people])))
        for login, found, more in walks:
            findings.extend(more)
            progress(f"{login}: {sum(map(len, found.values()))} pages by links")
        reached = {pattern for _, found, _ in walks for pattern in found}
        if not arguments.person:
            for pattern in set(routes.pages) - reached:
                # Not by links: those of mails, files, and the parts that the script asks for.
                if not re.search(r"^/login|/(invite|reset)/|/rows$|/favicon|/attachments/", pattern):
                    findings.add("no link leads to a page of the route table", pattern)

        # What each person looks at, and the pages whose forms are sent.
        looks, forms = [], {}
        for person, (login, found, _) in zip(people, walks):
            if not person.has_browser and not arguments.person:
                continue
            wanted = sorted(pattern for pattern in found if pattern and (arguments.page or "") in pattern)
            chosen = {pattern: sample(found[pattern]) for pattern in wanted}
            forms[login] = list(chosen.values())
            addresses = [address for one in chosen.values() for address in one]
            # In parts, so that the browsers are busy until the end.
            looks += [(login, addresses[i:i + 12]) for i in range(0, len(addresses), 12)]
        if not arguments.person and not arguments.page:
            looks.append((None, STRANGERS_PAGES))
        progress(f"{sum(len(addresses) for _, addresses in looks)} pages to look at")
        jobs = [(login, len(addresses), pool.submit(view, arguments, login, addresses)) for login, addresses in looks]
        for login, number, job in jobs:
            collect(login or "stranger", job)
            progress(f"{login or 'stranger'}: looked at {number} pages")
        collect("error states", pool.submit(refuse, arguments, forms))
        progress("error states done")
        if not arguments.person and not arguments.page:
            collect("other ways to use pages", pool.submit(users, arguments))
            progress("other ways to use pages done")
            collect("newcomers", pool.submit(newcomers, arguments.site))
            progress("newcomers done")

    (out / "report.txt").write_text(findings.text() + "\n")
    progress(f"{contact_sheet(out)} screenshots, see {out}/index.html")
    if findings.all:
        print(f"\n{len(findings.all)} findings; all of them in {out}/report.txt\n\n{findings.text(most=6)}")
        sys.exit(1)
    print("Nothing to find.")


if __name__ == "__main__":
    main()
