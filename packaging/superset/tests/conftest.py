# SPDX-License-Identifier: Apache-2.0
"""With Superset, where it is installed; else with those of its modules that lie in the folder ALDB_TEST_SUPERSET (alone.py). README.md tells more."""

import os

import pytest
from sqlalchemy.engine.url import URL

FOLDER = os.environ.get("ALDB_TEST_SUPERSET")
if FOLDER:
    import alone

    alone.install(FOLDER)
    collect_ignore = ["test_application.py"]


def fact(name):
    value = os.environ.get(f"ALDB_TEST_{name}")
    if value is None:
        pytest.skip(f"ALDB_TEST_{name} is not set; tests/run starts a server and sets it")
    return value


@pytest.fixture
def url():
    return URL.create("alloydb+pyodbc", fact("USER"), fact("PASSWORD"), fact("HOST"), int(fact("PORT")), fact("DATABASE"))


@pytest.fixture(scope="session")
def app(tmp_path_factory):
    """An application of Superset's with a metadata database of its own."""
    home = tmp_path_factory.mktemp("superset")
    settings = {"SECRET_KEY": "x" * 42, "SQLALCHEMY_DATABASE_URI": f"sqlite:///{home}/superset.db", "TALISMAN_ENABLED": False, "DATA_DIR": str(home)}
    (home / "superset_config.py").write_text("".join(f"{name} = {value!r}\n" for name, value in settings.items()), encoding="utf-8")
    os.environ["SUPERSET_CONFIG_PATH"] = str(home / "superset_config.py")
    os.environ["SUPERSET_HOME"] = str(home)
    from superset.app import create_app

    made = create_app()
    with made.app_context():
        yield made


@pytest.fixture
def within(request):
    """Within the application, if it is there."""
    return None if FOLDER else request.getfixturevalue("app")
