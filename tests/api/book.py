"""A book looked into, or changed, behind the program's back, whichever engine keeps it. Values are `?` in SQL."""

import contextlib
import os
import sqlite3

ON_POSTGRES = "FENZHANG_POSTGRES" in os.environ


@contextlib.contextmanager
def _connected(program, mode):
    if program.database is None:
        book = sqlite3.connect(f"file:{program.data / 'book.db'}?mode={mode}", uri=True, timeout=30)
    else:
        import psycopg2  # is there where PostgreSQL is

        book = psycopg2.connect(program.database)
    with contextlib.closing(book):
        yield book


def _run(book, program, sql, values):
    cursor = book.cursor()
    if program.database is None:
        cursor.execute(sql, values)
    else:
        cursor.execute(sql.replace("%", "%%").replace("?", "%s"), values)
    return cursor


def book_rows(program, sql, *values):
    """The rows of a query, as tuples."""
    with _connected(program, "ro") as book:
        return _run(book, program, sql, values).fetchall()


def book_value(program, sql, *values):
    """The one value of a query."""
    ((value,),) = book_rows(program, sql, *values)
    return value


def book_columns(program, table):
    """The names of a table's columns."""
    with _connected(program, "ro") as book:
        return [column[0] for column in _run(book, program, f"SELECT * FROM {table} LIMIT 0", ()).description]


def book_change(program, sql, *values):
    """Runs a statement, in a transaction of its own."""
    with _connected(program, "rw") as book:
        _run(book, program, sql, values)
        book.commit()


def book_renumber(program, *tables):
    """The next numbers of these tables follow the highest there is; the program is stopped."""
    if program.database is not None:
        for table in tables:
            book_change(program, "DELETE FROM numbering WHERE name = ?", table)
