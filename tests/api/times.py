"""Beijing days and times, as the documents write them."""

import re
from datetime import date, datetime, timedelta, timezone

BEIJING = timezone(timedelta(hours=8))
RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+08:00")
RFC_3339_FRACTION = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?\+08:00")


def read(text):
    return datetime.fromisoformat(text).astimezone(BEIJING)


def written(moment):
    """2018-06-08T10:34:56+08:00"""
    return moment.astimezone(BEIJING).isoformat(timespec="seconds")


def in_bill(moment):
    """2018-06-08 10:34:56"""
    return moment.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")


def midnight(day):
    return datetime(day.year, day.month, day.day, tzinfo=BEIJING)


def at(day, clock="10:00:00"):
    return datetime.fromisoformat(f"{day.isoformat()}T{clock}+08:00")


def day_of(text):
    return date.fromisoformat(text)


def _part_of_day():
    now = datetime.now(BEIJING)
    return now.date(), now.hour >= 10


def by_the_real_clock(act):
    """Of a book that runs by it: balances end at midnight, bills are out at ten. Where either came in between, `act` is done once more, and from its start."""
    before = _part_of_day()
    try:
        return act()
    except AssertionError:
        if _part_of_day() == before:
            raise
    return act()


def business_days_later(moment, days):
    """Monday to Friday, no holidays, the same time of day; from a week-end, counted from there."""
    while days:
        moment += timedelta(days=1)
        if moment.isoweekday() <= 5:
            days -= 1
    return moment


def next_weekday(day, isoweekday):
    """The first day after `day` that is this day of the week (1 = Monday)."""
    day += timedelta(days=1)
    while day.isoweekday() != isoweekday:
        day += timedelta(days=1)
    return day
