import pytest
from cloud import TidemarkFiles, TidemarkRemote
from dvc.testing.fixtures import *  # noqa: F403 - what the classes ask for


@pytest.fixture(scope="session")
def worker_id():
    """What pytest-xdist gives, which is not needed here."""
    return "only"


@pytest.fixture
def make_tidemark():
    return TidemarkRemote.create


@pytest.fixture
def make_tidemark_files():
    return TidemarkFiles.create


@pytest.fixture
def cloud(make_tidemark_files):
    return make_tidemark_files()


@pytest.fixture
def remote(make_remote):
    return make_remote("upstream", typ="tidemark")


@pytest.fixture
def workspace(make_workspace):
    return make_workspace("workspace", typ="tidemark_files")
