"""Beside a PostgreSQL (tests/postgres/with): all tests whose book can be there, but for those that are about SQLite's own files."""

import inspect
import os
import signal

# A shell that runs the tests in the background may have both ignored, and so would all that they start and end as a terminal does.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGQUIT, signal.SIG_DFL)

HERE = os.path.dirname(os.path.abspath(__file__))

SCENARIOS = {"api", "cli", "doctor", "faults"}


def names_in(code):
    return {*code.co_names, *code.co_freevars}.union(*(names_in(one) for one in code.co_consts if hasattr(one, "co_names")))


def reaches_program(thing, seen):
    """Whether a function, or one of those that it calls by name, or a class with all of its own, starts a server by Program."""
    if inspect.isclass(thing):
        return thing.__name__ == "Program" or any(reaches_program(one, seen) for one in (*vars(thing).values(), *thing.__bases__))
    thing = inspect.unwrap(getattr(thing, "__func__", getattr(thing, "func", thing)))  # a method of the class, a part of one, a decorated one
    if not inspect.isfunction(thing) or thing in seen or not thing.__code__.co_filename.startswith(HERE):
        return False
    seen.add(thing)
    names = names_in(thing.__code__)
    return not {"Program", "getfixturevalue"}.isdisjoint(names) or any(reaches_program(thing.__globals__.get(name), seen) for name in names)


def is_told_to_postgres(item):
    """A scenario that starts no server by Program is the same there."""
    if item.path.parent.name not in SCENARIOS:
        return True
    fixtures = [found[-1].func for found in item._fixtureinfo.name2fixturedefs.values()]
    parameters = [one for one in getattr(getattr(item, "callspec", None), "params", {}).values() if callable(one)]
    has_book = any(reaches_program(one, set()) for one in (item.function, *fixtures, *parameters))
    return has_book and not item.get_closest_marker("sqlite")


def pytest_collection_modifyitems(config, items):
    if "FENZHANG_POSTGRES" in os.environ:
        config.hook.pytest_deselected(items=[item for item in items if not is_told_to_postgres(item)])
        items[:] = [item for item in items if is_told_to_postgres(item)]
