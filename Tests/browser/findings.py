"""What is wrong: collected while looking, told grouped by what it is, each with the pages where it is."""

from collections import defaultdict
from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    what: str  # one line; the same fault on several pages has the same text
    where: str  # who, page, width, theme
    detail: str = ""


class Findings:
    def __init__(self):
        self.all = []

    def add(self, what, where, detail=""):
        self.all.append(Finding(what, where, detail))

    def extend(self, others):
        self.all.extend(others)

    def text(self, places=6):
        """The report: the fault on most pages first."""
        groups = defaultdict(list)
        for finding in self.all:
            groups[finding.what].append(finding)
        lines = []
        for what, found in sorted(groups.items(), key=lambda group: (-len(group[1]), group[0])):
            lines.append(f"{what}  [{len(found)}]")
            shown = found if places is None else found[:places]
            for finding in shown:
                lines.append(f"    {finding.where}")
                if finding.detail:
                    lines.append(f"        {finding.detail}")
            if len(found) > len(shown):
                lines.append(f"    and {len(found) - len(shown)} more")
        return "\n".join(lines)
