# SPDX-License-Identifier: Apache-2.0
"""An instance of AlloyDB in a URL, with a password and with IAM, on the emulator that tests/emulator/around starts."""

import os
from urllib.parse import quote_plus

import pytest
from conftest import fact
from sqlalchemy import create_engine, text


def forms():
    instance = os.environ.get("ALLOYDB_EMULATOR_INSTANCE")
    if instance is None:
        pytest.skip("ALLOYDB_EMULATOR_INSTANCE is not set; tests/emulator/around starts an emulator and sets it")
    user, database = fact("USER"), fact("DATABASE")
    login = f"{user}:{quote_plus(fact('PASSWORD'))}"
    rest = f"ApiEndpoint={quote_plus(os.environ['ALLOYDB_EMULATOR_URL'])}&ip_type=PUBLIC&refresh_strategy=LAZY"
    principal = f"app@{os.environ['ALLOYDB_EMULATOR_PROJECT']}.iam"
    return {
        "Server, password": (f"alloydb:///?Server={instance}&User={user}&Password={quote_plus(fact('PASSWORD'))}&Database={database}&{rest}", user),
        "Instance, password": (f"alloydb+pyodbc://{login}@/{database}?Instance={instance}&{rest}", user),
        "instance_uri, IAM": (f"alloydb:///{database}?instance_uri={instance}&enable_iam_auth=1&{rest}", principal),
        "Instance, IAM, user": (f"alloydb://{quote_plus(principal)}@/{database}?Instance={instance}&EnableIamAuth=1&{rest}", principal),
    }


@pytest.mark.parametrize("form", ["Server, password", "Instance, password", "instance_uri, IAM", "Instance, IAM, user"])
def test_form(form):
    url, user = forms()[form]
    made = create_engine(url, pool_pre_ping=True)
    for _ in range(2):
        with made.connect() as connection:
            assert connection.execute(text("select current_user")).scalar() == user
    made.dispose()
