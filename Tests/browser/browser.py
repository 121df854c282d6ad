"""Chromium, as one person looks at the site with it."""

import base64
import json
import pathlib

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

from people import PASSWORD

AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


class Browser:
    def __init__(self, site, axe):
        self.site = site
        self._axe = next(pathlib.Path(axe).rglob("axe.min.js")).read_text()
        options = Options()
        options.binary_location = "/usr/bin/chromium"
        for argument in ("headless=new", "no-sandbox", "disable-gpu", "disable-dev-shm-usage", "hide-scrollbars"):
            options.add_argument("--" + argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
        self.driver.set_page_load_timeout(120)
        self.driver.set_script_timeout(120)  # axe on a busy machine

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.driver.quit()

    def sign_in(self, login):
        self.open("/login")
        self.run(
            """
            const form = document.querySelector('main form[method=post], form[method=post]');
            form.elements.login.value = arguments[0];
            form.elements.password.value = arguments[1];
            form.requestSubmit();
            """, login, PASSWORD)
        self.settle()
        if "/login" in self.driver.current_url:
            raise SystemExit(f"{login} cannot sign in with the browser")

    def open(self, path):
        self.driver.get_log("browser")  # What was said of the page before is of no interest any more.
        self.driver.get(self.site + path)

    def open_again(self):
        self.driver.refresh()

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def settle(self):
        """Waits until the page that a script has asked for is there."""
        for _ in range(300):
            if self.run("return document.readyState") == "complete" and not self.run("return window.isLeaving"):
                return
            self.run("return new Promise(done => setTimeout(done, 50))")

    @property
    def status(self):
        """The HTTP status with which the page came."""
        return self.run("return performance.getEntriesByType('navigation')[0]?.responseStatus ?? 0")

    def size(self, width, height=900):
        self.cdp("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def theme(self, name):
        self.cdp("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": name}, {"name": "prefers-reduced-motion", "value": "reduce"}])

    def cdp(self, command, **parameters):
        return self.driver.execute_cdp_cmd(command, parameters)

    def screenshot(self, file):
        """The whole page, in a window as high as the page: what sticks to the window's bottom stands at its end."""
        width = self.run("return innerWidth")
        for _ in range(2):  # The higher window may make the page lower.
            self.size(width, min(max(self.run("return document.scrollingElement.scrollHeight"), 600), 6000))
        image = self.cdp("Page.captureScreenshot", format="png")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(base64.b64decode(image["data"]))
        self.size(width)

    def violations(self):
        """What axe finds: the rule with its place, each."""
        if not self.run("return !!window.axe"):
            # Through the debugger, as the page's own policy admits no script but the site's.
            self.cdp("Runtime.evaluate", expression=self._axe)
        result = self.driver.execute_async_script(
            """
            const done = arguments[arguments.length - 1];
            axe.run(document, {runOnly: JSON.parse(arguments[0]), resultTypes: ['violations']}).then(
                r => done(r.violations.flatMap(v => v.nodes.map(n => [
                    v.id + ': ' + v.help, n.target.join(' '), n.html.slice(0, 160),
                    (n.any.concat(n.all, n.none)[0] || {}).message || '']))),
                e => done([['axe failed', '', '' + e, '']]));
            """, json.dumps(AXE_RULES))
        return result

    def console(self):
        """What has come to the console since the page was opened, but for the page's own status."""
        own = self.driver.current_url.split("#")[0] + " - Failed to load resource"
        entries = [entry for entry in self.driver.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")]
        return [entry["message"] for entry in entries if not entry["message"].startswith(own)]

    def press_tab(self):
        for kind in ("keyDown", "keyUp"):
            self.cdp("Input.dispatchKeyEvent", type=kind, key="Tab", code="Tab", windowsVirtualKeyCode=9)
