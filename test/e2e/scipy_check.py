"""Computes the findings of reports again with SciPy on the same rows and prints the largest differences.

    python3 scipy_check.py FOLDER_OF_THE_CENSUS_FILES REPORTS.json
"""

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats
from scipy.spatial.distance import jensenshannon


def event_times(years):
    """As the test sends them: rows of a year spread evenly over it, to the millisecond."""
    position = years.groupby(years).cumcount()
    size = years.groupby(years).transform("size")
    start = pd.to_datetime(years.astype(str) + "-01-01", utc=True)
    length = (pd.to_datetime((years + 1).astype(str) + "-01-01", utc=True) - start) // pd.Timedelta("1ms")
    return start + pd.to_timedelta((length * position) // size, unit="ms")


def shares(values, categories):
    return values.value_counts().reindex(categories).fillna(0).to_numpy()


def psi(r, w):
    """Sum of (r - w) ln(r / w) over shares; an empty bin counts as half a row."""
    n, m = r.sum(), w.sum()
    used = (r + w) > 0
    p = np.where(r == 0, 0.5, r)[used] / n
    q = np.where(w == 0, 0.5, w)[used] / m
    return float(np.sum((p - q) * np.log(p / q)))


def expected(measure, finding, column, r, w):
    numeric = not isinstance(r.dtype, pd.CategoricalDtype)
    if measure.startswith("ks/"):
        test = stats.ks_2samp(w, r)
        return test.statistic, test.pvalue
    if measure.startswith("wasserstein/"):
        return stats.wasserstein_distance(r, w) / r.std(ddof=0), None
    counts = [np.array([b["reference"] for b in column["bins"]]), np.array([b["window"] for b in column["bins"]])]
    if measure.startswith("psi/"):
        return psi(*counts), None
    if numeric:
        if measure.startswith("js_distance/"):
            return jensenshannon(*counts, base=2), None
        return None
    categories = sorted(set(r.astype(str)) | set(w.astype(str)))
    table = np.array([shares(r.astype(str), categories), shares(w.astype(str), categories)])
    if measure == "chi_square/contingency@1":
        test = stats.chi2_contingency(table)
        return test.statistic, test.pvalue
    if measure.startswith("js_distance/"):
        return jensenshannon(table[0], table[1], base=2), None
    if measure.startswith("l_infinity/"):
        return np.abs(table[0] / table[0].sum() - table[1] / table[1].sum()).max(), None
    return None


def main(folder, reports):
    reference = pd.read_parquet(folder / "reference.parquet")
    logged = pd.read_parquet(folder / "analysis.parquet")
    times = event_times(logged["year"])
    worst, columns, compared = {}, set(), 0
    for start, body in list(reports.items())[::4]:
        inside = (times >= pd.Timestamp(start)) & (times < pd.Timestamp(body["window"]["end"]))
        rows = logged[inside]
        assert len(rows) == body["window"]["rows"], (start, len(rows), body["window"]["rows"])
        for column in body["columns"]:
            name = column["name"]
            for finding in column["findings"]:
                found = expected(finding["measure"], finding, column, reference[name], rows[name])
                if found is None or finding["value"] is None:
                    continue
                value, p = found
                # Near zero a relative difference says nothing: distances below 1e-3 are compared absolutely.
                difference = abs(finding["value"] - value) / max(abs(value), 1e-3)
                if p is not None and finding["p"] is not None:
                    difference = max(difference, abs(finding["p"] - p) / max(p, 1e-300))
                key = finding["measure"]
                worst[key] = max(worst.get(key, 0.0), float(difference))
                columns.add(name)
                compared += 1
    print(json.dumps({"compared": compared, "columns": sorted(columns), "worst": worst}))


main(Path(sys.argv[1]), json.loads(Path(sys.argv[2]).read_text()))
