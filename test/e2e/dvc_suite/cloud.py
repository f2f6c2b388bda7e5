"""A running Tidemark as DVC's own test classes see one: a place for objects, and one for files."""

import json
import os
import urllib.parse
import urllib.request
import uuid

from dvc.testing.cloud import Cloud
from dvc.testing.path_info import HTTPURLInfo

SERVICE = os.environ["TIDEMARK_URL"]


def send(url, body, media_type):
    request = urllib.request.Request(url, data=body, headers={"content-type": media_type}, method="POST")
    with urllib.request.urlopen(request, timeout=60) as response:
        assert response.status in (200, 201)


class Tidemark(Cloud, HTTPURLInfo):
    """Addresses below which DVC reads; nothing can be listed."""

    @property
    def config(self):
        return {"url": self.url}

    @property
    def fs_path(self):
        return self.url

    def read_bytes(self):
        with urllib.request.urlopen(self.url, timeout=60) as response:
            return response.read()

    def mkdir(self, mode=0o777, parents=False, exist_ok=False):
        """Folders are in the names of files."""

    def is_dir(self):
        return False

    def is_file(self):
        raise NotImplementedError

    def exists(self):
        raise NotImplementedError

    def unlink(self, missing_ok=False):
        raise NotImplementedError

    def rmdir(self, recursive=True):
        raise NotImplementedError

    def write_bytes(self, contents):
        raise NotImplementedError


class TidemarkRemote(Tidemark):
    """The DVC remote of a dataset, in a project that holds nothing yet: objects belong to the project."""

    @classmethod
    def create(cls):
        project = str(uuid.uuid4())
        send(f"{SERVICE}/v1/projects", json.dumps({"name": project}).encode(), "application/json")
        return cls(f"{SERVICE}/dvc/{project}/data")


class TidemarkFiles(Tidemark):
    """The files of a dataset's newest version, at addresses of their own."""

    @classmethod
    def create(cls):
        return cls(f"{SERVICE}/v1/datasets/{uuid.uuid4()}/versions/latest/files")

    def write_bytes(self, contents):
        versions, path = self.url.split("/latest/files/")
        query = urllib.parse.urlencode({"path": path})
        send(f"{versions}?{query}", contents, "application/octet-stream")
