"""deliver_challenge() and answer_challenge(): the steps of which authentication is made."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import pickle
from collections.abc import Iterator
from typing import Any

from mpspec.chapters.listeners.chapter import (
    ANSWER,
    CLIENT,
    DELIVER,
    KEYS,
    MODULE,
    WRONG,
    answer_to,
    chapter,
    given_up,
    insists,
    refused,
    talks,
)
from mpspec.chapters.listeners.targets import KEY
from mpspec.clause import NO_METHOD, SHOULD, UNSPECIFIED
from mpspec.observation.see import See
from mpspec.observation.waits import LONG


@contextlib.contextmanager
def pipe(mp: Any) -> Iterator[tuple[Any, Any]]:
    """Both ends of a new pipe, closed in the end."""
    near, far = mp.Pipe()
    with near, far:
        yield near, far


@chapter.clause("listeners.challenge.accepted", passage=f"{DELIVER}/3", methods=NO_METHOD)
def a_right_answer_is_welcome(mp: Any, see: See) -> None:
    """deliver_challenge() and answer_challenge() with equal keys at the two ends of a connection both return."""
    with pipe(mp) as (near, far):
        delivering = see.in_thread(mp.connection.deliver_challenge, near, KEY)
        see.comes_back(mp.connection.answer_challenge, far, KEY)
        delivering.ends()


@chapter.clause("listeners.challenge.names", passage=(f"{DELIVER}/1", f"{ANSWER}/1"), methods=NO_METHOD)
def the_arguments_of_the_challenges_have_names(mp: Any, see: See) -> None:
    """Both challenge functions take connection and authkey by name."""
    with pipe(mp) as (near, far):
        delivering = see.in_thread(mp.connection.deliver_challenge, connection=near, authkey=KEY)
        answering = see.in_thread(mp.connection.answer_challenge, connection=far, authkey=KEY)
        delivering.ends()
        answering.ends()


@chapter.clause("listeners.challenge.nothing-left", passage=f"{DELIVER}/3,2", methods=NO_METHOD)
def nothing_is_left_of_a_challenge(mp: Any, see: See) -> None:
    """After a challenge was answered, nothing of it is left on the connection, in either direction."""
    with pipe(mp) as (near, far):
        delivering = see.in_thread(mp.connection.deliver_challenge, near, KEY)
        mp.connection.answer_challenge(far, KEY)
        delivering.ends()
        see.true(not near.poll() and not far.poll(), "nothing is there to be received")
        talks(see, near, far)


@chapter.clause("listeners.challenge.wrong-answer", passage=f"{DELIVER}/4,3", methods=NO_METHOD, cases=WRONG)
def a_wrong_answer_is_an_error(mp: Any, see: See, keys: Any) -> None:
    """deliver_challenge() raises AuthenticationError where the answer was made with another key."""
    with pipe(mp) as (near, far):
        delivering = see.in_thread(mp.connection.deliver_challenge, near, keys[0])
        with contextlib.suppress(mp.AuthenticationError):
            mp.connection.answer_challenge(far, keys[1])
        refused(mp, see, delivering)


@chapter.clause("listeners.challenge.not-welcome", passage=f"{ANSWER}/3", methods=NO_METHOD, cases=WRONG)
def an_answer_that_is_not_welcome_is_an_error(mp: Any, see: See, keys: Any) -> None:
    """answer_challenge() raises AuthenticationError where its answer was made with another key."""
    with pipe(mp) as (near, far):
        delivering = see.in_thread(mp.connection.deliver_challenge, near, keys[0])
        with see.raises(mp.AuthenticationError):
            mp.connection.answer_challenge(far, keys[1])
        with contextlib.suppress(mp.AuthenticationError):
            delivering.ends()


@chapter.clause(
    "listeners.challenge.garbage",
    passage=f"{DELIVER}/4",
    methods=NO_METHOD,
    cases={"empty": b"", "short": b"no", "digest": b"x" * 16, "long": b"y" * 200, "prefixed": b"{sha256}" + b"z" * 32},
)
def an_answer_that_is_none_is_an_error(mp: Any, see: See, answer: bytes) -> None:
    """deliver_challenge() raises AuthenticationError for an answer that is not the digest."""
    with pipe(mp) as (near, far):
        delivering = see.blocks(mp.connection.deliver_challenge, near, KEY)
        far.send_bytes(answer)
        refused(mp, see, delivering)


@chapter.clause(
    "listeners.challenge.whole-digest",
    passage=f"{DELIVER}/3,4",
    methods=NO_METHOD,
    cases={
        "last byte": lambda answer: answer[:-1] + bytes([answer[-1] ^ 1]),
        "middle": lambda answer: answer[:-8] + bytes([answer[-8] ^ 128]) + answer[-7:],
        "one less": lambda answer: answer[:-1],
        "half": lambda answer: answer[: len(answer) // 2],
        "one more": lambda answer: answer + b"\0",
        "twice": lambda answer: answer * 2,
    },
)
def a_part_of_the_answer_is_not_the_answer(mp: Any, see: See, change: Any) -> None:
    """deliver_challenge() raises AuthenticationError for an answer that is the right one in part only."""
    with pipe(mp) as (near, far):
        delivering = see.in_thread(mp.connection.deliver_challenge, near, KEY)
        see.true(far.poll(LONG), "a challenge arrives")
        far.send_bytes(change(answer_to(mp, see, far.recv_bytes(), KEY)))
        refused(mp, see, delivering)


@chapter.clause("listeners.challenge.echoed", passage=f"{DELIVER}/4", methods=NO_METHOD)
def a_challenge_is_not_its_answer(mp: Any, see: See) -> None:
    """deliver_challenge() raises AuthenticationError where it gets its own message back."""
    with pipe(mp) as (near, far):
        delivering = see.in_thread(mp.connection.deliver_challenge, near, KEY)
        see.true(far.poll(LONG), "a challenge arrives")
        far.send_bytes(far.recv_bytes())
        refused(mp, see, delivering)


@chapter.clause("listeners.challenge.waits", passage=f"{DELIVER}/2,3", methods=NO_METHOD)
def a_challenge_waits_for_its_answer(mp: Any, see: See) -> None:
    """deliver_challenge() sends one message, then blocks until the answer arrives."""
    with pipe(mp) as (near, far):
        delivering = see.blocks(mp.connection.deliver_challenge, near, KEY)
        see.true(far.poll(LONG), "a challenge arrives")
        challenge = far.recv_bytes()
        see.true(not far.poll(), "nothing else arrives")
        far.send_bytes(answer_to(mp, see, challenge, KEY))
        delivering.ends()


@chapter.clause("listeners.challenge.random", passage=f"{DELIVER}/2", methods=NO_METHOD)
def each_challenge_is_another(mp: Any, see: See) -> None:
    """The message of deliver_challenge() is random: no two are alike."""
    seen = set()
    for _ in range(16):
        with pipe(mp) as (near, far):
            delivering = see.in_thread(mp.connection.deliver_challenge, near, KEY)
            see.true(far.poll(LONG), "a challenge arrives")
            seen.add(far.recv_bytes())
            far.send_bytes(b"no")
            given_up(delivering)
    see.equal(len(seen), 16, "how many of 16 challenges differ")


@chapter.clause("listeners.challenge.answer-depends", passage=f"{ANSWER}/2", methods=NO_METHOD)
def an_answer_depends_on_message_and_key(mp: Any, see: See) -> None:
    """The answer is determined by the message and the key, and changes with each of them."""
    messages = []
    for _ in range(2):
        with pipe(mp) as (near, far):
            delivering = see.in_thread(mp.connection.deliver_challenge, near, KEY)
            see.true(far.poll(LONG), "a challenge arrives")
            messages.append(far.recv_bytes())
            far.send_bytes(b"no")
            given_up(delivering)
    answers = [answer_to(mp, see, m, k) for m in (messages[0], *messages) for k in (KEY, b"another")]
    see.equal(answers[0:2], answers[2:4], "the answers to the same message")
    see.equal(len(set(answers)), 4, "how many answers differ")


@chapter.clause(
    "listeners.challenge.hmac", passage=(f"{ANSWER}/2", f"{MODULE}/4", f"{CLIENT}/5", f"{KEYS}/3"), methods=NO_METHOD
)
def the_answer_is_an_hmac(mp: Any, see: See) -> None:
    """The answer has in it the HMAC of the message, or of its end, with the key, by a hash function of hashlib."""
    with pipe(mp) as (near, far):
        delivering = see.in_thread(mp.connection.deliver_challenge, near, KEY)
        see.true(far.poll(LONG), "a challenge arrives")
        message = far.recv_bytes()
        answer = answer_to(mp, see, message, KEY)
        far.send_bytes(answer)
        delivering.ends()
    fixed = [name for name in sorted(hashlib.algorithms_guaranteed) if hashlib.new(name).digest_size]
    digests = (hmac.new(KEY, message[start:], name).digest() for start in range(len(message)) for name in fixed)
    see.true(any(one in answer or one.hex().encode() in answer for one in digests), "an HMAC of the message", answer)


@chapter.clause(
    "listeners.challenge.no-welcome",
    passage=f"{ANSWER}/3",
    methods=NO_METHOD,
    cases={
        "nothing": lambda welcome: b"",
        "other": lambda welcome: welcome[::-1] + b"?",
        "longer": lambda welcome: welcome + b"!",
        "shorter": lambda welcome: welcome[:-1],
        "last byte": lambda welcome: welcome[:-1] + bytes([welcome[-1] ^ 1]),
    },
)
def anything_but_the_welcome_is_an_error(mp: Any, see: See, change: Any) -> None:
    """answer_challenge() raises AuthenticationError where what follows its answer is not the welcome."""
    with pipe(mp) as (near, far), pipe(mp) as (here, there):
        delivering = see.in_thread(mp.connection.deliver_challenge, here, KEY)
        see.true(there.poll(LONG), "a challenge arrives")
        answering = see.in_thread(mp.connection.answer_challenge, far, KEY)
        near.send_bytes(there.recv_bytes())
        see.true(near.poll(LONG), "an answer arrives")
        there.send_bytes(near.recv_bytes())
        delivering.ends()
        see.true(there.poll(LONG), "a welcome arrives")
        near.send_bytes(change(there.recv_bytes()))
        refused(mp, see, answering)


@chapter.clause("listeners.challenge.both-ways", passage=f"{DELIVER}/2", methods=NO_METHOD)
def two_ends_challenge_each_other(mp: Any, see: See) -> None:
    """Each end can challenge the other in turn on one connection."""

    def first(end: Any) -> None:
        mp.connection.deliver_challenge(end, KEY)
        mp.connection.answer_challenge(end, b"another")

    with pipe(mp) as (near, far):
        other = see.in_thread(first, near)
        mp.connection.answer_challenge(far, KEY)
        mp.connection.deliver_challenge(far, b"another")
        other.ends()
        talks(see, near, far)


@chapter.clause(
    "listeners.challenge.not-bytes",
    passage="authentication-keys/4",
    level=SHOULD,
    methods=NO_METHOD,
    cases={"text": "secret", "none": None},
)
def a_challenge_with_a_key_that_is_not_bytes(mp: Any, see: See, key: Any) -> None:
    """Both challenge functions refuse a key that is not bytes, and send nothing."""
    with pipe(mp) as (near, far):
        for use in (mp.connection.deliver_challenge, mp.connection.answer_challenge):
            with see.raises(Exception):
                use(near, key)
        see.true(not far.poll(), "nothing is sent")


@chapter.clause(
    "listeners.challenge.not-a-challenge",
    source=ANSWER,
    level=UNSPECIFIED,
    methods=NO_METHOD,
    cases={"empty": b"", "text": b"hello", "pickle": pickle.dumps(1)},
)
def what_becomes_of_a_message_that_is_no_challenge(mp: Any, see: See, message: bytes) -> None:
    """Whether answer_challenge() answers any message whatever, or refuses those of another form, is left open."""
    with pipe(mp) as (near, far):
        near.send_bytes(message)
        answering = see.in_thread(mp.connection.answer_challenge, far, KEY)
        see.eventually(lambda: near.poll() or not answering.thread.is_alive(), "it answers or comes back")
        see.records(answers=near.poll())
        insists(near, b"no welcome")
        given_up(answering)
