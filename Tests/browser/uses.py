"""Other ways to use pages than to read them with a mouse at hand: by the keyboard alone, on paper, twice as large, in
grey, and left open for a while. This changes the demo."""

import base64
import time

from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from browser import Browser
from journeys import Newcomer
from visitor import Program

# ---- By the keyboard alone -------------------------------------------------------------------------------------------

# What has the focus, in words, and what is wrong with how it shows.
FOCUS = """
const one = document.activeElement;
if (!one || one === document.body) return ['', ''];
const label = one.labels?.[0]?.textContent ?? '';
const words = (label || one.getAttribute('aria-label') || one.textContent || one.value || '').trim();
const box = one.getBoundingClientRect(), around = one.closest('.btn') ?? one;
const hasOutline = [one, around].some(each => getComputedStyle(each).outlineStyle !== 'none');
const isSeen = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
return [words, hasOutline ? isSeen ? '' : 'is out of sight' : 'has no outline'];
"""


class Typist(Newcomer):
    """Somebody without a mouse."""

    def __init__(self, site, login):
        super().__init__(site, login)
        self.faults = set()

    def key(self, *keys):
        ActionChains(self.driver).send_keys(*keys).perform()

    def reach(self, words, kind="a,button,summary,input,select,textarea"):
        """Presses Tab until what begins with these words has the focus."""
        for _ in range(150):
            self.key(Keys.TAB)
            found, fault = self.driver.execute_script(FOCUS)
            if fault:
                self.faults.add(f"“{found[:40]}” {fault} on {self.driver.current_url.split('?')[0]}")
            if found.startswith(words) and self.driver.execute_script(
                    "return document.activeElement.matches(arguments[0])", kind):
                return
        raise AssertionError(f"Tab does not lead to {words!r} on {self.driver.current_url}")

    def enter(self, words):
        self.reach(words)
        before = self.driver.find_element("tag name", "html")
        self.key(Keys.ENTER)
        for _ in range(100):
            try:
                before.is_enabled()
            except WebDriverException:
                return
            time.sleep(0.05)


def submit(site, findings):
    with Typist(site, "uma") as uma:
        uma.enter("New ticket")
        uma.enter("Something is broken")
        uma.reach("What is broken?")
        uma.key("The blind in the hall")
        uma.reach("Where?")
        uma.key("G")
        uma.enter("Submit ticket")
        uma.sees("The blind in the hall #")
        return uma.faults


def do_task(site, findings):
    with Typist(site, "carol") as carol:
        carol.enter("Approve")  # The link to the next task.
        carol.reach("Approve", "button")
        carol.key(Keys.ENTER)
        carol.sees("was answered “Approve”.")
        return carol.faults


def reassign(site, findings):
    with Typist(site, "tom") as tom:
        tom.enter("Tasks")
        for _ in range(2):
            tom.reach("", "tbody input[type=checkbox]")
            tom.key(Keys.SPACE)
        tom.enter("Reassign")
        tom.reach("", "select[name=assignee]")
        tom.key(Keys.ARROW_DOWN)
        tom.enter("Reassign 2 tasks")
        tom.sees("Back to the list")
        return tom.faults


# ---- Left open -------------------------------------------------------------------------------------------------------

LATER = """
const real = Date.now, shift = arguments[0] * 1000;
Date.now = () => real.call(Date) + shift;
"""
ASKED = "return performance.getEntriesByType('resource').filter(one => one.name.includes('/rows')).length"
NOTE = "return document.querySelector('.fresh span').textContent"


def later(browser, seconds):
    """The page's clock jumps ahead, and its script has time to see that."""
    browser.run(LATER, seconds)
    time.sleep(2.5)
    return browser.run(ASKED)


def pause(browser, site, add):
    browser.open("/c/acme/tickets")
    first = later(browser, 20)
    if not first:
        add("an open list does not ask for its rows")
    press = "document.querySelector('.fresh button').click(); return document.querySelector('.fresh button').textContent"
    if browser.run(press) == "Pause updates":
        add("the button does not say that updates are paused")
    if later(browser, 400) != first:
        add("a paused list asks for its rows")
    browser.run(press)
    second = later(browser, 400)
    if second <= first:
        add("a list does not go on after a pause")
    browser.run("Object.defineProperty(document, 'hidden', { get: () => true })")
    if later(browser, 400) != second:
        add("a list that is out of sight asks for its rows")


