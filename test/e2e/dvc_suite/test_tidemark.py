"""The classes by which DVC tests its own remotes, on a service at TIDEMARK_URL, as the HTTP remote runs them."""

import pytest
from dvc.testing.api_tests import TestAPI  # noqa: F401
from dvc.testing.remote_tests import TestRemote  # noqa: F401
from dvc.testing.workspace_tests import TestGetUrl, TestLsUrl  # noqa: F401
from dvc.testing.workspace_tests import TestImport as ImportOfAnyRemote
from dvc.testing.workspace_tests import TestToRemote as ToAnyRemote


class TestImport(ImportOfAnyRemote):
    @pytest.fixture
    def stage_md5(self):
        pytest.skip("DVC lists no folders over HTTP")

    @pytest.fixture
    def dir_md5(self):
        pytest.skip("DVC lists no folders over HTTP")

    @pytest.fixture
    def is_object_storage(self):
        pytest.skip("DVC lists no folders over HTTP")


@pytest.mark.xfail(
    raises=(NotImplementedError, FileNotFoundError), strict=True, reason="DVC opens no file on an HTTP remote to write it"
)
class TestToRemote(ToAnyRemote):
    pass
