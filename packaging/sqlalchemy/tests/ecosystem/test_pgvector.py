# SPDX-License-Identifier: Apache-2.0
"""PyPI's pgvector over both engines, on a server that has the extension: ALDB_TEST_VECTOR, "folder of its socket:port"."""

import os
import subprocess
import sys
import warnings

import numpy
import pytest
from pgvector import HalfVector, SparseVector
from pgvector.sqlalchemy import BIT, HALFVEC, SPARSEVEC, VECTOR, avg
from sqlalchemy import ARRAY, Column, Index, Integer, MetaData, Table, create_engine, exc, func, inspect, select, text
from sqlalchemy.engine.url import URL
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column
from sqlalchemy.schema import CreateTable

from .conftest import DRIVERS

if "ALDB_TEST_VECTOR" not in os.environ:
    pytest.skip("no server with pgvector", allow_module_level=True)

ROWS = [
    {"id": 1, "v": [1.0, 2.5, -3.0], "h": [0.5, -2.0, 65504.0], "s": SparseVector({0: 1.5, 4: -2.0}, 5), "b": "101", "any": [0.1]},
    {"id": 2, "v": [1e-30, -1.1754944e-38, 3.4028235e38], "h": [0.0, 0.0, 1e-4], "s": SparseVector({}, 5), "b": "000", "any": [1.0] * 16000},
    {"id": 3, "v": None, "h": None, "s": None, "b": None, "any": None},
]
WAYS = {"plain": {}, "fast": {"fast_executemany": True}}


def vector_url(name):
    socket, port = os.environ["ALDB_TEST_VECTOR"].rsplit(":", 1)
    if name == "alloydb":
        return URL.create(DRIVERS[name], "postgres", database="postgres", query={"Server": socket, "Port": port})
    return URL.create(DRIVERS[name], "postgres", database="postgres", query={"host": socket, "port": port})


@pytest.fixture(scope="module", autouse=True)
def extension():
    made = create_engine(vector_url("psycopg2"))
    with made.begin() as connection:
        connection.execute(text("create extension if not exists vector"))
    yield
    made.dispose()


@pytest.fixture(params=["psycopg2", "alloydb plain", "alloydb fast"])
def engine(request):
    name, _, way = request.param.partition(" ")
    made = create_engine(vector_url(name), **WAYS.get(way, {}))
    yield made
    made.dispose()


@pytest.fixture
def table(engine):
    columns = [Column("v", VECTOR(3)), Column("h", HALFVEC(3)), Column("s", SPARSEVEC(5)), Column("b", BIT(3)), Column("any", VECTOR)]
    made = Table("aldb_items", MetaData(), Column("id", Integer, primary_key=True), *columns)
    made.drop(engine, checkfirst=True)
    made.create(engine)
    yield made
    made.drop(engine)


def plain(value):
    """Lists of Python's floats, whatever class pgvector has for the value."""
    if isinstance(value, SparseVector):
        return value.to_list()
    if isinstance(value, HalfVector):
        return value.to_list()
    if isinstance(value, numpy.ndarray):
        return value.tolist()
    return [plain(one) for one in value] if isinstance(value, list) else value


def single(values):
    """As a vector stores them."""
    return None if values is None else [float(numpy.float32(value)) for value in values]


def test_round_trip(engine, table):
    with engine.begin() as connection:
        connection.execute(table.insert(), ROWS)
        for form in (numpy.array([1.0, 2.0, 3.0], dtype="float32"), [1, 2, 3]):
            key = connection.execute(table.insert().values(id=10, v=form, h=form, b="111").returning(table.c.v)).scalar()
            assert plain(key) == [1.0, 2.0, 3.0]
            connection.execute(table.delete().where(table.c.id == 10))
        found = connection.execute(select(table).order_by(table.c.id)).mappings().all()
        assert [single(plain(row["v"])) for row in found] == [single(row["v"]) for row in ROWS]
        assert [single(plain(row["any"])) for row in found] == [single(row["any"]) for row in ROWS]
        assert plain(found[0]["h"]) == [0.5, -2.0, 65504.0] and found[2]["h"] is None
        assert [plain(row["s"]) for row in found] == [[1.5, 0, 0, 0, -2.0], [0.0] * 5, None]
        assert [row["b"] for row in found] == ["101", "000", None]


@pytest.mark.parametrize("engine", ["alloydb plain", "alloydb fast"], indirect=True)
def test_array(engine):
    """psycopg2 hands it on as one text, of which SQLAlchemy makes nothing."""
    table = Table("aldb_arrays", MetaData(), Column("id", Integer), Column("many", ARRAY(VECTOR, dimensions=1)), prefixes=["TEMPORARY"])
    with engine.begin() as connection:
        table.create(connection)
        connection.execute(table.insert(), [{"id": i, "many": many} for i, many in enumerate([[[1.0, 2.0], [3.0]], [], None])])
        assert plain(connection.execute(select(table.c.many).order_by(table.c.id)).scalars().all()) == [[[1.0, 2.0], [3.0]], [], None]


def test_many(engine, table):
    """More than a batch, with RETURNING in order where that is asked for."""
    with engine.begin() as connection:
        connection.execute(table.insert(), [{"id": i, "v": [i, 0, 1 / 3], "s": SparseVector([0, i, 0, 0, 0])} for i in range(2500)])
        assert connection.execute(select(func.count(), func.max(table.c.v.l2_distance([0, 0, 1 / 3])))).one() == (2500, 2499.0)
        given = [{"id": i, "v": [i, i, i]} for i in range(4000, 2500, -1)]
        found = connection.execute(table.insert().returning(table.c.id, table.c.v, sort_by_parameter_order=True), given)
        assert [(row.id, plain(row.v)) for row in found] == [(row["id"], row["v"]) for row in given]


