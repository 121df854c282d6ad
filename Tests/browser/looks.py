"""What is checked of one page in the browser, and its pictures."""

THEMES = ("light", "dark")
WIDTHS = (1280, 390)

# Everything that unfolds; menus that float are looked at one after the other.
UNFOLD = """
for (const one of document.querySelectorAll('details')) one.open = arguments[0] && !one.classList.contains('pop');
"""

# Menus that do not fit into the window, by their labels.
MENUS = """
const wide = [];
for (const menu of document.querySelectorAll('details.pop')) {
    if (!menu.checkVisibility()) continue;
    menu.open = true;
    const box = menu.lastElementChild.getBoundingClientRect();
    if (box.width && (box.left < -0.5 || box.right > innerWidth + 0.5))
        wide.push(menu.firstElementChild.textContent.trim().slice(0, 40) + ', '
            + Math.round(box.left) + ' to ' + Math.round(box.right));
    menu.open = false;
}
return wide;
"""

# Rows of lists that run into the next one: only the last has no line below it.
LINES = """
return [...document.querySelectorAll('table.rows')].flatMap(table => [...table.querySelectorAll('tbody > tr')].slice(0, -1))
    .filter(row => row.checkVisibility() && ![row, ...row.children].some(one => getComputedStyle(one).borderBottomWidth !== '0px'))
    .map(row => row.textContent.trim().slice(0, 60));
"""

# Words of a diagram that reach over the edge of their shape.
CROSSING = """
return [...document.querySelectorAll('.flow .n')].flatMap(node => {
    const shape = node.firstElementChild.getBoundingClientRect();
    return [...node.querySelectorAll('text')].filter(text => {
        const words = text.getBoundingClientRect();
        return words.width && (words.right > shape.right || words.left < shape.left
            || words.bottom > shape.bottom + 1 || words.top < shape.top - 1);
    }).map(text => text.textContent);
});
"""

# What reaches over the side of the window and is not inside something that scrolls by itself.
WIDE = """
const width = document.documentElement.clientWidth, found = [];
if (document.scrollingElement.scrollWidth <= width) return [];
for (const one of document.body.querySelectorAll('*')) {
    if (one.getBoundingClientRect().right <= width + 0.5) continue;
    let above = one.parentElement;
    while (above && !/auto|scroll|hidden|clip/.test(getComputedStyle(above).overflowX)) above = above.parentElement;
    if (above && above !== document.body && above !== document.documentElement) continue;
    found.push(one.tagName.toLowerCase() + (one.getAttribute('class') ? '.' + one.getAttribute('class') : ''));
}
return [document.scrollingElement.scrollWidth + ' px: ' + found.slice(-3).join(', ')];
"""


class Look:
    """Checks the page that is open in the browser, and takes its pictures."""

    def __init__(self, browser, pictures, findings):
        self.browser, self.pictures, self.findings = browser, pictures, findings

    def at(self, where, name, is_error=False):
        """`name`: of the pictures, without width and theme."""
        browser = self.browser
        for message in browser.console():
            self.findings.add("a message on the console", where, message[:300])
        for width in WIDTHS:
            browser.size(width)
            for theme in THEMES:
                browser.theme(theme)
                # In the dark theme with everything unfolded, so that both are seen and axe runs no oftener.
                browser.run(UNFOLD, theme == "dark")
                for rule, target, html, message in browser.violations():
                    self.findings.add(f"axe {rule}", where, f"{target}  {html}  {message}", f"{width} {theme}")
                browser.run(UNFOLD, False)
                browser.screenshot(self.pictures / f"{name}-{width}-{theme}.png")
        browser.theme("light")
        browser.size(1280)
        for words in browser.run(CROSSING):
            self.findings.add("words cross the edge of their shape", where, words)
        for row in browser.run(LINES):
            self.findings.add("no line stands below a row of a list", where, row)
        browser.size(640)
        for wide in browser.run(WIDE):
            self.findings.add("sideways scroll at 200 % zoom", where, wide)
        self._small(where)
        browser.size(1280)
        if not is_error:
            self._tab_order(where)

    def _small(self, where):
        browser = self.browser
        browser.size(320, 700)
        for is_unfolded in (False, True):
            browser.run(UNFOLD, is_unfolded)
            for wide in browser.run(WIDE):
                self.findings.add("sideways scroll at 320 px" + (", all unfolded" if is_unfolded else ""), where, wide)
        browser.run(UNFOLD, False)
        for menu in browser.run(MENUS):
            self.findings.add("a menu beyond the window at 320 px", where, menu)

    def _tab_order(self, where):
        browser = self.browser
        browser.open_again()
        if browser.run("return document.activeElement !== document.body"):
            return  # The page has put the focus somewhere.
        browser.press_tab()
        if not browser.run("return document.activeElement.matches('.skip-link')"):
            element = browser.run("return document.activeElement.outerHTML.slice(0, 120)")
            self.findings.add("the first Tab does not lead to the skip link", where, element)
        target = browser.run(
            """
            const link = document.querySelector('.skip-link');
            return link && document.querySelector(link.getAttribute('href'))?.tagName;
            """)
        if target != "MAIN":
            self.findings.add("the skip link does not lead to the main part", where, str(target))
