"""Subclasses of Process that do as they like: whatever they define or override, they start, run and end."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

Run = Callable[..., subprocess.CompletedProcess[str]]

PROGRAM = """
import abc, dataclasses, sys, threading, typing
import mpref

ctx = mpref.get_context(sys.argv[-1])
Base = ctx.Process
SAID = ctx.Queue()

class Names(Base):
    def __init__(self, said):
        super().__init__(name="given", daemon=True)
        for name in "handle target args kwargs name daemon creator identity closed popen parent_pid pid config".split():
            setattr(self, "_" + name, 7)
        self._authkey = self._method = self._start_method = self._state = self._parent = 8
        self.said = said
    def _launch(self): return 1
    def _poll(self): return 1
    def _note(self, *x): return 1
    def _require(self, *x): return 1
    def _bootstrap(self): return 1
    def _check_closed(self): return 1
    def run(self): self.said.put((mpref.current_process()._target, self.pid is not None))

class Members(Base):
    log = ()
    def __init__(self, said):
        super().__init__()
        self.said = said
    name = property(lambda self: "always this")
    daemon = property(lambda self: "not a flag")
    pid = property(lambda self: "a name")
    ident = sentinel = authkey = exitcode = property(lambda self: "other")
    def is_alive(self): return "perhaps"
    def join(self, timeout=None):
        self.log += ("join",)
        return super().join(timeout)
    def close(self): self.log += ("close",)
    def terminate(self): self.log += ("terminate",)
    def run(self): self.said.put(mpref.current_process().name)

@dataclasses.dataclass
class Data(Base):
    said: object
    label: str = "label"
    def __post_init__(self): super().__init__()
    def run(self): self.said.put(self.label)

@dataclasses.dataclass(frozen=True)
class Frozen(Base):
    said: object
    def __post_init__(self): super().__init__()
    def run(self): self.said.put("frozen")

class Slots(Base):
    __slots__ = ("said",)
    def __init__(self, said):
        super().__init__()
        self.said = said
    def run(self): self.said.put("slots")

class Watched(Base):
    def __init__(self, said):
        self.__dict__["seen"] = []
        super().__init__()
        self.said = said
    def __setattr__(self, name, value):
        self.seen.append(name)
        super().__setattr__(name, value)
    def run(self): self.said.put(self.seen)

class Delegates(Base):
    def __init__(self, said):
        super().__init__()
        self.inner = said
    def __getattr__(self, name):
        if name == "inner":
            raise AttributeError(name)
        return getattr(self.inner, name)
    def run(self): self.put("delegated")

class Equal(Base):
    def __init__(self, said):
        super().__init__()
        self.said = said
    def __eq__(self, other): return True
    def __bool__(self): return False
    def __len__(self): return 0
    def run(self): self.said.put("equal")

class Reduced(Base):
    def __init__(self, said, more="more"):
        super().__init__(target=self.work, args=(more,))
        self.said, self.lock = said, threading.Lock()
    def __reduce__(self): return Reduced, (self.said,)
    def work(self, more):
        current = mpref.current_process()
        self.said.put((more, current is self, current.name == self.name))

class Chosen(Base):
    def __init__(self, said):
        super().__init__(target=said.put, args=("chosen",))
        self.lock = threading.Lock()
    def __getstate__(self): return {"only": "this"}
    def run(self):
        assert "lock" in vars(self) or self.only == "this"
        super().run()

class Mixed(dict, Base):
    def __init__(self, said):
        dict.__init__(self, word="mixed")
        Base.__init__(self)
        self.said = said
    def run(self): self.said.put(self["word"])

T = typing.TypeVar("T")

class General(abc.ABC, Base, typing.Generic[T]):
    def __init__(self, said):
        super().__init__()
        self.said = said
    @abc.abstractmethod
    def work(self): ...
    def run(self): self.said.put(self.work())

class Special(General[int]):
    def work(self): return "special"

class Early(Base):
    def __init__(self, said):
        self.name = "before the constructor"
        self.daemon = True
        super().__init__(daemon=False)
        self.said = said
    def run(self): self.said.put(self.daemon)

if __name__ == "__main__":
    mine = Names, Members, Data, Frozen, Slots, Watched, Delegates, Equal, Reduced, Chosen, Mixed, Special, Early
    for kind in mine:
        try:
            process = kind(SAID)
            repr(process)
            process.start()
            Base.join(process)
            print(kind.__name__, SAID.get(timeout=10), Base.exitcode.fget(process))
        except Exception as error:
            print(kind.__name__, repr(error))
    again = Data(SAID)
    for _ in range(2):
        again.start()
        again.join()
        SAID.get(timeout=10)
        again.__init__(SAID)
    print("again", again.exitcode, mpref.active_children())
