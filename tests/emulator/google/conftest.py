# SPDX-License-Identifier: Apache-2.0
"""One emulator for all of Google's programs, on an address of its own; 127.0.0.1 is where its PSC name "localhost" leads."""
import contextlib
import os
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import harness  # noqa: E402


@pytest.fixture(scope="session")
def emulator():
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(harness.alone())
        except harness.PortTaken as taken:
            pytest.exit(f"SKIP: {taken}", returncode=77)
        instance = f"{harness.INSTANCE}?private={harness.PRIVATE}&public={harness.PUBLIC}&psc=localhost.@127.0.0.1"
        running = stack.enter_context(harness.Emulator("--instance", instance, *harness.server_arguments()))
        # Google's libraries read these when they are imported or when they are first used.
        os.environ["GRPC_DEFAULT_SSL_ROOTS_FILE_PATH"] = running.facts["api_ca"]
        os.environ["REQUESTS_CA_BUNDLE"] = running.facts["api_ca"]
        os.environ["GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES"] = "1"
        os.environ["GOOGLE_CLOUD_PROJECT"] = "p1"
        os.environ["NO_PROXY"] = "127.0.0.1,localhost"
        http = running.http
        running.http = lambda *arguments, **options: (harness.settle(), http(*arguments, **options))[1]
        yield running


@pytest.fixture(autouse=True)
def clean(emulator):
    emulator.reset()
    yield
    emulator.reset()
