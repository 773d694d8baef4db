"""authkey: the authentication key of a process."""

from __future__ import annotations

from typing import Any

from mpspec.chapters.process.chapter import chapter
from mpspec.chapters.process.targets import call_with_the_own_key, hand_the_key_down, post_own, send_and_put
from mpspec.clause import NO_METHOD, UNSPECIFIED
from mpspec.observation.see import See

AUTHKEY = "multiprocessing.Process.authkey"
KEYS_SECTION = "authentication-keys"


@chapter.clause("process.authkey.bytes", passage=f"{AUTHKEY}/2,3,1", methods=NO_METHOD)
def the_key_is_a_byte_string(mp: Any, see: See) -> None:
    """The key of the main process is a byte string that is not empty."""
    key = mp.current_process().authkey
    see.true(isinstance(key, bytes) and len(key) > 0, "a byte string with content", type(key).__name__)


@chapter.clause("process.authkey.inherited", passage=f"{AUTHKEY}/4", methods=NO_METHOD)
def a_new_process_has_the_key_of_its_parent(mp: Any, see: See) -> None:
    """A new process object has the key of the process that creates it."""
    mp.current_process().authkey = b"set for the main process"
    see.equal(mp.Process().authkey, b"set for the main process", "the key")


@chapter.clause("process.authkey.at-creation", passage=f"{AUTHKEY}/4", methods=NO_METHOD)
def the_key_is_inherited_at_creation(mp: Any, see: See) -> None:
    """A process object keeps the key that its parent had when it was created."""
    mp.current_process().authkey = b"then"
    process = mp.Process()
    mp.current_process().authkey = b"now"
    see.equal(process.authkey, b"then", "the key")


@chapter.clause("process.authkey.child", passage=f"{AUTHKEY}/4")
def the_child_has_the_key(mp: Any, see: See) -> None:
    """The current process of the child has the key of the parent."""
    box = see.mailbox()
    child = mp.Process(target=post_own, args=(mp, box, "authkey"))
    child.start()
    see.exits(child, 0)
    see.equal(box.take(), [bytes(mp.current_process().authkey)], "the key in the child")


@chapter.clause("process.authkey.set", passage=f"{AUTHKEY}/4")
def the_key_can_be_set(mp: Any, see: See) -> None:
    """A byte string that is set as the key of a process is the child's key, and nobody else's."""
    box = see.mailbox()
    before = bytes(mp.current_process().authkey)
    child = mp.Process(target=post_own, args=(mp, box, "authkey"))
    child.authkey = b"for this child"
    child.start()
    see.exits(child, 0)
    see.equal(box.take(), [b"for this child"], "the key in the child")
    see.equal((mp.current_process().authkey, mp.Process().authkey), (before, before), "the keys of the others")


@chapter.clause("process.authkey.descendants", passage=f"{AUTHKEY}/4")
def the_key_goes_down_the_generations(mp: Any, see: See) -> None:
    """A key that was set for a child is inherited by the child's own children."""
    box = see.mailbox()
    child = mp.Process(target=hand_the_key_down, args=(mp, box))
    child.authkey = b"of the family"
    child.start()
    see.exits(child, 0)
    see.equal(box.take(), [b"of the family"], "the key of the grandchild")


@chapter.clause("process.authkey.equal", passage=f"{AUTHKEY}/4,2", methods=NO_METHOD)
def the_key_that_is_set_is_the_key_that_is_read(mp: Any, see: See) -> None:
    """A key of any bytes and of any length reads as it was set, and is a byte string."""
    process = mp.Process()
    for key in (b"", b"\0", bytes(range(256)), b"k" * 10_000):
        process.authkey = key
        see.true(isinstance(process.authkey, bytes), "the key is a byte string")
        see.equal(process.authkey, key, "the key")


@chapter.clause("process.authkey.text", source=AUTHKEY, level=UNSPECIFIED, methods=NO_METHOD)
def a_text_is_no_key(mp: Any, see: See) -> None:
    """What comes of a str that is set as a key is left open."""
    process = mp.Process()
    try:
        process.authkey = "text"
        see.records(key=process.authkey)
    except Exception as error:
        see.records(refused=type(error).__name__)


@chapter.clause("process.authkey.pickle", source=AUTHKEY, level=UNSPECIFIED, methods=NO_METHOD)
def pickling_a_key(mp: Any, see: See) -> None:
    """Whether a key can be pickled while no child is being started is left open."""
    import pickle

    try:
        pickle.dumps(mp.current_process().authkey)
    except Exception as error:
        see.records(refused=type(error).__name__)
    else:
        see.records(pickled=True)


KEYS = """\
import os
os.urandom = lambda size: b"\\x07" * size
import multiprocessing
key = multiprocessing.current_process().authkey
print(len(key) > 0 and key == b"\\x07" * len(key))
"""


@chapter.clause("process.authkey.urandom", passage=f"{AUTHKEY}/3", methods=())
def the_first_key_comes_from_urandom(mp: Any, see: See) -> None:
    """The key of the main process consists of what os.urandom() returns."""
    ended = see.program(KEYS)
    see.equal((ended.status, ended.out, ended.err), (0, "True\n", ""), "status, out, err")


KEY = """\
import multiprocessing
print(bytes(multiprocessing.current_process().authkey).hex())
"""


@chapter.clause("process.authkey.random", passage=f"{AUTHKEY}/3", methods=())
def each_program_has_a_key_of_its_own(mp: Any, see: See) -> None:
    """Two runs of one program have different keys."""
    first, second = see.program(KEY), see.program(KEY)
    see.equal((first.status, second.status), (0, 0), "the statuses")
    see.true(first.out != second.out, "different keys")


@chapter.clause("process.authkey.length", source=AUTHKEY, level=UNSPECIFIED, methods=NO_METHOD)
def how_long_a_key_is(mp: Any, see: See) -> None:
    """How many bytes the key of the main process has is left open."""
    see.records(bytes=len(mp.current_process().authkey))


@chapter.clause("process.authkey.not-for-pipes", passage=f"{KEYS_SECTION}/11", needs=("Pipe", "Queue", "SimpleQueue"))
def pipes_and_queues_ask_for_no_key(mp: Any, see: See) -> None:
    """A child with another key uses the pipes and queues that it was given: they ask for none."""
    here, there = mp.Pipe()
    queue, simple = mp.Queue(), mp.SimpleQueue()
    child = mp.Process(target=send_and_put, args=(there, queue, simple, "without a key"))
    child.authkey = b"another than the parent's"
    child.start()
    came = [see.comes_back(take) for take in (here.recv, queue.get, simple.get)]
    see.equal(came, ["without a key"] * 3, "what comes by pipe, queue and simple queue")
    see.exits(child, 0)


@chapter.clause(
    "process.authkey.connects", passage=f"{KEYS_SECTION}/8,6", needs=("connection.Listener", "connection.Client")
)
def a_process_connects_by_the_key_that_it_inherited(mp: Any, see: See) -> None:
    """A child that gives its own process's key to Client() is let in by a listener with the parent's."""
    box = see.mailbox()
    listener = mp.connection.Listener(authkey=mp.current_process().authkey)
    child = mp.Process(target=call_with_the_own_key, args=(mp, box, listener.address))
    child.start()
    with see.comes_back(listener.accept) as accepted:
        see.equal(see.comes_back(accepted.recv), "let in", "what the child sends")
    see.exits(child, 0)
    listener.close()
