"""What a new user does without having read anything, with the site's script and without it.

Only what is in sight is used: links, buttons and menus by their words, fields by their labels.
"""

import re

from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException, WebDriverException
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.select import Select
from selenium.webdriver.support.wait import WebDriverWait

from people import PASSWORD

NEW_PASSWORD = "four words of my own"


def is_gone(element):
    """Whether the page of an element was left; the driver says so in more than one way."""
    try:
        element.is_enabled()
    except WebDriverException:
        return True
    return False


class Newcomer:
    """Somebody at a browser of their own."""

    def __init__(self, site, login=None, has_script=True, password=PASSWORD):
        options = Options()
        options.binary_location = "/usr/bin/chromium"
        for argument in ("headless=new", "no-sandbox", "disable-gpu", "disable-dev-shm-usage", "window-size=1280,900"):
            options.add_argument("--" + argument)
        if not has_script:
            options.add_experimental_option("prefs", {"profile.managed_default_content_settings.javascript": 2})
        self._site = site
        self.driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
        self.driver.implicitly_wait(20)
        if login:
            self.driver.get(site + "/login")
            self.sign_in(login, password)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.driver.quit()

    def sign_in(self, login, password):
        self.fill("User name", login)
        self.fill("Password", password)
        self.press("Sign in")

    @property
    def text(self):
        return self.driver.find_element(By.TAG_NAME, "body").text

    def sees(self, words):
        """Waits until the words stand on the page."""
        self.driver.find_element(By.XPATH, f"//body[contains(normalize-space(.), {words!r})]")

    def fill(self, label, text):
        """Fills in the field with a label that begins so."""
        found = self.driver.find_element(By.XPATH, f"//main//label[starts-with(normalize-space(), {label!r})]")
        field = self.driver.find_element(By.ID, found.get_attribute("for"))
        if field.tag_name == "select":
            Select(field).select_by_visible_text(text)
        else:
            field.clear()
            field.send_keys(text)

    def choose(self, label):
        """Ticks the box or the dot with a label that begins so."""
        self.driver.find_element(By.XPATH, f"//main//label[starts-with(normalize-space(), {label!r})]").click()

    def press(self, words, within="main"):
        """Presses a link, a button or a menu whose words begin so."""
        for _ in range(20):
            try:
                return self.find_to_press(words, within).click()
            except StaleElementReferenceException:
                pass  # the page before was still there
        raise AssertionError(f"{words!r} does not stay on {self.driver.current_url}")

    def find_to_press(self, words, within):
        kinds = f"[self::a or self::button or self::summary][starts-with(normalize-space(), {words!r})]"
        found = self.driver.find_elements(By.XPATH, f"//{within}//*{kinds}")
        shown = next((element for element in found
                      if element.is_displayed() and element.get_attribute("aria-hidden") != "true"), None)
        if shown is None:
            raise AssertionError(f"nothing to press says {words!r} on {self.driver.current_url}")
        return shown

    def search(self, words):
        field = self.driver.find_element(By.XPATH, "//header//input[@name='q']")
        field.send_keys(words + "\n")
        # Without the script nothing says that the page is being left.
        WebDriverWait(self.driver, 20).until(lambda _: is_gone(field))


def submit_and_follow(site, has_script):
    with Newcomer(site, "uma", has_script) as uma:
        uma.press("New ticket", "header")
        uma.press("Something is broken")
        uma.fill("What is broken?", "The lamp over my desk")
        uma.fill("Where?", "First floor")
        uma.press("Submit ticket")
        uma.sees("The lamp over my desk #")
        uma.press("My tickets", "header")
        uma.press("The lamp over my desk")
        uma.fill("Reply", "It **flickers** now.")
        uma.press("Send reply")
        uma.sees("It flickers now.")


def answer_a_task(site, has_script):
    # Pages that say no have sent Bob's forms before, and have decided what he had; nobody has sent Carol's.
    with Newcomer(site, "carol", has_script) as carol:
        # Which of hers is the next one is not known.
        carol.driver.find_element(By.XPATH, "//main//a[starts-with(normalize-space(), 'Approve')]").click()
        carol.press("Approve")
        carol.sees("was answered “Approve”.")
        carol.press("My tasks", "header")
        carol.press("To claim")
        carol.press("Claim")
        carol.sees("you took it")


