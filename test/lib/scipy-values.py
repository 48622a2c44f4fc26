"""Answers each line {"name", "shapes", "xs"} on stdin with {"pdf", "cdf", "sf"} by scipy, non-finite as strings.

A line {"name"} alone is answered with {"shapes"}: what the family's parameters are called, in order.
"""

import json
import sys
import warnings

import numpy as np
from scipy import stats

warnings.simplefilter("ignore")
np.seterr(all="ignore")


def plain(values):
    return [float(v) if np.isfinite(v) else str(float(v)) for v in np.atleast_1d(values)]


for line in sys.stdin:
    query = json.loads(line)
    family = getattr(stats, query["name"])
    if "xs" not in query:
        shapes = family.shapes.split(", ") if family.shapes else []
        print(json.dumps({"shapes": shapes}), flush=True)
        continue
    law = family(*map(float, query["shapes"]))
    xs = np.array(query["xs"], dtype=float)
    print(json.dumps({"pdf": plain(law.pdf(xs)), "cdf": plain(law.cdf(xs)), "sf": plain(law.sf(xs))}), flush=True)
