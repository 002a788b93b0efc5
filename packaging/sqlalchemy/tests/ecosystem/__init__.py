# SPDX-License-Identifier: Apache-2.0
"""What stands on SQLAlchemy, over this dialect and over psycopg2: tests/clients/test_sqlalchemy_ecosystem.sh of the repository runs it."""
