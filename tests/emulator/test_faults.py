# SPDX-License-Identifier: Apache-2.0
"""Faults: how they are written, how often they are used, for whom, and for how long."""
import time

import pytest

from alloydb_emulator import faults

I1 = "projects/p/locations/r/clusters/c/instances/i1"


@pytest.mark.parametrize("text, fault", [
    ("token,status=503,times=2", {"at": "token", "status": 503, "times": 2}),
    ("exchange,reply=truncated", {"at": "exchange", "reply": "truncated"}),
    ("connectionInfo,omit=ipAddress+pscDnsName", {"at": "connectionInfo", "omit": ["ipAddress", "pscDnsName"]}),
    ('{"at": "front", "listen": "closed", "seconds": 0.5}', {"at": "front", "listen": "closed", "seconds": 0.5}),
    ("clock,offset=-7200", {"at": "clock", "offset": -7200.0}), ("sts,drop", {"at": "sts", "drop": True})])
def test_from_the_command_line(text, fault):
    assert faults.check(faults.parse(text)) == fault


@pytest.mark.parametrize("fault, text", [
    ({}, '"at" is None'), ([], "a fault is a JSON object"), ({"at": "nowhere"}, "must be one of admin"),
    ({"at": "token"}, "nothing that should happen"),
    ({"at": "token", "times": 3}, "nothing that should happen"), ({"at": "token", "status": 99}, "from 200 to 599"),
    ({"at": "token", "status": True}, "whole"),
    ({"at": "exchange", "reply": "odd"}, "one of error"), ({"at": "exchange", "raw": "zz"}, "raw"), ({"at": "front", "status": 500}, 'no "status"'),
    ({"at": "token", "status": 500, "times": 0}, "times"), ({"at": "connectionInfo", "set": []}, "a JSON object")])
def test_refused(fault, text):
    with pytest.raises(faults.FaultError, match=text):
        faults.check(fault)


def test_all_or_none():
    active = faults.Faults()
    with pytest.raises(faults.FaultError):
        active.add_all([{"at": "token", "status": 500}, {"at": "nowhere"}])
    assert active.list() == []


def test_times_and_skip():
    active = faults.Faults()
    active.add({"at": "token", "status": 503, "times": 2, "skip": 1})
    assert active.peek("token") == {}
    assert [active.take("token").get("status") for _ in range(5)] == [None, 503, 503, None, None]
    assert active.take("sts") == {} and active.list() == []


def test_seconds_and_removal():
    active = faults.Faults()
    number = active.add({"at": "token", "status": 500})["id"]
    active.add({"at": "sts", "status": 500, "seconds": 3})
    assert active.remove(number) == 1 and active.remove(number) == 0
    assert active.take("sts") == {"status": 500}
    time.sleep(3.1)
    assert active.take("sts") == {} and active.remove() == 0


def test_several_add_up():
    active = faults.Faults()
    active.add_all([{"at": "token", "status": 500, "delay": 1}, {"at": "token", "status": 503, "times": 1}])
    assert active.take("token") == {"status": 503, "delay": 1}
    assert active.take("token") == {"status": 500, "delay": 1}


def test_instance():
    active = faults.Faults()
    active.add({"at": "admin", "status": 500, "instance": I1})
    assert active.take("admin", I1) and active.take("admin", I1.rpartition("/instances")[0])
    assert not active.take("admin", I1.replace("i1", "i11")) and not active.take("admin", "projects/p/locations/r/clusters/other")


def test_change_is_told():
    active = faults.Faults()
    told = []
    active.changed = lambda: told.append(len(active.list()))
    active.add({"at": "token", "status": 500})
    active.remove()
    assert told == [1, 0]


def test_described():
    text = faults.describe()
    for point, effects in faults.POINTS.items():
        assert f"\n{point}: " in text
        for name, (meaning, _) in effects.items():
            assert f"  {name:14}{meaning}" in text
    assert "pg-error" in text and "wrong-san" in text
