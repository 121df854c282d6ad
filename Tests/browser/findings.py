"""What is wrong: collected while looking, told grouped by what it is, each with the pages where it is."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    what: str  # one line; the same fault on several pages has the same text
    where: str  # who, and on which page
    detail: str = ""
    size: str = ""  # width and theme; empty: in all


class Findings:
    def __init__(self):
        self.all = []

    def add(self, what, where, detail="", size=""):
        self.all.append(Finding(what, where, detail, size))

    def extend(self, others):
        self.all.extend(others)

    def text(self, most=None):
        """The report: the fault on most pages first. `most`: how many places of a fault are named; None: all."""
        faults = {}
        for finding in self.all:
            places = faults.setdefault(finding.what, {})
            places.setdefault((finding.where, finding.detail), []).append(finding.size)
        lines = []
        for what, places in sorted(faults.items(), key=lambda fault: (-len(fault[1]), fault[0])):
            lines.append(f"{what}  [{len(places)}]")
            for (where, detail), sizes in list(places.items())[:most]:
                # A fault of all sizes is one of the page.
                sizes = [size for size in sizes if size]
                lines.append(f"    {where}" + (f" ({', '.join(sizes)})" if 0 < len(sizes) < 4 else ""))
                if detail:
                    lines.append(f"        {detail}")
            if most and len(places) > most:
                lines.append(f"    and {len(places) - most} more")
        return "\n".join(lines)
