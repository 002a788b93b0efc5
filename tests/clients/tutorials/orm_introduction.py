# SPDX-License-Identifier: Apache-2.0
"""Types, create_all and drop_all, one Session factory for a program, and sessions that are always closed.

    python orm_introduction.py alloydb://app:secret@db.example.com:5432/library

SQLAlchemy 2.0 and 1.4.
"""

import datetime as dt
import sys
from contextlib import contextmanager
from decimal import Decimal

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Float,
    Integer,
    Interval,
    LargeBinary,
    Numeric,
    String,
    Text,
    Time,
    create_engine,
    inspect,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import declarative_base, sessionmaker

if len(sys.argv) != 2:
    sys.exit(__doc__)

# ---- what a program has once: the engine, which connects when something has to be done, and the factory of sessions

engine = create_engine(sys.argv[1])
Session = sessionmaker(bind=engine)
Base = declarative_base()


@contextmanager
def session_scope():
    """Committed at the end, rolled back after an exception, closed in any case."""
    session = Session()
    try:
        yield session
        session.commit()
    except Exception:
        session.rollback()
        raise
    finally:
        session.close()


# ---- the models


class Book(Base):
    __tablename__ = "tutorial_books"

    id = Column(Integer, primary_key=True)
    title = Column(String(200), nullable=False)
    author = Column(String)
    pages = Column(Integer)
    published = Column(Date)

    def __repr__(self):
        return f"<Book {self.id}: {self.title!r} by {self.author}, {self.pages} pages, {self.published!r}>"


class Product(Base):
    __tablename__ = "tutorial_products"

    id = Column(Integer, primary_key=True)
    available = Column(Boolean)
    listed = Column(Date)
    opens = Column(Time)
    changed = Column(DateTime)
    sold = Column(DateTime(timezone=True))
    warranty = Column(Interval)
    name = Column(String(40))
    from_ = Column("from", String(2))  # an attribute may have another name than its column
    description = Column(Text)
    stock = Column(BigInteger)
    price = Column(Numeric(12, 2))
    weight = Column(Float)
    picture = Column(LargeBinary)
    attributes = Column(JSON)
    ratings = Column(JSONB)
    tags = Column(ARRAY(String))
    sizes = Column(ARRAY(Numeric, dimensions=2))


def recreate_database():
    Base.metadata.drop_all(engine)
    Base.metadata.create_all(engine)


def tables():
    return sorted(name for name in inspect(engine).get_table_names() if name in Base.metadata.tables)


print("== Tables")
recreate_database()
print("after create_all:", tables())

# ---- rows in, rows out

print("== A book")
book = Book(title="The Art of Computer Programming", author="Donald E. Knuth", pages=650, published=dt.datetime(1968, 1, 1))
session = Session()
try:
    session.add(book)  # a datetime for a column of dates
    session.commit()
    print(session.query(Book).first())
finally:
    session.close()
print("connections in use after close():", engine.pool.checkedout())

print("== A transaction that fails")
try:
    with session_scope() as session:
        session.add(Book(title="Lost", pages=1))
        session.flush()
        session.add(Book(title=None))
except Exception as error:
    print(type(error).__name__, *error.orig.args)
with session_scope() as session:
    print("books:", session.query(Book).count(), "connections in use:", engine.pool.checkedout())
print("connections in use:", engine.pool.checkedout())

print("== Every type")
values = {
    "available": True,
    "listed": dt.date(2024, 2, 29),
    "opens": dt.time(8, 30, 15, 250000),
    "changed": dt.datetime(2024, 2, 29, 23, 59, 59, 999999),
    "sold": dt.datetime(2024, 3, 31, 2, 30, tzinfo=dt.timezone(dt.timedelta(hours=5, minutes=30))),
    "warranty": dt.timedelta(days=730, hours=1, microseconds=1),
    "name": "naïve café 🙂",
    "from_": "CH",
    "description": "line one\nline 'two' \\ ? ; {three}",
    "stock": 9007199254740993,
    "price": Decimal("1234567.80"),
    "weight": 0.1,
    "picture": bytes(range(0, 256, 51)),
    "attributes": {"colour": "red", "sizes": [1, 2.5, None], "nested": {"é": True}},
    "ratings": [5, 4, {"stars": 3}],
    "tags": ["plain", "with, comma", 'with "quotes"', "", None, "NULL"],
    "sizes": [[Decimal("1.50"), Decimal("2")], [Decimal("3"), None]],
}
with session_scope() as session:
    session.add(Product(**values))
    session.add(Product())  # all NULL
with session_scope() as session:
    product, empty = session.query(Product).order_by(Product.id)
    for name, value in values.items():
        read = getattr(product, name)
        print(f"{name:<12}{'equal' if read == value and type(read) is type(value) else 'NOT EQUAL'}", end="  ")
        # The server gives moments in the session's time zone.
        print(repr(read.astimezone(dt.timezone.utc) if name == "sold" else read))
    print("NULL:", {getattr(empty, name) for name in values})
    print("by JSON:", session.query(Product.name).filter(Product.attributes["nested"]["é"].as_boolean()).scalar())
    print("by array:", session.query(Product.name).filter(Product.tags.contains(["plain"])).scalar())

Base.metadata.drop_all(engine)
print("after drop_all:", tables())
engine.dispose()
