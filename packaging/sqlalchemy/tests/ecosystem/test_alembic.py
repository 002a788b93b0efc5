# SPDX-License-Identifier: Apache-2.0
"""Alembic as its users run it: the command, alembic.ini with the URL, env.py of its template. Over psycopg2 its revisions have to be the same."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, text

from .conftest import DRIVERS, administrate, fact, rows, url_of

HEAD = """
from sqlalchemy import *
from sqlalchemy.dialects import postgresql as pg

metadata = MetaData(naming_convention={"ix": "ix_%(table_name)s_%(column_0_name)s", "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s", "fk": "fk_%(table_name)s_%(column_0_name)s", "pk": "pk_%(table_name)s"})
"""
# Every kind of column that autogenerate compares, so that a second look finds nothing.
FIRST = (
    HEAD
    + r"""
Table("author", metadata,
    Column("id", Integer, Identity(always=True), primary_key=True),
    Column("name", String(50), nullable=False, comment="what's on the 'cover': 100% ? :x ñ"),
    Column("mail", String(100), unique=True),
    Column("born", Date, index=True),
    Column("rating", Numeric(10, 2), server_default="1.50"),
    Column("active", Boolean, server_default=true(), nullable=False),
    Column("made", DateTime(timezone=True), server_default=func.now()),
    Column("note", Text, server_default="its 50% ? ñ"),
    Column("doc", pg.JSONB, server_default=text("'{\"a\": 1}'")),
    Column("tags", ARRAY(Text), server_default=text("'{}'")),
    Column("key", pg.UUID(as_uuid=True), server_default=text("gen_random_uuid()")),
    Column("mood", Enum("sad", "o'k", name="mood")),
    Column("pause", Interval), Column("real", REAL), Column("double", Double), Column("big", BigInteger, server_default="0"),
    Column("small", SmallInteger), Column("bytes", LargeBinary), Column("at", Time), Column("fixed", CHAR(3)), Column("ip", pg.INET),
    Column("r", pg.INT4RANGE), Column("bits", pg.BIT(3)),
    CheckConstraint("rating > 0", name="rating"),
    comment="who writes",
)
Table("book", metadata,
    Column("id", BigInteger, primary_key=True),
    Column("author_id", ForeignKey("author.id", ondelete="CASCADE"), nullable=False),
    Column("title", String(200)),
    Column("pages", Integer),
    Column("twice", Integer, Computed("pages * 2")),
    Index("ix_book_title_lower", text("lower(title)")),
    Index("ix_book_pages", "pages", postgresql_where=text("pages > 100"), postgresql_include=["title"]),
)
Table("Größe ?", metadata, Column("Spalte ñ", Integer, primary_key=True), Column("gone", Integer))
Table("dropped", metadata, Column("id", Integer, primary_key=True))
"""
)
# Differences: (text, its replacement).
CHANGES = [
    ('Column("born", Date, index=True),', 'Column("born", Date),'),  # an index removed
    ('Column("mail", String(100), unique=True)', 'Column("mail", String(100), index=True)'),  # a unique constraint removed, an index added
    ("Numeric(10, 2)", "Numeric(12, 4)"),  # types
    ('Column("note", Text,', 'Column("note", String(500),'),
    ('Column("real", REAL)', 'Column("real", Double)'),
    ("nullable=False, comment=\"what's on the 'cover': 100% ? :x ñ\"", 'comment="another ?"'),  # nullable, a comment
    ('server_default="0"', 'server_default="7"'),  # server defaults
    ("server_default=func.now()", "server_default=None"),
    ('comment="who writes"', "comment=\"who 'wrote' 5%\""),
    ('Column("title", String(200)),', 'Column("title", String(200), unique=True), Column("isbn", String(13), server_default="x%?", comment="new"),'),
    ('Index("ix_book_title_lower", text("lower(title)")),', ""),
    ('ForeignKey("author.id", ondelete="CASCADE")', 'ForeignKey("author.id", ondelete="SET NULL")'),
    (', Column("gone", Integer)', ', Column("comes ñ", Integer, nullable=False, server_default="1")'),
    (
        'Table("dropped", metadata, Column("id", Integer, primary_key=True))',
        'Table("added", metadata, Column("id", Integer, primary_key=True, comment="%"))',
    ),
]
OPERATIONS = [
    "add_column",
    "alter_column",
    "create_foreign_key",
    "create_index",
    "create_table",
    "create_table_comment",
    "create_unique_constraint",
    "drop_column",
    "drop_constraint",
    "drop_index",
    "drop_table",
]
FOUND = 22  # what Alembic logs of them, serial columns included


def second():
    changed = FIRST
    for before, after in CHANGES:
        assert changed.count(before) == 1, before
        changed = changed.replace(before, after)
    return changed


class Project:
    """A folder with Alembic's own files, as `alembic init` makes them, on a database of its own."""

    def __init__(self, folder, name, database):
        self.folder, self.name = Path(folder), name
        # With this role's password every reserved character is in the URL; a "%" of an ini file is doubled.
        self.url = url_of(name, database, "aldb_odd", fact("ODD_PASSWORD"))
        self.engine = create_engine(self.url)
        self.models(HEAD)
        self.initialize("generic")

    def initialize(self, template):
        self("init", "-t", template, "migrations")
        # alembic.ini is read in the locale's encoding or UTF-8; the URL is ASCII.
        escaped = self.url.render_as_string(hide_password=False).replace("%", "%%")
        assert "%%" in escaped and escaped.isascii()
        self.edit("alembic.ini", lambda ini: re.sub(r"(?m)^sqlalchemy\.url = .*$", lambda _: f"sqlalchemy.url = {escaped}", ini))
        self.edit("migrations/env.py", lambda env: env.replace("target_metadata = None", "import models\ntarget_metadata = models.metadata"))
        self.edit(
            "migrations/env.py",
            lambda env: env.replace("target_metadata=target_metadata", "target_metadata=target_metadata, compare_server_default=True"),
        )

    def edit(self, file, change):
        path = self.folder / file
        before = path.read_text(encoding="utf-8")
        after = change(before)
        assert after != before
        path.write_text(after, encoding="utf-8")

    def models(self, source):
        (self.folder / "models.py").write_text(source, encoding="utf-8")

    def __call__(self, *arguments, fails=False):
        command = [sys.executable, "-X", "utf8", "-m", "alembic", *arguments]
        # Alembic goes through sets: with one seed in one order.
        environment = {**os.environ, "PYTHONHASHSEED": "0"}
        done = subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, text=True, encoding="utf-8", timeout=300, check=False)
        assert (done.returncode != 0) == fails, done.stdout + done.stderr
        return done.stdout, done.stderr

    def autogenerate(self, revision):
        """What upgrade() and downgrade() say, and the warnings."""
        _, log = self("revision", "--autogenerate", "--rev-id", revision, "-m", "step")
        (file,) = (self.folder / "migrations/versions").glob(f"{revision}_*.py")
        found = [re.sub(r" at 0x\w+", "", line.split("] ", 1)[1]) for line in log.splitlines() if "etected " in line]
        # Alembic writes psycopg2's doubled "%" into defaults that were there before.
        return file.read_text(encoding="utf-8").split("def upgrade()", 1)[1].replace("%%", "%"), found

    def version(self):
        return [row[0] for row in rows(self.engine, "select version_num from alembic_version")]

    def schema(self):
        """All that reflection sees of the application's tables."""
        with self.engine.connect() as connection:
            return connection.execute(
                text(
                    "select table_name, column_name, data_type, is_nullable, column_default,"
                    " col_description(format('%I', table_name)::regclass, ordinal_position::int) from information_schema.columns"
                    " where table_schema = 'public' and table_name <> 'alembic_version' order by table_name, ordinal_position"
                )
            ).all()


