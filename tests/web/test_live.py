"""What open pages may hold up in a process: bounded in number and in what a slow one lags behind."""

from jishi.web.live import BEHIND_MAX, PER_PERSON_MAX, Hub


def test_who_does_not_read_is_told_to_go_and_holds_nothing_more() -> None:
    hub = Hub()
    queue = hub.join(["account:1"])
    assert queue is not None
    for number in range(BEHIND_MAX * 10):
        hub.heard(["account:1"], {"number": number})
    held = [queue.get_nowait() for _ in range(queue.qsize())]
    assert len(held) == BEHIND_MAX + 1
    assert held[-1] is None
    assert None not in held[:-1]


def test_a_signal_to_several_topics_comes_once() -> None:
    hub = Hub()
    queue = hub.join(["account:1", "shop:2"])
    assert queue is not None
    hub.heard(["account:1", "shop:2", "shop:3"], {"type": "x"})
    assert queue.get_nowait() == b'{"type":"x"}'
    assert queue.empty()


def test_a_person_has_so_many_pages_and_leaving_makes_room() -> None:
    hub = Hub()
    queues = [hub.join(["account:1"]) for _ in range(PER_PERSON_MAX)]
    assert hub.join(["account:1"]) is None
    assert hub.join(["account:2"]) is not None
    assert queues[0] is not None
    hub.leave(["account:1"], queues[0])
    assert hub.join(["account:1"]) is not None
