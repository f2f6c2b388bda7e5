# /// script
# requires-python = "==3.11.*"
# dependencies = ["pandas==2.3.3", "scipy==1.17.1", "numpy==2.4.6", "pyarrow==21.0.0"]
# ///
"""What a data scientist writes by hand: a two-sample test for each column, chosen by its type."""

import pandas
from pair import columns_of, read_pair
from scipy import stats


def chi_square(reference: pandas.Series, current: pandas.Series) -> float:
    counts = pandas.concat([reference.value_counts(), current.value_counts()], axis=1).fillna(0)
    return stats.chi2_contingency(counts.to_numpy().T, correction=False).pvalue


reference, current = read_pair()
numbers, categories = columns_of(reference)
found = {name: stats.ks_2samp(reference[name].dropna(), current[name].dropna()).pvalue for name in numbers}
found |= {name: chi_square(reference[name], current[name]) for name in categories}
print(len(found))