def typed_text(browser, site, add):
    """What somebody types or ticks stays, whatever comes meanwhile."""
    browser.open("/c/acme/tickets")
    browser.run(
        """
        document.querySelector('[name=q]').value = 'half a wo';
        document.querySelector('[data-live] > .stack tbody [type=checkbox]').checked = true;
        """)
    tom = Program(site, "tom")
    number = tom.call("GET", "/companies/acme/tickets?limit=1")["items"][0]["number"]
    tom.call("PATCH", f"/companies/acme/tickets/{number}", {"title": f"A name of {time.time_ns()}"})
    later(browser, 20)
    if browser.run("return document.querySelector('[name=q]').value") != "half a wo":
        add("typed text does not survive an update")
    if not browser.run("return document.querySelector('[data-live] > .stack tbody [type=checkbox]').checked"):
        add("a ticked box does not survive an update")
    if browser.run(NOTE) != "Paused while rows are selected":
        add(f"nothing says that selected rows stay, but “{browser.run(NOTE)}”")
    browser.run("document.querySelector('[data-live] > .stack tbody :checked').click()")
    time.sleep(2.5)
    if "As of" not in browser.run(NOTE):
        add("new rows do not come when nothing is selected any more")
    browser.run("document.querySelector('[data-live] > .stack tbody a').focus()")
    tom.call("PATCH", f"/companies/acme/tickets/{number}", {"title": f"A name of {time.time_ns()}"})
    for moment in ("at once", "at the next look"):
        later(browser, 20)
        if browser.run(NOTE) != "Show what is new":
            add(f"new rows are not offered {moment}, but “{browser.run(NOTE)}”")
    browser.run("document.querySelector('.fresh span button').click()")
    if "As of" not in browser.run(NOTE):
        add("new rows do not come when they are asked for")


# How the box for all rows looks when one row is ticked, then all, then none.
TICKS = """
const all = document.querySelector('.rows .all'), one = document.querySelector('.rows tbody [type=checkbox]');
return [one, all, all].map(box => { box.click(); return [all.checked, all.indeterminate]; });
"""


def ticks(browser, site, add):
    browser.open("/c/acme/tickets")
    looks = browser.run(TICKS)
    if looks != [[False, True], [True, False], [False, False]]:
        add(f"the box for all rows does not show which are ticked: {looks}")


IN_SIGHT = """
const box = document.querySelector('.box:has(> .flow)'), step = box.querySelector('.now');
const [all, one] = [box, step].map(each => each.getBoundingClientRect());
return box.scrollWidth > box.clientWidth && one.left >= all.left && one.right <= all.right;
"""
HELP = """
const one = document.activeElement, place = one.getBoundingClientRect();
return one.matches('#keys[open] > summary') && place.top >= 0 && place.bottom <= innerHeight;
"""


def helpers(browser, site, add):
    """Diagrams that are wider than a phone, and keys."""
    browser.size(390)
    browser.open("/c/acme/tickets/24")
    browser.run("document.querySelector('#progress details').open = true")
    browser.settle()
    # Wider pictures than that of the ticket are cut off until somebody asks for the whole.
    whole = browser.run("return document.querySelector('#progress label > :checked') !== null")
    if not whole and not browser.run(IN_SIGHT):
        add("the present step of a wide diagram is out of sight")
    browser.size(1280)
    browser.open("/account")
    browser.run("const box = document.querySelector('[name=keys]'); box.checked = true; box.form.requestSubmit()")
    browser.settle()
    browser.open("/c/acme/tickets")
    ActionChains(browser.driver).send_keys("?").perform()
    if not browser.run(HELP):
        add("the keys' help opens out of sight")
    browser.open("/c/acme/tickets/24")
    browser.run("document.querySelector('[name=text]').focus()")
    text = f"Sent by keys, {time.time_ns()}"
    ActionChains(browser.driver).send_keys(text).key_down(Keys.CONTROL).send_keys(Keys.ENTER).key_up(Keys.CONTROL).perform()
    browser.settle()
    if text not in browser.run("return document.querySelector('main .tl').textContent"):
        add("Ctrl-Enter does not send a reply")


# ---- On paper, twice as large, in grey -------------------------------------------------------------------------------

