# SPDX-License-Identifier: Apache-2.0
"""From an engine by raw SQL to models with relationships, with every statement shown.

    python walkthrough.py alloydb://app:secret@db.example.com:5432/blog

SQLAlchemy 2.0: models with Mapped and mapped_column are not in 1.4.
"""

import sys
from typing import Optional

from sqlalchemy import Column, ForeignKey, Integer, String, Table, create_engine, select, text
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship

if len(sys.argv) != 2:
    sys.exit(__doc__)
engine = create_engine(sys.argv[1], echo=True)  # echo: statements and their parameters are printed


# ---- raw SQL

print("== Raw SQL")
with engine.connect() as connection:
    connection.execute(text("DROP TABLE IF EXISTS tutorial_example"))
    connection.execute(text("CREATE TABLE tutorial_example (id INTEGER, name VARCHAR(20))"))
    # One row from a dictionary; then one for each of a list.
    connection.execute(text("INSERT INTO tutorial_example (name) VALUES (:name)"), {"name": "Ashley"})
    many = connection.execute(text("INSERT INTO tutorial_example (name) VALUES (:name)"), [{"name": "Barry"}, {"name": "Christina"}])
    print("rows of the list:", many.rowcount)
    connection.commit()

    for row in connection.execute(text("SELECT * FROM tutorial_example WHERE name = :name"), {"name": "Ashley"}).mappings():
        print("Author:", row["name"], dict(row))
    print(connection.execute(text("SELECT name FROM tutorial_example ORDER BY name")).scalars().all())
    connection.execute(text("DROP TABLE tutorial_example"))
    connection.commit()
engine.echo = False


# ---- models: an author has many posts, a post many tags and a tag many posts


class Base(DeclarativeBase):
    pass


post_tag = Table(
    "tutorial_post_tag",
    Base.metadata,
    Column("post_id", ForeignKey("tutorial_post.id"), primary_key=True),
    Column("tag_id", ForeignKey("tutorial_tag.id"), primary_key=True),
)


class Author(Base):
    __tablename__ = "tutorial_author"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(30))
    motto: Mapped[Optional[str]]
    posts: Mapped[list["Post"]] = relationship(back_populates="author", order_by="Post.id")


class Post(Base):
    __tablename__ = "tutorial_post"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(30))
    author_id: Mapped[int] = mapped_column(ForeignKey("tutorial_author.id"))
    author: Mapped["Author"] = relationship(back_populates="posts")
    tags: Mapped[list["Tag"]] = relationship(secondary=post_tag, back_populates="posts", order_by="Tag.id")


class Tag(Base):
    __tablename__ = "tutorial_tag"

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(String(30))
    posts: Mapped[list["Post"]] = relationship(secondary=post_tag, back_populates="tags", order_by="Post.id")


# ---- the same without foreign keys: what belongs together is said to SQLAlchemy alone, and the server checks nothing


class Unkeyed(DeclarativeBase):
    pass


article_label = Table(
    "tutorial_article_label",
    Unkeyed.metadata,
    Column("article_id", Integer, primary_key=True),
    Column("label_id", Integer, primary_key=True),
)


class Writer(Unkeyed):
    __tablename__ = "tutorial_writer"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(30))
    posts: Mapped[list["Article"]] = relationship(
        primaryjoin="foreign(Article.author_id) == Writer.id", back_populates="author", order_by="Article.id"
    )


class Article(Unkeyed):
    __tablename__ = "tutorial_article"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(30))
    author_id: Mapped[int]
    author: Mapped["Writer"] = relationship(primaryjoin="foreign(Article.author_id) == Writer.id", back_populates="posts")
    tags: Mapped[list["Label"]] = relationship(
        secondary=article_label,
        primaryjoin="Article.id == foreign(tutorial_article_label.c.article_id)",
        secondaryjoin="Label.id == foreign(tutorial_article_label.c.label_id)",
        order_by="Label.id",
    )


class Label(Unkeyed):
    __tablename__ = "tutorial_label"

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(String(30))


def fill(author_class, post_class, tag_class):
    with Session(engine) as session:
        author = author_class(name="David")
        post = post_class(title="Python Essentials", author=author)
        session.add(author)
        session.add(post)
        second = post_class(title="SQL Secrets", author=author)
        third = post_class(title="Advanced PostgreSQL", author=author)
        session.add_all([second, third])
        python, sql, postgresql = (tag_class(text=word) for word in ("python", "sql", "postgresql"))
        session.add_all([python, sql, postgresql])
        post.tags.append(python)
        second.tags.append(sql)
        third.tags.append(sql)
        third.tags.append(postgresql)
        session.commit()


def report(author_class, post_class):
    with Session(engine) as session:
        author = session.scalar(select(author_class).where(author_class.name == "David"))
        for post in author.posts:
            print(post.title)
            for tag in post.tags:
                print(" ", tag.text)
        for post in session.scalars(select(post_class).order_by(post_class.title)):
            print(post.title, "by", post.author.name)
        print(session.scalar(select(author_class).where(author_class.name == "Nobody")))


Base.metadata.drop_all(engine)
Unkeyed.metadata.drop_all(engine)

print("== With foreign keys")
Base.metadata.create_all(engine)
fill(Author, Post, Tag)
engine.echo = True
report(Author, Post)
engine.echo = False

print("== From the other side")
with Session(engine) as session:
    for tag in session.scalars(select(Tag).order_by(Tag.text)):
        print(tag.text, [post.title for post in tag.posts])
    session.delete(session.scalar(select(Post).where(Post.title == "SQL Secrets")))  # its line in the association table goes with it
    session.commit()
    for tag in session.scalars(select(Tag).order_by(Tag.text)):
        print(tag.text, [post.title for post in tag.posts])

print("== Without foreign keys")
Unkeyed.metadata.create_all(engine)
fill(Writer, Article, Label)
report(Writer, Article)

Base.metadata.drop_all(engine)
Unkeyed.metadata.drop_all(engine)
engine.dispose()
