# /// script
# requires-python = "==3.11.*"
# dependencies = ["whylogs[viz]==1.6.4", "pandas==2.3.3", "numpy<2", "pyarrow==21.0.0", "setuptools<81"]
# ///
"""whylogs: a profile of each side, and its drift scores by default."""

import whylogs
from pair import read_pair
from whylogs.viz.drift.column_drift_algorithms import calculate_drift_scores

reference, current = read_pair()
sides = [whylogs.log(pandas=frame).view() for frame in (current, reference)]
print(len(calculate_drift_scores(target_view=sides[0], reference_view=sides[1], with_thresholds=True)))
