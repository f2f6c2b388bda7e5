"""Draws the demo's sample from the census data; run by hand when the sample is to be made anew.

Source: American Community Survey public use microdata for Massachusetts, 2015-2018 (United States Census Bureau,
public domain), in the form published with the NannyML examples: reference.parquet, analysis.parquet and
analysis_target.parquet. Kept: the features and the label, every third row in the original order, up to early 2018.

    python3 sample.py FOLDER_WITH_THE_THREE_FILES
"""

import sys
from pathlib import Path

import pandas as pd

KEEP_EVERY = 3
LAST_ROW = 145_500
NOT_KEPT = ["id", "prediction", "predicted_probability"]


def event_times(years: pd.Series) -> pd.Series:
    """The survey gives a year; its rows are spread evenly over that year in their order."""
    position = years.groupby(years).cumcount() / years.groupby(years).transform("size")
    start = pd.to_datetime(years.astype(str) + "-01-01", utc=True)
    end = pd.to_datetime((years + 1).astype(str) + "-01-01", utc=True)
    return (start + (end - start) * position).dt.floor("s").astype("datetime64[ms, UTC]")


def main(folder: Path) -> None:
    reference = pd.read_parquet(folder / "reference.parquet")
    analysis = pd.read_parquet(folder / "analysis.parquet")
    target = pd.read_parquet(folder / "analysis_target.parquet")
    logged = analysis.merge(target, on="id", validate="one_to_one")
    logged["asked_at"] = event_times(logged["year"])
    logged = logged.iloc[:LAST_ROW]
    here = Path(__file__).parent
    for name, frame in (("training", reference), ("production", logged)):
        sample = frame.iloc[::KEEP_EVERY].drop(columns=NOT_KEPT).reset_index(drop=True)
        sample["AGEP"] = sample["AGEP"].astype("int64")
        for column in sample.select_dtypes("category"):
            sample[column] = sample[column].astype("string")
        sample.to_parquet(here / f"{name}.parquet", index=False, compression="zstd", compression_level=19)


main(Path(sys.argv[1]))
