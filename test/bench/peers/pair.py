"""The two files of the command line as data frames, read as fast as each form allows."""

import sys

import pandas


def read(path: str) -> pandas.DataFrame:
    if path.endswith(".parquet"):
        return pandas.read_parquet(path)
    return pandas.read_csv(path, engine="pyarrow")


def read_pair() -> tuple[pandas.DataFrame, pandas.DataFrame]:
    reference, current = sys.argv[1:3]
    return read(reference), read(current)


def columns_of(frame: pandas.DataFrame) -> tuple[list[str], list[str]]:
    numbers = [name for name in frame if pandas.api.types.is_numeric_dtype(frame[name])]
    return numbers, [name for name in frame if name not in numbers]
