"""What the functions and methods of this chapter do not take."""

from __future__ import annotations

from typing import Any, Callable

from mpspec.chapters.listeners.chapter import ACCEPT, ANSWER, CLIENT, DELIVER, LISTENER, chapter
from mpspec.chapters.listeners.targets import KEY
from mpspec.clause import NO_METHOD, SHOULD
from mpspec.observation.see import See


@chapter.clause(
    "listeners.arguments.surplus",
    passage=(f"{LISTENER}/1", f"{ACCEPT}/1", f"{LISTENER}.close/1", f"{CLIENT}/1", f"{ANSWER}/1", f"{DELIVER}/1"),
    level=SHOULD,
    methods=NO_METHOD,
    cases={
        "Listener": lambda mp, listener: mp.connection.Listener(None, None, 1, None, 1).close(),
        "accept": lambda mp, listener: listener.accept(1),
        "close": lambda mp, listener: listener.close(1),
        "Client": lambda mp, listener: mp.connection.Client(listener.address, None, None, 1).close(),
        "answer_challenge": lambda mp, listener: mp.connection.answer_challenge(None, KEY, 1),
        "deliver_challenge": lambda mp, listener: mp.connection.deliver_challenge(None, KEY, key=KEY),
        "a name": lambda mp, listener: mp.connection.Client(listener.address, key=KEY).close(),
    },
)
def what_is_not_taken_is_refused(mp: Any, see: See, use: Callable[[Any, Any], Any]) -> None:
    """An argument more than a signature has, or one of a name that it does not have, raises TypeError."""
    with mp.connection.Listener() as listener, see.raises(TypeError):
        use(mp, listener)
