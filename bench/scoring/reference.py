"""The existing scorers at work: reads one request a line, answers one line, and times nothing but the scoring.

The packages are PyPI's, unmodified. crunch_synth is imported without its __init__, which draws plots with a
library and a syntax this Python need not have; what scores is imported as it is.
"""

import gc
import importlib.metadata
import importlib.util
import json
import platform
import sys
import time

import numpy as np
from densitypdf import density_pdf

package = importlib.util.find_spec("crunch_synth")
sys.modules["crunch_synth"] = importlib.util.module_from_spec(package)
from crunch_synth.constants import CRPS_BOUNDS  # noqa: E402
from crunch_synth.tracker_evaluator import crps_integral  # noqa: E402


def mean_density(answer, x):
    """condor-classic: the mean of the densities at what happened."""
    return np.mean([density_pdf(density, change) for density, change in zip(answer, x)])


def crps_grid(answer, x, asset):
    """As TrackerEvaluator._score_quarantines sums, from its own bounds."""
    base_step, half_width = CRPS_BOUNDS["base_step"], CRPS_BOUNDS["t"][asset]
    total = 0.0
    if isinstance(answer, list):  # one step size
        answer = dict.fromkeys(x, answer)
    for key, changes in x.items():
        step = int(key)
        k = np.sqrt(step / base_step) if step > base_step else 1
        scores = [
            crps_integral(
                density_dict=density,
                x=change,
                t_min=-k * half_width,
                t_max=k * half_width,
                num_points=CRPS_BOUNDS["num_points"],
            )
            for density, change in zip(answer[key], changes)
        ]
        total += np.sum(scores)
    return total / half_width


def prepare(request):
    data = request["answer"].encode()
    x = request["x"]
    if request["rule"] == "meanDensity":
        changes = np.array(x)  # both scorers take their prices from numpy
        return data, lambda answer: mean_density(answer, changes)
    changes = {step: np.array(values) for step, values in x.items()}
    return data, lambda answer: crps_grid(answer, changes, request["asset"])


def measure(data, score, parsing, times):
    answer = json.loads(data)
    started = time.process_time()
    for _ in range(times):
        value = score(json.loads(data) if parsing else answer)
    return {"seconds": (time.process_time() - started) / times, "score": float(value)}


def main():
    works = {}
    versions = {name: importlib.metadata.version(name) for name in ("densitypdf", "crunch-synth", "scipy", "numpy")}
    print(json.dumps({"python": platform.python_version(), **versions}), flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        if request["do"] == "prepare":
            works[request["id"]] = prepare(request)
            reply = {}
        else:
            data, score = works[request["id"]]
            gc.collect()
            reply = measure(data, score, request["parsing"], request["times"])
        print(json.dumps(reply), flush=True)


main()