@pytest.fixture
def projects(tmp_path, request):
    made = {}
    databases = [f"aldb_eco_alembic_{name}_{abs(hash(request.node.name)) % 10**6}" for name in DRIVERS]
    try:
        for name, database in zip(DRIVERS, databases):
            administrate(f"create database {database} owner aldb_odd template template0 encoding 'UTF8' locale 'C.UTF-8'")
            (tmp_path / name).mkdir()
            made[name] = Project(tmp_path / name, name, database)
        yield made
    finally:
        for project in made.values():
            project.engine.dispose()
        for database in databases:
            administrate(f"drop database if exists {database} with (force)")


def written(project, source, revision):
    """The revision that leads to this source, as text; afterwards there is no difference left."""
    project.models(source)
    found = project.autogenerate(revision)
    project("upgrade", "head")
    assert project.version() == [revision]
    assert "No new upgrade operations detected" in project("check")[0]
    return found


def test_autogenerate(projects):
    """All that was made or changed is found, as over psycopg2, and nothing else; then there is nothing more to find; and back again."""
    seen = {}
    for name, project in projects.items():
        steps = [written(project, FIRST, "0001")]
        first = project.schema()
        steps.append(written(project, second(), "0002"))
        project("downgrade", "-1")
        assert project.schema() == first and project.version() == ["0001"]
        project("upgrade", "head")
        seen[name] = (steps, first, project.schema())
        project("downgrade", "base")
        assert project.schema() == [] and project.version() == []
    assert seen["alloydb"] == seen["psycopg2"]
    (_, (body, log)), first, _ = seen["alloydb"]
    assert len(first) == 31
    assert sorted(set(re.findall(r"op\.(\w\w+)\(", body.split("def downgrade()", 1)[0]))) == OPERATIONS
    assert len(log) == FOUND


