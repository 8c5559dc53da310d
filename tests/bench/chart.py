# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Draw the chart: ``chart.py DATA.json CHART.svg``, run by the Python that has matplotlib.

It has no background, and its colours are halfway between black and white, for light pages and dark ones.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import matplotlib as mpl

mpl.use("svg")

from matplotlib import pyplot

GREY = "#797979"
OURS = "#1f883d"
OTHERS = "#8c7a5c"


def main(data: str, chart: str) -> None:
    drawn = json.loads(Path(data).read_text(encoding="utf-8"))
    mpl.rcParams.update({"font.size": 9, "text.color": GREY, "svg.hashsalt": "benchmark"})
    panels = drawn["panels"]
    figure, all_axes = pyplot.subplots(
        len(panels), sharex=True, squeeze=False, figsize=(8, 1.9 * len(panels)), layout="constrained"
    )
    figure.suptitle(drawn["title"], fontsize=10, fontweight="bold")
    longest = max(column["seconds"] for panel in panels for column in panel["bars"])
    for axes, panel in zip(all_axes[:, 0], panels, strict=True):
        bars = panel["bars"]
        drawn_bars = axes.barh(
            [column["label"] for column in bars],
            [column["seconds"] for column in bars],
            color=[OURS if column["ours"] else OTHERS for column in bars],
            height=0.65,
        )
        axes.bar_label(drawn_bars, [column["text"] for column in bars], padding=4, color=GREY)
        axes.set_title(panel["title"], loc="left", fontsize=9, fontweight="bold")
        axes.set_xlim(0, longest * 1.3)
        axes.invert_yaxis()
        axes.tick_params(colors=GREY)
        axes.tick_params(axis="y", length=0)
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
        for side in ("left", "bottom"):
            axes.spines[side].set_color(GREY)
    all_axes[-1, 0].set_xlabel("seconds", color=GREY)
    figure.savefig(chart, transparent=True, metadata={"Date": None})


if __name__ == "__main__":
    main(*sys.argv[1:])
