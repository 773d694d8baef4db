"""The model of histories accepts what a queue can do and names the first event that none can."""

from __future__ import annotations

from mpspec.models.histories import Event, first_impossible


def put(number: int, began: float, producer: str = "p") -> Event:
    return Event(producer, (producer, number), began, began + 0.5)


def got(number: int, began: float, producer: str = "p", consumer: str = "c", lasting: float = 0.5) -> Event:
    return Event(consumer, (producer, number), began, began + lasting)


def why(*arguments: object, **options: object) -> str:
    return str(first_impossible(*arguments, **options))  # type: ignore[arg-type]


def test_items_in_their_order_are_accepted() -> None:
    assert first_impossible([put(0, 0), put(1, 1)], [got(0, 2), got(1, 3)]) is None


def test_calls_that_overlap_can_have_happened_in_either_order() -> None:
    assert first_impossible([put(0, 0), put(1, 1)], [got(0, 2, lasting=5), got(1, 3, consumer="d")]) is None


def test_the_order_between_producers_is_open() -> None:
    assert first_impossible([put(0, 0), put(0, 1, "q")], [got(0, 2, "q"), got(0, 3)]) is None


def test_an_item_got_by_a_killed_process_may_be_missing() -> None:
    assert first_impossible([put(0, 0)], [], in_hands={("p", 0)}) is None


def test_an_overtaking_item_is_named() -> None:
    assert "item 1 of p, got before item 0" in why([put(0, 0), put(1, 1)], [got(1, 2), got(0, 3)])


def test_an_overtaking_item_of_another_consumer_is_named() -> None:
    assert "item 2 of p, got before item" in why(
        [put(n, n) for n in range(3)], [got(2, 5, consumer="d"), got(0, 6), got(1, 7)]
    )


def test_a_lost_item_is_named() -> None:
    assert "item 0 of p, put, was never got" in why([put(0, 0), put(1, 1)], [got(1, 2)])


def test_what_is_still_in_the_queue_is_not_lost() -> None:
    assert first_impossible([put(0, 0)], [], drained=False) is None


def test_a_doubled_item_is_named() -> None:
    assert "item 0 of p, got a second time; c had it before" in why([put(0, 0)], [got(0, 2), got(0, 3, consumer="d")])


def test_an_invented_item_is_named() -> None:
    assert "item 7 of p, got, was never put" in why([put(0, 0)], [got(0, 1), got(7, 2)])


def test_an_item_got_before_its_put_is_named() -> None:
    assert "got before it was put" in why([put(0, 5)], [got(0, 1)])


def test_a_bound_that_did_not_hold_is_named() -> None:
    puts, gets = [put(n, n) for n in range(3)], [got(n, 10 + n) for n in range(3)]
    assert "item 2 of p, put as number 3 into a queue for 2" in why(puts, gets, maxsize=2)
    assert first_impossible(puts, gets, maxsize=3) is None


def test_the_earliest_of_several_is_named() -> None:
    assert "item 1 of p, got a second time" in why(
        [put(0, 0), put(1, 1), put(2, 2)], [got(0, 3), got(1, 4), got(1, 5), got(2, 6), got(2, 7)]
    )
