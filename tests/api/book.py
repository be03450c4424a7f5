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


def book_shows(program, text):
    """Whether a text can be seen in the book by whoever has it: anywhere in its file, or in a value of its rows."""
    if program.database is None:
        return text.encode() in (program.data / "book.db").read_bytes()
    tables = [name for (name,) in book_rows(program, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
    values = [value for table in tables for row in book_rows(program, f"SELECT * FROM {table}") for value in row]
    return any(text.encode() in (bytes(value) if isinstance(value, memoryview) else str(value).encode()) for value in values)


def book_renumber(program, *tables):
    """The next numbers of these tables follow the highest there is; the program is stopped."""
    if program.database is not None:
        for table in tables:
            book_change(program, "DELETE FROM numbering WHERE name = ?", table)
