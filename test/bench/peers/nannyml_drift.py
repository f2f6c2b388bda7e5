# /// script
# requires-python = "==3.11.*"
# dependencies = ["nannyml==0.13.1", "pandas==2.3.3", "statsmodels==0.15.0", "pyarrow==21.0.0"]
# ///
"""NannyML's univariate drift by its own defaults: Jensen-Shannon for every column, the window as one chunk."""

from nannyml import UnivariateDriftCalculator
from pair import columns_of, read_pair

reference, current = read_pair()
numbers, categories = columns_of(reference)
calculator = UnivariateDriftCalculator(
    column_names=[*numbers, *categories],
    treat_as_categorical=categories,
    chunk_size=len(current),
)
calculator.fit(reference)
print(len(calculator.calculate(current).to_df(multilevel=False)))
