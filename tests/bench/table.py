# SPDX-License-Identifier: GPL-2.0-or-later
"""The table of targets: what was measured, and whether it holds."""
from dataclasses import dataclass


@dataclass
class Row:
    measure: str
    target: str
    figure: str
    met: bool = None  # None: no target, or not measured


class Table:
    def __init__(self):
        self.rows, self.text = [], []

    def row(self, measure, target, figure, met=None):
        self.rows.append(Row(measure, target, figure, met))
        print(f"  {measure}: {figure} ({target}) {self.word(met)}", flush=True)

    def at_most(self, measure, limits, figures, unit="", form="{:.2f}"):
        """One row of one or more figures, each with its limit."""
        shown = " / ".join(form.format(f) for f in figures)
        allowed = " / ".join(f"{l:g}" for l in limits)
        self.row(measure, f"<= {allowed}{unit}", f"{shown}{unit}",
                 all(f <= l for f, l in zip(figures, limits)))

    def add(self, *lines):
        """A table of its own, below."""
        self.text += lines
        print("\n".join(lines), flush=True)

    @staticmethod
    def word(met):
        return {True: "met", False: "MISSED", None: "-"}[met]

    def __str__(self):
        cells = [("measure", "target", "measured", "")] + \
            [(r.measure, r.target, r.figure, self.word(r.met)) for r in self.rows]
        widths = [max(len(c[i]) for c in cells) for i in range(4)]
        lines = ["  ".join(c.ljust(w) for c, w in zip(row, widths)).rstrip() for row in cells]
        return "\n".join([*lines, "", *self.text])