"""

SAID = """\
Names (7, True) 0
Members always this 0
Data label 0
Frozen frozen 0
Slots slots 0
Watched ['said'] 0
Delegates delegated 0
Equal equal 0
Reduced ('more', True, True) 0
Chosen chosen 0
Mixed mixed 0
Special special 0
Early False 0
again None []
"""


def test_whatever_a_subclass_defines_it_starts_runs_and_ends(run: Run, method: str) -> None:
    ended = run(PROGRAM, method)
    assert (ended.stdout, ended.stderr) == (SAID, "")


OWNERS = """
import os, sys
import mpref

class Application:
    def __init__(self, ctx):
        self.event, self.queue = ctx.Event(), ctx.Queue()
        self.processes = [ctx.Process(target=self.work, args=(number,), name=f"one {number}") for number in range(3)]
        self.first = self.processes[0]

    def work(self, number):
        said = []
        for use in ("start", "join", "is_alive", "terminate", "close"):
            try:
                getattr(self.first, use)()
            except AssertionError as error:
                said.append("belongs to its creator" in str(error) or "join itself" in str(error))
        for use in ("exitcode", "sentinel"):
            try:
                getattr(self.first, use)
            except (AssertionError, ValueError) as error:
                said.append("creator" in str(error) or "another process" in str(error))
        names = [one.name for one in self.processes]
        self.queue.put((number, self.first.name, self.first.pid, names, all(said), len(said)))
        self.event.wait(10)

if __name__ == "__main__":
    application = Application(mpref.get_context(sys.argv[1]))
    for process in application.processes:
        process.start()
    told = sorted(application.queue.get(timeout=10) for _ in range(3))
    application.event.set()
    for process in application.processes:
        process.join()
        assert process.exitcode == 0
    first = application.first.pid
    for number, name, pid, names, refused, count in told[1:]:
        print(number, name, pid == first, names == ["one 0", "one 1", "one 2"], refused, count >= 6)
"""


def test_an_owner_of_several_processes_starts_them_one_after_another(run: Run, method: str) -> None:
    ended = run(OWNERS, method)
    assert (ended.stdout, ended.stderr) == ("1 one 0 True True True True\n2 one 0 True True True True\n", "")


WORK = """
import enum, functools, operator, sys
import mpref

class Name(str, enum.Enum):
    A = "a"

class Callable:
    def __call__(self, queue, *words): queue.put(words)

class Owner:
    @classmethod
    def make(cls, queue): queue.put(cls.__name__)
    @staticmethod
    def plain(queue): queue.put("static")

def say(queue, *words, **more):
    queue.put((mpref.current_process().name, words, more))

if __name__ == "__main__":
    ctx = mpref.get_context(sys.argv[1])
    queue = ctx.Queue()
    given = [
        dict(target=say, args=[queue, 1], name=7),
        dict(target=say, args=(one for one in (queue, 2)), name=Name.A),
        dict(target=say, args={queue: None}, kwargs={"key": 3}, name=b"bytes"),
        dict(target=say, args=(queue,), kwargs=None, name="named", daemon="yes"),
        dict(target=functools.partial(say, queue, key=4), name=2.5),
        dict(target=Callable(), args=(queue, 5)),
        dict(target=Owner.make, args=(queue,)),
        dict(target=Owner().plain, args=(queue,)),
        dict(target=queue.put, args=("bound",)),
        dict(target=operator.methodcaller("put", "called"), args=(queue,)),
    ]
    if sys.argv[1] == "fork":
        given.append(dict(target=lambda one: one.put("lambda"), args=(queue,)))
    for words in given:
        process = ctx.Process(**words)
        process.start()
        print(queue.get(timeout=10), process.daemon)
        process.join()
"""

WORKED = """\
('7', (1,), {}) False
('a', (2,), {}) False
("b'bytes'", (), {'key': 3}) False
('named', (), {}) True
('2.5', (), {'key': 4}) False
(5,) False
Owner False
static False
bound False
called False
"""


def test_targets_arguments_and_names_of_every_kind_are_taken(run: Run, method: str) -> None:
    ended = run(WORK, method)
    assert (ended.stdout, ended.stderr) == (WORKED + ("lambda False\n" if method == "fork" else ""), "")
