"""A retraining pipeline as a user would write one: pulls with `dvc`, trains, says what it thinks, calls back.

    python3 retraining_job.py train FOLDER SERVICE < the body of `retraining.requested`
    python3 retraining_job.py score FOLDER < predictions of another model as NDJSON, of which it makes its own

DVC names the command. The service may be away for a moment at any time.
"""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

LABEL = "employed"
FORMER = ["prediction", "predicted_probability"]
NOT_FEATURES = {LABEL, "prediction_id", "timestamp", *FORMER}
RIDGE = 1.0


def insist(call, seconds=90):
    """Again and again while the service is away."""
    end = time.monotonic() + seconds
    while True:
        try:
            return call()
        except (OSError, subprocess.CalledProcessError) as error:
            refused = isinstance(error, urllib.error.HTTPError) and error.code != 503
            if refused or time.monotonic() > end:
                raise
            time.sleep(0.1)


def post(url, body, headers):
    def once():
        request = urllib.request.Request(url, data=body, headers=headers, method="POST")
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    return insist(once)


class Reporter:
    def __init__(self, order):
        self.run, self.url, self.token = order["run"], order["callback"]["url"], order["callback"]["token"]

    def report(self, state, **more):
        headers = {
            "authorization": f"Bearer {self.token}",
            "content-type": "application/json",
            "idempotency-key": f"{self.run}-{state}",
        }
        answer = post(self.url, json.dumps({"state": state, **more}).encode(), headers)
        self.token = answer["next_token"]


def pull(order, folder, service):
    """The very bytes that the order names, by the pointers in it."""
    work = folder / "work"
    (work / ".dvc").mkdir(parents=True)
    remote = f"[core]\n no_scm = true\n remote = tidemark\n['remote \"tidemark\"']\n url = {service}/dvc/{order['project']}\n"
    (work / ".dvc" / "config").write_text(remote)
    tables = {}
    for part in ("training", "evaluation"):
        path = order[part]["files"][0]["path"]
        (work / f"{path}.dvc").write_text(order[part]["pointer"])
        tables[part] = work / path
    pulls = [os.environ["DVC"], "pull", "--quiet"]
    insist(lambda: subprocess.run(pulls, cwd=work, check=True, stdout=subprocess.DEVNULL))
    return {part: columns_of(pq.read_table(file)) for part, file in tables.items()}


def columns_of(table):
    return {name: np.array(table[name].to_pylist(), dtype=object) for name in table.column_names}


def inputs(rows, vocabulary):
    """One-hot categories, and age as a polynomial of the third degree."""
    age = (rows["AGEP"].astype(float) - 40) / 20
    columns = [np.ones(len(age)), age, age**2, age**3]
    for name, values in vocabulary.items():
        columns += [(rows[name] == value).astype(float) for value in values]
    return np.column_stack(columns)


def train(rows):
    """Logistic regression by Newton's method with a ridge."""
    names = [name for name in rows if name not in NOT_FEATURES and name != "AGEP"]
    vocabulary = {name: sorted(set(rows[name]))[1:] for name in names}
    x, y = inputs(rows, vocabulary), rows[LABEL].astype(float)
    weights = np.zeros(x.shape[1])
    for _ in range(8):
        p = 1 / (1 + np.exp(-(x @ weights)))
        variance = np.maximum(p * (1 - p), 1e-6)
        bend = (x * variance[:, None]).T @ x + RIDGE * np.eye(len(weights))
        weights += np.linalg.solve(bend, x.T @ (y - p) - RIDGE * weights)
    # Rounded, so that the same rows make the same model to the last digit.
    return {"vocabulary": vocabulary, "weights": np.round(weights, 6).tolist()}


def scores_of(model, rows):
    return np.round(1 / (1 + np.exp(-(inputs(rows, model["vocabulary"]) @ np.array(model["weights"])))), 6)


def answers_of(scores):
    return (scores >= 0.5).astype(int)


def write(file, columns):
    pq.write_table(pa.table({name: list(values) for name, values in columns.items()}), file)
    return file


def push(service, dataset, file):
    version = post(
        f"{service}/v1/datasets/{dataset}/versions?path={file.name}",
        file.read_bytes(),
        {"content-type": "application/vnd.apache.parquet"},
    )
    return {"dataset": dataset, "ref": version["ref"]}


def run_training(folder, service):
    order = json.load(sys.stdin)["data"]
    reporter = Reporter(order)
    reporter.report("accepted", external_url="https://ci.example.org/jobs/1")
    tables = pull(order, folder, service)
    training = tables["training"]
    reporter.report("running", progress=0.5, message=f"training on {len(training[LABEL])} rows")
    model = train(training)
    (folder / "model.json").write_text(json.dumps(model))

    # What it was trained on, with what it says of it: production's predictions are compared with these.
    scores = scores_of(model, training)
    own = {name: training[name] for name in training if name not in ("prediction_id", "timestamp")}
    own |= {"predicted_probability": scores, "prediction": answers_of(scores)}
    trained_on = push(service, "census", write(folder / "training.parquet", own))
    roles = {"prediction": "prediction", "score": "predicted_probability", "label": LABEL}

    asked = tables["evaluation"]
    said = scores_of(model, asked)
    answered = {"prediction_id": asked["prediction_id"], "score": said, "prediction": answers_of(said)}
    answers = push(service, "employment-answers", write(folder / "answers.parquet", answered))

    right = float(np.mean(answers_of(scores) == training[LABEL].astype(int)))
    metrics = {"training_accuracy": round(right, 6), "rows": len(scores)}
    version = {"name": "v2", "metrics": metrics, **trained_on, "roles": roles}
    reporter.report("succeeded", metrics=metrics, model_version=version, evaluation=answers)


def run_scoring(folder):
    model = json.loads((folder / "model.json").read_text())
    lines = [json.loads(line) for line in sys.stdin]
    names = lines[0]["features"]
    rows = {name: np.array([line["features"][name] for line in lines], dtype=object) for name in names}
    scores = scores_of(model, rows)
    for line, score in zip(lines, scores.tolist()):
        own = {"model_version": "v2", "scores": score, "prediction": int(score >= 0.5)}
        print(json.dumps({**line, **own}))


if sys.argv[1] == "train":
    run_training(Path(sys.argv[2]), sys.argv[3])
else:
    run_scoring(Path(sys.argv[2]))
