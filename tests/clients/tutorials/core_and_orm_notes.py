# SPDX-License-Identifier: Apache-2.0
"""Engine, connection and session; then the same table by SQLAlchemy's Core and by its ORM.

    python core_and_orm_notes.py alloydb://app:secret@db.example.com:5432/sales

SQLAlchemy 2.0, and 1.4 with future=True.
"""

import sys

from sqlalchemy import Column, Integer, MetaData, String, Table, create_engine, select, text
from sqlalchemy.orm import Session, declarative_base, sessionmaker

if len(sys.argv) != 2:
    sys.exit(__doc__)

# ---- the engine holds the pool, a connection is borrowed from it, a session borrows one for each of its transactions

engine = create_engine(sys.argv[1], future=True)
print("== Engine, connection, session")
print("engine:", engine.dialect.name, "by", engine.dialect.driver, "and", engine.pool.checkedout(), "connections in use")
with engine.connect() as connection:
    print("connection:", connection.execute(text("select 1")).scalar(), "and", engine.pool.checkedout(), "in use")
with Session(engine) as session:
    print("session:", engine.pool.checkedout(), "in use before its first statement")
    print("session:", session.execute(text("select 2")).scalar(), "and", engine.pool.checkedout(), "in use")
    session.commit()
    print("session:", engine.pool.checkedout(), "in use after the commit")

# ---- Core: tables and statements as objects

print("== Core")
metadata = MetaData()
users = Table("tutorial_core_users", metadata, Column("id", Integer, primary_key=True), Column("name", String))
metadata.drop_all(engine)
metadata.create_all(engine)

with engine.connect() as connection:
    inserted = connection.execute(users.insert().values(name="Alice"))
    print("the server gave Alice the key", *inserted.inserted_primary_key)
    connection.commit()
with engine.connect() as connection:
    connection.execute(users.insert().values(name="Bob"))  # not committed: rolled back when the connection goes back
with engine.begin() as connection:  # commits at its end
    connection.execute(users.insert(), [{"name": "Carol"}, {"name": "Dave"}, {"name": None}])

with engine.connect() as connection:
    for row in connection.execute(users.select().order_by(users.c.id)):
        print(row.name, row)
    print(connection.execute(select(users.c.name).where(users.c.name.like("%a%"))).scalars().all())
metadata.drop_all(engine)

# ---- ORM: the table as a class, its rows as objects

print("== ORM")
Base = declarative_base()


class User(Base):
    __tablename__ = "tutorial_users"

    id = Column(Integer, primary_key=True, index=True)
    name = Column(String, nullable=False)

    def __repr__(self):
        return f"User(id={self.id}, name={self.name!r})"


Base.metadata.drop_all(engine)
Base.metadata.create_all(engine)
factory = sessionmaker(bind=engine)

with factory() as session:
    alice = User(name="Alice")
    session.add(alice)
    session.add(User(name="O'Brien; drop table tutorial_users"))
    session.commit()
    print("added:", alice)
with factory() as session:
    print("all:", session.query(User).order_by(User.id).all())
    print("one:", session.query(User).filter_by(id=1).first())
    print("none:", session.query(User).filter_by(name="Zoe").first())
Base.metadata.drop_all(engine)
engine.dispose()
