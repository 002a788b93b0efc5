# SPDX-License-Identifier: Apache-2.0
"""One mapped table, from an engine made of connection properties: query, execute, insert, update, delete.

    python cdata_guide.py 'alloydb:///?User=app&Password=secret&Database=sales&Server=db.example.com&Port=5432'

The pairs of that URL are the driver's keywords; values are percent-encoded. SQLAlchemy 2.0 and 1.4.
"""

import datetime as dt
import sys
import warnings
from decimal import Decimal

from sqlalchemy import Column, Date, Numeric, String, create_engine, orm
from sqlalchemy.exc import SADeprecationWarning
from sqlalchemy.ext import declarative

if len(sys.argv) != 2:
    sys.exit(__doc__)
engine = create_engine(sys.argv[1])


def show(found):
    for order in found:
        print(f"  {order.ShipName:<16} {order.ShipCity or '-':<10} {order.ShipCountry:<8} {order.ShippedDate or '-'!s:<10} {order.Freight or '-'}")


def guide(declarative_base):
    Base = declarative_base()

    # ---- the mapping: a class for the table, an attribute for each column that matters here

    class Orders(Base):
        __tablename__ = "TutorialOrders"  # names in mixed case are quoted by SQLAlchemy

        ShipName = Column(String, primary_key=True)
        ShipCity = Column(String)
        ShipCountry = Column(String)
        ShippedDate = Column(Date)
        Freight = Column(Numeric(10, 2))

    # Yours is there already; this one is made, with rows to look at.
    Base.metadata.drop_all(engine)
    Base.metadata.create_all(engine)
    session = orm.sessionmaker(bind=engine)()
    session.add_all(
        [
            Orders(ShipName="Lazy K", ShipCity="Walla Walla", ShipCountry="USA", ShippedDate=dt.date(1997, 5, 22), Freight=Decimal("7.48")),
            Orders(ShipName="Old World", ShipCity="Anchorage", ShipCountry="USA", ShippedDate=dt.date(1998, 2, 16), Freight=Decimal("210.19")),
            Orders(ShipName="Königlich", ShipCity="Köln", ShipCountry="Germany", ShippedDate=None, Freight=Decimal("0.10")),
        ]
    )
    session.commit()

    # ---- reading, by class and by table

    print("query and filter_by")
    show(session.query(Orders).filter_by(ShipCountry="USA").order_by(Orders.ShipName))

    print("execute a select of the table")
    orders = Orders.metadata.tables["TutorialOrders"]
    show(session.execute(orders.select().where(orders.c.ShipCountry == "USA").order_by(orders.c.ShipName)))

    # ---- writing: change objects, then commit

    session.add(Orders(ShipName="placeholder", ShipCountry="USA"))
    session.commit()
    print("after an insert")
    show(session.query(Orders).filter_by(ShipCountry="USA").order_by(Orders.ShipName))

    order = session.query(Orders).filter_by(ShipName="Königlich").first()
    order.ShipCountry = "USA"
    order.Freight += 1
    session.commit()
    print("after an update")
    show(session.query(Orders).filter_by(ShipName="Königlich"))

    session.delete(session.query(Orders).filter_by(ShipName="placeholder").first())
    session.commit()
    print("after a delete")
    print("  placeholder:", session.query(Orders).filter_by(ShipName="placeholder").first())
    show(session.query(Orders).order_by(Orders.ShipName))

    session.close()
    Base.metadata.drop_all(engine)


print("== declarative_base of sqlalchemy.orm")
guide(orm.declarative_base)
print("== declarative_base of sqlalchemy.ext.declarative")
with warnings.catch_warnings():  # where it was before SQLAlchemy 1.4, and still works
    warnings.simplefilter("ignore", SADeprecationWarning)
    guide(declarative.declarative_base)
engine.dispose()