DISTANCES = [
    ("v", "l2_distance", [1, 2, 3], [6.020797, None]),
    ("v", "max_inner_product", [1, 2, 3], [3.0, None]),
    ("v", "cosine_distance", [1, 2, 3], [1.198898, None]),
    ("v", "l1_distance", [1, 2, 3], [6.5, None]),
    ("h", "l2_distance", [0.5, -2, 65504], [0.0, None]),
    ("s", "l2_distance", SparseVector({0: 1.5}, 5), [2.0, None]),
    ("b", "hamming_distance", "111", [1.0, None]),
    ("b", "jaccard_distance", "111", [0.333333, None]),
]


@pytest.mark.parametrize(("column", "method", "operand", "expected"), DISTANCES)
def test_distances(engine, table, column, method, operand, expected):
    with engine.begin() as connection:
        connection.execute(table.insert(), [ROWS[0], ROWS[2]])
        distance = getattr(table.c[column], method)(operand)
        found = connection.execute(select(distance).order_by(distance.asc().nulls_last())).scalars().all()
        assert found == pytest.approx(expected, abs=1e-5)
        near = connection.execute(select(table.c.id).where(distance < 1e6).order_by(distance).limit(1)).scalars().all()
        assert near == [1]


def test_aggregates(engine, table):
    with engine.begin() as connection:
        connection.execute(table.insert(), [{"id": i, "v": [i, i, i]} for i in (1, 2, 6)])
        assert plain(connection.execute(select(avg(table.c.v))).scalar()) == [3.0, 3.0, 3.0]
        assert connection.execute(text("select v <-> :v from aldb_items order by v <-> cast(:v as vector) limit 1"), {"v": "[2,2,2]"}).scalar() == 0.0
        # Without a type they are text, as with psycopg2.
        assert connection.execute(text("select v from aldb_items where id = 6")).scalar() == "[6,6,6]"


def test_orm(engine):
    class Base(DeclarativeBase):
        pass

    class Item(Base):
        __tablename__ = "aldb_orm_items"
        id = mapped_column(Integer, primary_key=True)
        embedding = mapped_column(VECTOR(3))
        half = mapped_column(HALFVEC(2))

    Index(
        "aldb_hnsw",
        Item.embedding,
        postgresql_using="hnsw",
        postgresql_with={"m": 8, "ef_construction": 32},
        postgresql_ops={"embedding": "vector_l2_ops"},
    )
    Index("aldb_ivf", Item.half, postgresql_using="ivfflat", postgresql_with={"lists": 1}, postgresql_ops={"half": "halfvec_cosine_ops"})
    Base.metadata.drop_all(engine)
    Base.metadata.create_all(engine)
    try:
        with Session(engine) as session:
            session.add_all([Item(embedding=[i, 0, 0], half=[i, 1]) for i in range(1, 31)])
            session.commit()
            near = session.scalars(select(Item).order_by(Item.embedding.l2_distance([7.2, 0, 0])).limit(3)).all()
            assert [plain(item.embedding)[0] for item in near] == [7.0, 8.0, 6.0]
            near[0].embedding = numpy.array([100, 0, 0])
            session.commit()
            assert plain(session.get(Item, near[0].id).embedding) == [100.0, 0.0, 0.0]
            same = session.scalars(select(Item.id).where(Item.embedding == [100, 0, 0])).all()
            assert same == [near[0].id]
        indexes = {index["name"]: index["dialect_options"] for index in inspect(engine).get_indexes("aldb_orm_items")}
        assert indexes["aldb_hnsw"]["postgresql_using"] == "hnsw" and indexes["aldb_ivf"]["postgresql_with"] == {"lists": "1"}
        assert indexes["aldb_ivf"]["postgresql_ops"] == {"half": "halfvec_cosine_ops"}
    finally:
        Base.metadata.drop_all(engine)


def test_refused(engine, table):
    with pytest.raises(exc.DBAPIError, match="expected 3 dimensions, not 2"), engine.begin() as connection:
        connection.execute(table.insert(), [{"id": 1, "v": [1, 2, 3]}, {"id": 2, "v": [1, 2]}])
    with engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(table)).scalar() == 0


def test_reflection(engine, table):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        reflected = Table("aldb_items", MetaData(), autoload_with=engine)
    kinds = {column.name: column.type for column in reflected.columns}
    assert isinstance(kinds["v"], VECTOR) and kinds["v"].dim == 3 and kinds["any"].dim is None
    assert isinstance(kinds["h"], HALFVEC) and isinstance(kinds["s"], SPARSEVEC) and kinds["s"].dim == 5
    assert "v VECTOR(3)" in str(CreateTable(reflected).compile(engine))


def test_reflection_without_import():
    """Where pgvector is installed its types are known to this engine, though the program has not imported it."""
    program = (
        "import sys, warnings; warnings.simplefilter('error'); from sqlalchemy import create_engine, inspect, make_url, text;"
        "connection = create_engine(make_url(sys.argv[1])).connect();"
        "connection.execute(text('create temp table aldb_unseen (v vector(3), h halfvec(3), s sparsevec(5), b bit(3), o vector, a vector[])'));"
        "print([column['type'] for column in inspect(connection).get_columns('aldb_unseen')])"
    )
    url = vector_url("alloydb").render_as_string(hide_password=False)
    done = subprocess.run([sys.executable, "-c", program, url], capture_output=True, text=True, check=False, timeout=120)
    assert done.stdout == "[VECTOR(dim=3), HALFVEC(dim=3), SPARSEVEC(dim=5), BIT(length=3), VECTOR(), ARRAY(VECTOR())]\n", done.stderr
