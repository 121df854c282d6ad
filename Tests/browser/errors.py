"""Pages that say no: forms that are sent empty, pages that are not there or not allowed, changes that came too late."""

from visitor import Program

# Forms that take something away from the person who looks, or end the visit.
SPARED = ("/logout", "revocation", "removal", "disable", "cancellation", "retirement")

# Empties the form with a number among those of the page and sends it; returns where it goes, None: there is none.
SEND_EMPTY = """
const forms = [...document.querySelectorAll('main form')].filter(form => form.method === 'post'
    && form.querySelector('textarea,select,input:not([type=hidden],[type=checkbox],[type=radio])'));
const form = forms[arguments[0]];
if (!form) return null;
const path = new URL(form.action).pathname;
if (arguments[1].some(part => path.includes(part))) return path;
for (const control of form.elements) {
    if (control.matches('[type=checkbox],[type=radio]')) control.checked = false;
    else if (control.matches('textarea,input:not([type=hidden],[type=submit],[type=file])')) control.value = '';
}
form.noValidate = true;
window.isLeaving = true;
const button = form.querySelector('button:not([type=button])');
button ? form.requestSubmit(button) : form.requestSubmit();
return path;
"""

# Types into the form of a task and sends it with its first outcome.
ANSWER = """
const area = document.querySelector('main form textarea[name^="f."]'), form = area && area.form;
if (!form) return false;
area.value = arguments[0];
window.isLeaving = true;
form.requestSubmit(form.querySelector('button[name=outcome], button:not([type=button])'));
return true;
"""

LOOKS_SIGNED_IN = "return !!document.querySelector('header form[action=\"/logout\"], header form[action$=\"/logout\"]')"


class Refusals:
    """The same person's look at everything that says no to them."""

    def __init__(self, look, site, login):
        self.look, self.browser, self.findings = look, look.browser, look.findings
        self.site, self.login = site, login

    def bad_forms(self, addresses, routes, seen):
        """Sends each form of these pages with nothing in it. `seen`: the forms that were sent already."""
        for address in addresses:
            for number in range(12):
                self.browser.open(address)
                path = self.browser.run(SEND_EMPTY, number, list(SPARED))
                if path is None:
                    break
                kind = (routes.pattern(address), number if path == address else path.rsplit("/", 1)[-1])
                if any(part in path for part in SPARED) or kind in seen:
                    continue
                seen.add(kind)
                self.browser.settle()
                self._check_form(f"{self.login}: {address}, {path} sent empty", address, number)

    def _check_form(self, where, address, number):
        status = self.browser.status
        if status not in (200, 403, 404, 409, 422):
            self.findings.add(f"a form that is sent empty answers {status}", where)
        if status != 422:
            return
        if not self.browser.run("return document.title.startsWith('Error: ')"):
            self.findings.add("the title of a page with errors does not begin with «Error: »", where)
        if not self.browser.run("return !!document.activeElement.querySelector('[role=alert]')"):
            self.findings.add("the focus is not on the summary of the errors", where)
        self._look(where, f"422{address.split('?')[0]}/{number}")

    def error_pages(self):
        """Pages that are not there, or that this person may not see."""
        expected = {"/nowhere": 404, "/c/acme/tickets/99999": 404, "/c/acme/tasks/99999": 404, "/c/nowhere": 404}
        if self.login != "ada":
            expected["/admin/users"] = 403
        for address, status in expected.items():
            self.browser.open(address)
            where = f"{self.login}: {address}"
            if self.browser.status not in (status, 404):
                self.findings.add(f"{self.browser.status} instead of {status}", where)
            self._look(where, f"{status}{address}")

    def lost_task(self):
        """Somebody answers a task that a ticket admin has given to a colleague meanwhile: 409, with what was typed."""
        where = f"{self.login}: a task that was given to somebody else while they typed"
        tasks = Program(self.site, self.login).call("GET", "/companies/acme/tasks?assignee=me")["items"]
        approvals = (task for task in tasks if "pprove" in task["title"] and task["state"] in ("assigned", "started"))
        task = next(approvals, None)
        if task is None:
            self.findings.add("there is no task to be taken away", where)
            return
        self.browser.open(f"/c/acme/tasks/{task['id']}")
        admin = Program(self.site, "tom")
        admin.call("POST", f"/companies/acme/tasks/{task['id']}/assignment", {"assignee": "carol"})
        typed = "Typed before the task went away"
        if not self.browser.run(ANSWER, typed):
            self.findings.add("the task has no form with a text", where, f"task {task['id']}")
            return
        self.browser.settle()
        if self.browser.status != 409:
            self.findings.add(f"{self.browser.status} instead of 409", where)
        if typed not in self.browser.driver.page_source:
            self.findings.add("what was typed is lost", where)
        self._look(where, "409")

    def _look(self, where, name):
        if not self.browser.run(LOOKS_SIGNED_IN):
            self.findings.add("an error page that looks signed out", where)
        self.look.at(where, f"{self.login}/{name.replace('/', '_')}", is_error=True)