def test_offline(projects):
    """SQL for a person to run, up and down: the same text as over psycopg2, and it works."""
    texts = {}
    for name, project in projects.items():
        written(project, FIRST, "0001")
        written(project, second(), "0002")
        there = project.schema()
        texts[name] = [project("upgrade", "head", "--sql")[0], project("downgrade", "0002:base", "--sql")[0]]
        project("downgrade", "base")
        with project.engine.begin() as connection:
            connection.exec_driver_sql("drop type mood")
            connection.exec_driver_sql("drop table alembic_version")
        for script, expected in zip(texts[name], (there, [])):
            psql = [f"{fact('PGBIN')}/psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", fact("SOCKETDIR"), "-p", fact("PORT"), "-U", "postgres"]
            subprocess.run(
                [*psql, "-d", project.url.database],
                input=script,
                check=True,
                text=True,
                encoding="utf-8",
                timeout=300,
                env={"PGOPTIONS": "-c role=aldb_odd"},
            )
            assert project.schema() == expected
    assert texts["alloydb"] == texts["psycopg2"] and "CREATE TABLE" in texts["alloydb"][0]


MIGRATION = """
import sqlalchemy as sa
from alembic import op

revision, down_revision = {revision!r}, {before!r}

def upgrade():
{body}
"""


def migration(project, revision, before, body):
    lines = "\n".join(f"    {line}" for line in body.strip().splitlines())
    (project.folder / f"migrations/versions/{revision}_by_hand.py").write_text(
        MIGRATION.format(revision=revision, before=before, body=lines), encoding="utf-8"
    )


def test_by_hand(projects):
    """What people write into revisions."""
    for project in projects.values():
        body = r"""
table = op.create_table("stock", sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(50)), sa.Column("amount", sa.Text))
op.bulk_insert(table, [{"id": i, "name": f"n'{i}' % ? :x ñ 🙂", "amount": str(i)} for i in range(3000)])
op.execute("update stock set name = 'it''s 100% ? \:x' where id = 1")
op.execute(sa.text("update stock set name = :name where id = :id").bindparams(name="bound ? %", id=2))
op.execute(table.update().where(table.c.id == op.inline_literal(3)).values(name=op.inline_literal("inline % ? :x ñ")))
op.alter_column("stock", "amount", type_=sa.Integer, postgresql_using="amount::integer + 1")
with op.batch_alter_table("stock") as batch:
    batch.add_column(sa.Column("extra", sa.Boolean, server_default=sa.false(), nullable=False))
    batch.create_check_constraint("positive", "amount > 0")
assert op.get_bind().execute(sa.text("select sum(amount) from stock")).scalar() == 4501500
with op.get_context().autocommit_block():
    op.create_index("ix_stock_amount", "stock", ["amount"], postgresql_concurrently=True)
op.rename_table("stock", "goods")
"""
        migration(project, "0001", None, body)
        project("upgrade", "head")
        names = "select name from goods where id between 1 and 4 order by id"
        assert [row[0] for row in rows(project.engine, names)] == ["it's 100% ? :x", "bound ? %", "inline % ? :x ñ", "n'4' % ? :x ñ 🙂"]
        inspector = inspect(project.engine)
        assert [index["name"] for index in inspector.get_indexes("goods")] == ["ix_stock_amount"]
        assert str(inspector.get_columns("goods")[2]["type"]) == "INTEGER"


@pytest.mark.parametrize(
    "failure", ['op.execute("select 1 / 0")', 'raise RuntimeError("no")', 'op.add_column("nowhere", sa.Column("a", sa.Integer))']
)
def test_failing_leaves_nothing(projects, failure):
    for project in projects.values():
        migration(project, "0001", None, 'op.create_table("kept", sa.Column("id", sa.Integer))')
        project("upgrade", "head")
        migration(
            project, "0002", "0001", f'op.create_table("lost", sa.Column("id", sa.Integer))\nop.execute("insert into kept values (1)")\n{failure}'
        )
        project("upgrade", "head", fails=True)
        assert [row[0] for row in project.schema()] == ["kept"] and rows(project.engine, "select * from kept") == [] and project.version() == ["0001"]


def test_async_template(projects):
    """`alembic init -t async`, over alloydb+aioodbc."""
    pytest.importorskip("aioodbc")
    project = projects["alloydb"]
    shutil.rmtree(project.folder / "migrations")
    (project.folder / "alembic.ini").unlink()
    project.url = project.url.set(drivername="alloydb+aioodbc")
    project.initialize("async")
    assert "create_table('author'" in written(project, FIRST, "0001")[0]
    project("downgrade", "base")
    assert project.schema() == []
