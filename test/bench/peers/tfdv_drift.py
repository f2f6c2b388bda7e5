# /// script
# requires-python = "==3.11.*"
# dependencies = ["tensorflow-data-validation==1.16.1", "dill", "pyarrow<11", "setuptools<81"]
# ///
"""TFDV: statistics of each side, a schema of the first, and drift by comparators on every column."""

import tensorflow_data_validation as tfdv
from pair import columns_of, read_pair

reference, current = read_pair()
before = tfdv.generate_statistics_from_dataframe(reference, n_jobs=2)
now = tfdv.generate_statistics_from_dataframe(current, n_jobs=2)
schema = tfdv.infer_schema(before)
numbers, categories = columns_of(reference)
for name in numbers:
    tfdv.get_feature(schema, name).drift_comparator.jensen_shannon_divergence.threshold = 0.1
for name in categories:
    tfdv.get_feature(schema, name).drift_comparator.infinity_norm.threshold = 0.1
print(len(tfdv.validate_statistics(now, schema, previous_statistics=before).drift_skew_info))