def find_a_ticket(site, has_script):
    with Newcomer(site, "uma", has_script) as uma:
        uma.search("headset")
        uma.press("Purchase: Headset")
        uma.sees("Purchase: Headset #31")
        uma.search("#44")
        uma.sees("Purchase: Books about accessible documents #44")


def reassign_twenty_tasks(site, has_script):
    with Newcomer(site, "tom", has_script) as tom:
        tom.press("Tasks", "header")
        for box in tom.driver.find_elements(By.XPATH, "//tbody//input[@type='checkbox']")[:20]:
            box.send_keys(" ")
        tom.press("Reassign")
        tom.fill("To whom", "Chosen automatically")
        tom.press("Reassign 20 tasks")
        tom.sees("Back to the list")


def make_a_user(site, has_script):
    login = "nina" if has_script else "nino"
    with Newcomer(site, "ada", has_script) as ada:
        ada.press("Invite somebody")
        ada.fill("Name", f"{login.capitalize()} New")
        ada.fill("User name", login)
        ada.press("Make the account")
        ada.sees("It works once")
        link = re.search(r"http\S+/invite/\S+", ada.text).group(0)
        ada.press("Done: to the account")
        ada.press("Add to Acme")
        ada.press("Save")
        ada.sees("is saved")
    with Newcomer(site, has_script=has_script) as nina:
        nina.driver.get(link)
        nina.fill("New password", NEW_PASSWORD)
        nina.press("Set the password")
        nina.sign_in(login, NEW_PASSWORD)
        nina.sees("You have not asked for anything yet")


def publish_a_workflow(site, has_script):
    """From a template, after a dry run of the text that is not published."""
    with Newcomer(site, "wanda", has_script) as wanda:
        wanda.press("New")
        wanda.choose("Approval" if has_script else "Purchase")
        wanda.press("Use this template")
        wanda.press("Task: ")
        wanda.press("Dry run")
        wanda.sees("You play everybody in it")
        wanda.press("Back to the text")
        wanda.press("Publish all")
        wanda.sees("is published")
        wanda.sees("finds it under")


# The ids by which the fields of the workbench are described and that are nowhere on the page.
LOST_DESCRIPTIONS = """
return [...document.querySelectorAll('#bench [aria-describedby]')]
    .flatMap(field => field.getAttribute('aria-describedby').split(' '))
    .filter(id => !document.getElementById(id));
"""


def mend_a_text(site, has_script):
    """What was wrong is said no more once it is mended, by the check of a button or while somebody types."""
    form = "name: Chairs\ndescription: More of them\nbody: [ { type: input, attributes: { label: What } } ]"
    with Newcomer(site, "wanda", has_script) as wanda:
        wanda.press("New")
        wanda.choose("A form by itself")
        wanda.press("Use this template")
        wanda.fill("YAML", f"ticket: purchase\n{form}")
        wanda.press("Publish")
        wanda.sees("is there already")
        wanda.fill("YAML", f"ticket: chairs\n{form}")
        if not has_script:
            wanda.press("Check")
        wanda.sees("No problems")
        assert "is there already" not in wanda.text, "an old verdict stays beside the new one"
        if has_script:
            assert not wanda.driver.execute_script(LOST_DESCRIPTIONS), "a field is described by an error that is gone"


JOURNEYS = (
    submit_and_follow, answer_a_task, find_a_ticket, reassign_twenty_tasks, make_a_user, publish_a_workflow,
    mend_a_text)


def travel(site, findings):
    """Goes all the ways; a way that ends before its end is a finding."""
    for has_script in (True, False):
        for journey in JOURNEYS:
            try:
                journey(site, has_script)
            except (AssertionError, AttributeError, WebDriverException) as error:
                where = f"{journey.__name__}, {'with' if has_script else 'without'} the script"
                findings.add("somebody new does not come through", where, str(error).split("\n")[0])
