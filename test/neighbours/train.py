"""A DAG that retrains as its conf says: it takes the training data, checks every byte of it, and reports.

While there is a file `fail` in AIRFLOW_HOME it fails instead, and tells nobody.
"""

import hashlib
import io
import json
import os
import tarfile
import urllib.request

from airflow.sdk import dag, task


def report(callback: dict, token: str, **said: object) -> str | None:
    request = urllib.request.Request(
        callback["url"],
        data=json.dumps(said).encode(),
        headers={"content-type": "application/json", "authorization": f"Bearer {token}"},
    )
    with urllib.request.urlopen(request, timeout=30) as response:
        return json.load(response)["next_token"]


@dag(schedule=None, catchup=False)
def train():
    @task
    def retrain(**context):
        if os.path.exists(os.path.join(os.environ["AIRFLOW_HOME"], "fail")):
            raise RuntimeError("as it was told to")
        event = context["dag_run"].conf
        training, callback = event["data"]["training"], event["data"]["callback"]
        token = report(callback, callback["token"], state="running", message="taking the data")
        # The conf leaves the list of files out; one file is an archive with that one file in it.
        with urllib.request.urlopen(training["archive"], timeout=60) as response:
            archive = response.read()
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            members = [member for member in tar if member.isfile()]
            data = tar.extractfile(members[0]).read()
        if hashlib.md5(data).hexdigest() != training["oid"]:
            raise ValueError("these are not the bytes that the request names")
        report(callback, token, state="succeeded", model_version={"name": "2", "metrics": {"bytes": len(data)}})

    retrain()


train()
