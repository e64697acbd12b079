"""Ids sort as they were made, times as they happened."""

import re
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixelmind.errors import BadInput
from pixelmind.storage import ids
from pixelmind.storage.errors import NotFound
from pixelmind.storage.ids import ID_LENGTH, iso, known, new_id, now, read_time


def test_ids_rise_also_within_a_millisecond():
    made = [new_id("spr") for _ in range(5_000)]
    assert made == sorted(set(made))
    assert {len(i) for i in made} == {ID_LENGTH}
    assert known(made[0], "spr", "sprite") == made[0]


def test_ids_of_many_threads_differ():
    with ThreadPoolExecutor(16) as pool:
        made = list(pool.map(lambda _: [new_id("spr") for _ in range(200)], range(16)))
    assert all(part == sorted(part) for part in made)
    assert len({i for part in made for i in part}) == 3_200


def test_a_later_process_makes_later_ids():
    first = new_id("fbk")
    time.sleep(0.002)
    assert first < new_id("fbk")


def test_a_later_process_makes_later_ids_also_where_the_clock_was_set_back(db, user, drawn, monkeypatch):
    kept = [db.sprites.add(user, drawn()).id for _ in range(2)]
    day_before = time.time_ns() - 86_400 * 10**9
    monkeypatch.setattr(ids, "_last", 0)  # as in a process that was just started
    monkeypatch.setattr(ids.time, "time_ns", lambda: day_before)
    assert new_id("spr") < kept[0]
    db.upgrade()
    assert db.sprites.add(user, drawn()).id > kept[1]
    assert db.feedback.event(user, kept[0], "view").id[4:] > kept[1][4:]


@pytest.mark.parametrize(
    "wrong", ["", "spr_", "ses_" + "0" * 26, "spr_" + "I" * 26, "spr_" + "0" * 25 + "\0", None, 7, "../x"]
)
def test_what_can_be_no_id_is_not_found(wrong):
    with pytest.raises(NotFound, match="no such sprite"):
        known(wrong, "spr", "sprite")


moments = st.datetimes(
    datetime(1980, 1, 1), datetime(2200, 1, 1), timezones=st.sampled_from([UTC, timezone(timedelta(hours=9))])
)


@given(moments, moments)
def test_times_sort_as_moments(a, b):
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", iso(a))
    assert len(iso(a)) == 24
    if iso(a) != iso(b):
        assert (iso(a) < iso(b)) == (a < b)
    assert read_time(a.isoformat()) == read_time(a) == iso(a)
    assert read_time(iso(a)) == iso(a)


def test_times_need_a_zone():
    assert now() <= now(1) < now(3)
    with pytest.raises(BadInput, match="time zone"):
        read_time("2026-11-28T10:00:00")
    with pytest.raises(BadInput, match="is no time"):
        read_time("yesterday")