# What is of no use on paper but shows there.
ON_PAPER = """
return [...new Set([...document.querySelectorAll('header.top, nav, button, .btn, main input, select, textarea')]
    .filter(one => one.checkVisibility() && one.getBoundingClientRect().width > 1)
    .map(one => one.tagName.toLowerCase() + ' ' + (one.getAttribute('class') ?? one.name ?? '') + ' '
        + one.textContent.trim().slice(0, 30)))];
"""
FOLDED = """
return [...document.querySelectorAll('main details:not(.pop)')]
    .filter(one => one.checkVisibility() && !one.lastElementChild.matches('form')
        && !one.lastElementChild.checkVisibility({ contentVisibilityAuto: true })).length;
"""
PAPER_PAGES = (
    "/c/acme/tickets", "/c/acme/tickets/24", "/c/acme/tasks", "/c/acme/workers", "/c/acme/reports", "/notifications",
    "/c/acme/definitions/workflow/purchase")


def paper(browser, pictures, add):
    for page in PAPER_PAGES:
        browser.open(page)
        browser.cdp("Emulation.setEmulatedMedia", media="print")
        for one in browser.run(ON_PAPER):
            add(f"on paper there is {one}", page)
        folded = browser.run(FOLDED)
        if folded:
            add(f"on paper {folded} parts are folded", page)
        browser.cdp("Emulation.setEmulatedMedia", media="")
        sheet = browser.cdp("Page.printToPDF", printBackground=False)["data"]
        (pictures / f"paper{page.replace('/', '_')}.pdf").write_bytes(base64.b64decode(sheet))


# The states of a diagram's steps, each with the strokes by which it is drawn: they differ without a colour.
SIGNS = """
const signs = {};
for (const one of document.querySelectorAll('.flow .n:not(.plain)')) {
    const shape = getComputedStyle(one.firstElementChild);
    const state = one.classList.contains('now') ? 'now' : one.classList[1];
    (signs[state] ??= new Set()).add(shape.strokeDasharray + ', ' + shape.strokeWidth);
}
return Object.entries(signs).map(([state, strokes]) => [state, [...strokes]]);
"""


# Tickets with a workflow, in several states. By their titles: numbers depend on the day on which the demo is made.
DRAWN = ("Access to CRM as editor", "Purchase: Headset", "New colleague: Nora Nagel", "New colleague: Zoe")


def grey(browser, pictures, add):
    tickets = Program(browser.site, "tom").call("GET", "/companies/acme/tickets?limit=200")["items"]
    numbers = {ticket["title"]: ticket["number"] for ticket in tickets if ticket["title"] in DRAWN}
    if len(numbers) < len(DRAWN):
        add("the demo has not all tickets to look at in grey", ", ".join(set(DRAWN) - set(numbers)))
    for number in numbers.values():
        browser.open(f"/c/acme/tickets/{number}")
        browser.run("for (const one of document.querySelectorAll('main details')) one.open = !one.matches('.pop')")
        browser.cdp("Emulation.setEmulatedVisionDeficiency", type="achromatopsia")
        browser.screenshot(pictures / f"grey-{number}.png")
        browser.cdp("Emulation.setEmulatedVisionDeficiency", type="none")
        signs = {state: strokes for state, strokes in browser.run(SIGNS)}
        if not signs:
            add("there is no diagram to look at", f"#{number}")
        strokes = [stroke for one in signs.values() for stroke in one]
        if len(strokes) != len(set(strokes)):
            add(f"two states of the diagram are drawn with the same strokes: {signs}", f"#{number}")


def use(site, axe, pictures, findings):
    (pictures / "uses").mkdir(parents=True, exist_ok=True)
    with Browser(site, axe) as browser:
        browser.sign_in("tom")
        for look in (pause, typed_text, ticks, helpers):
            try:
                look(browser, site, lambda words: findings.add("a page that is left open", words))
            except WebDriverException as error:
                findings.add("a page that is left open", look.__name__, str(error).split("\n")[0])
        for look in (paper, grey):
            look(browser, pictures / "uses", lambda words, page, name=look.__name__: findings.add(name, page, words))
    for way in (submit, do_task, reassign):
        try:
            for fault in sorted(way(site, findings)):
                findings.add("a Tab stop that does not show", fault)
        except (AssertionError, WebDriverException) as error:
            findings.add("somebody without a mouse does not come through", way.__name__, str(error).split("\n")[0])
