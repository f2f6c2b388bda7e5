# /// script
# requires-python = "==3.11.*"
# dependencies = ["evidently==0.7.23", "pandas==2.3.3", "numpy==2.4.6", "scipy==1.17.1", "pyarrow==21.0.0"]
# ///
"""Evidently's data drift preset by its own defaults."""

import sys

from evidently import DataDefinition, Dataset, Report
from evidently.presets import DataDriftPreset
from pair import columns_of, read_pair

reference, current = read_pair()
# A column with very many values does not end: what is left out is said on the command line.
without = set(sys.argv[3:])
numbers, categories = ([name for name in names if name not in without] for names in columns_of(reference))
definition = DataDefinition(numerical_columns=numbers, categorical_columns=categories)
sides = [Dataset.from_pandas(frame[[*numbers, *categories]], data_definition=definition) for frame in (current, reference)]
print(len(Report([DataDriftPreset()]).run(*sides).dict()["metrics"]))
