"""Follows every link of every page as one person, without a browser."""

import gzip
import re
from collections import defaultdict
from urllib.parse import urldefrag, urljoin, urlsplit

from visitor import Page, Visitor

LIST_BYTES = 9_000  # a list of 25 rows
FIRST_LIST_BYTES = 13_000  # the same as it is first opened, without filters, together with the style sheet as sent
TICKET_BYTES = 14_000  # a ticket with its diagram
TICKET = "/c/{company}/tickets/{number}"
# Lists whose links are filters of themselves: enough of them, not all.
MOST_OF_A_PATH = 12


def local(site, page, href):
    """The path with query of a link that stays on the site, without its fragment; None: it leads elsewhere."""
    address = urldefrag(urljoin(site + page, href)).url
    if not address.startswith(site + "/") or urlsplit(href).scheme not in ("", "http"):
        return None
    return address[len(site):]


def style_bytes(visitor, page):
    """How much the style sheet of a page adds when it is sent."""
    path = re.search(r"/assets/[^\"' >]+\.css", page).group(0)
    return len(gzip.compress(visitor.get(path).body, 9))


def crawl(site, routes, person, findings):
    """Returns the addresses of the pages found, by the route to which they belong; none, where it leads elsewhere."""
    visitor = Visitor(site, person.login)
    found = defaultdict(list)
    queue, known, variants = list(person.starts), set(person.starts), defaultdict(int)
    came_from = {}
    style = 0
    while queue:
        address = queue.pop(0)
        where = f"{person.login}: {address}" + (f", a link on {came_from[address]}" if address in came_from else "")
        answer = visitor.get(address)
        pattern = routes.pattern(address)
        if answer.status == 303:
            found[pattern]
            targets = [answer.headers["Location"]]
        elif answer.status != 200:
            findings.add(f"a link answers {answer.status}", where)
            continue
        elif not answer.is_page:
            found[pattern]
            continue
        else:
            if pattern:
                found[pattern].append(address)
            page = Page(answer.text)
            style = style or style_bytes(visitor, answer.text)
            check(page, pattern, address, len(answer.body), style, where, findings)
            for href in page.links:
                if href.startswith("#") and len(href) > 1 and href[1:] not in page.ids:
                    findings.add("a link to a place that is not on the page", where, href)
            targets = page.links
        for href in targets:
            target = local(site, address, href)
            if not target or target in known:
                continue
            path = target.split("?")[0]
            if "?" in target:
                # A filtered page is looked at, but what it links to has been seen without the filter.
                variants[path] += 1
                if variants[path] > MOST_OF_A_PATH:
                    continue
            known.add(target)
            came_from[target] = address
            queue.append(target)
    return dict(found)


def check(page, pattern, address, length, style, where, findings):
    for part in sorted(set(page.inline)):
        findings.add(f"inline style or script: {part}", where)
    # With its menu open a list is a form, with all that there is to choose from.
    if 0 < page.rows <= 26 and length > LIST_BYTES and "filter=open" not in address:
        detail = f"{length} bytes, {page.rows} rows"
        findings.add(f"a list of at most 25 rows of more than {LIST_BYTES} bytes", where, detail)
    # Shorter ones are tables of plots, such as that of the workers.
    if 20 < page.rows <= 26 and "?" not in address and length + style > FIRST_LIST_BYTES:
        detail = f"{length} bytes and {style} of style, {page.rows} rows"
        findings.add(f"a first list that takes more than {FIRST_LIST_BYTES} bytes with its style", where, detail)
    # Whoever asks for the whole of a long history gets it.
    if pattern == TICKET and length > TICKET_BYTES and "history=all" not in address:
        findings.add(f"a ticket page of more than {TICKET_BYTES} bytes", where, f"{length} bytes")
