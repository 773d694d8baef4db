"""The process object before its child: constructor, subclasses, run."""

from __future__ import annotations

import functools
from typing import Any, Callable

from mpspec.chapters.process.chapter import chapter
from mpspec.chapters.process.targets import MISUSE, Deed, Worker, nothing, post, post_arguments, send_number
from mpspec.clause import ANY_METHOD, NO_METHOD, UNSPECIFIED, cases
from mpspec.observation.mailbox import Mailbox
from mpspec.observation.see import See

PROCESS = "multiprocessing.Process"
RUN = "multiprocessing.Process.run"

# The constructor


@chapter.clause("process.signature", passage=f"{PROCESS}/1", methods=NO_METHOD)
def the_constructor_takes_the_documented_parameters(mp: Any, see: See) -> None:
    """Process takes group, target, name, args and kwargs, and daemon by keyword only, all with defaults."""
    see.signature(mp.Process, "(group=None, target=None, name=None, args=(), kwargs={}, *, daemon=None)")


@chapter.clause("process.daemon.keyword-only", passage=f"{PROCESS}/11,1", methods=NO_METHOD)
def daemon_is_not_taken_by_position(mp: Any, see: See) -> None:
    """A sixth positional argument of Process is a TypeError: daemon goes by keyword."""
    with see.raises(TypeError):
        mp.Process(None, nothing, "name", (), {}, True)


@chapter.clause("process.group.none", passage=f"{PROCESS}/5", methods=NO_METHOD)
def group_may_be_given_as_none(mp: Any, see: See) -> None:
    """Process accepts group=None beside the other parameters."""
    see.equal(mp.Process(group=None, target=nothing, name="grouped").name, "grouped", "the name")


@chapter.clause(
    "process.group.other",
    passage=f"{PROCESS}/5",
    level=UNSPECIFIED,
    methods=NO_METHOD,
    cases={"text": "group", "zero": 0, "false": False, "tuple": ()},
)
def another_group_is_refused(mp: Any, see: See, group: Any) -> None:
    """Whether Process refuses a group other than None, which it is not to be given, is left open."""
    try:
        mp.Process(group=group)
        see.records(refused=False)
    except Exception as error:
        see.records(refused=type(error).__name__)


@chapter.clause("process.target.none", passage=f"{PROCESS}/7")
def without_a_target_nothing_is_called(mp: Any, see: See) -> None:
    """A process without a target starts, calls nothing, and ends with the exitcode 0."""
    child = mp.Process()
    child.start()
    see.exits(child, 0)


CALLABLES: dict[str, Callable[[Mailbox], tuple[Any, tuple[Any, ...]]]] = {
    "function": lambda box: (post, (box, "function")),
    "partial": lambda box: (functools.partial(post, box, "partial"), ()),
    "instance": lambda box: (Worker(box), ()),
    "method": lambda box: (Worker(box).method, ()),
    "class": lambda box: (Deed, (box,)),
}


@chapter.clause(
    "process.target.callable",
    passage=f"{PROCESS}/6",
    methods=("fork", "spawn"),
    cases=cases(*CALLABLES),
)
def any_callable_is_a_target(mp: Any, see: See, kind: str) -> None:
    """The target may be any callable: function, partial, instance with __call__, bound method, class."""
    box = see.mailbox()
    work, args = CALLABLES[kind](box)
    child = mp.Process(target=work, args=args)
    child.start()
    see.exits(child, 0)
    see.equal(box.take(), kind, "what the target posts")


@chapter.clause(
    "process.args.given",
    passage=f"{PROCESS}/14,9",
    methods=("fork", "spawn"),
    cases={"tuple": (1, "two"), "list": [1, "two"], "one": [None], "empty-tuple": (), "empty-list": []},
)
def args_are_the_positional_arguments(mp: Any, see: See, args: Any) -> None:
    """The target gets the items of args, a tuple or a list, as its positional arguments and no others."""
    box = see.mailbox()
    child = mp.Process(target=functools.partial(post_arguments, box), args=args)
    child.start()
    see.exits(child, 0)
    see.equal(box.take(), [list(args), {}], "the arguments")


@chapter.clause(
    "process.args.connections",
    passage=(f"{PROCESS}/14", "exchanging-objects-between-processes/11"),
    needs="Pipe",
    platforms=("linux",),
)
def hundreds_of_connections_are_arguments(mp: Any, see: See) -> None:
    """A process takes more connections as arguments than one message of the kernel can carry descriptors."""
    box = see.mailbox()
    pipes = [mp.Pipe(duplex=False) for _ in range(260)]
    child = mp.Process(target=send_number, args=(box, [there for _, there in pipes]))
    child.start()
    see.equal(box.take(), 260, "how many connections the child has sent over")
    see.true(all(here.recv() == number for number, (here, _) in enumerate(pipes)), "each brings what was sent over it")
    see.exits(child, 0)
    for ends in pipes:
        for end in ends:
            end.close()


@chapter.clause("process.kwargs.given", passage=f"{PROCESS}/10,9")
def kwargs_are_the_keyword_arguments(mp: Any, see: See) -> None:
    """The target gets the items of kwargs as its keyword arguments, beside the positional ones."""
    box = see.mailbox()
    child = mp.Process(target=post_arguments, args=(box, 1), kwargs={"left": 2, "right": [3]})
    child.start()
    see.exits(child, 0)
    see.equal(box.take(), [[1], {"left": 2, "right": [3]}], "the arguments")


@chapter.clause("process.kwargs.alone", passage=f"{PROCESS}/10,14", methods=ANY_METHOD)
def kwargs_need_no_args(mp: Any, see: See) -> None:
    """A target that takes everything by keyword needs no args."""
    box = see.mailbox()
    child = mp.Process(target=post, kwargs={"message": "by keyword", "box": box})
    child.start()
    see.exits(child, 0)
    see.equal(box.take(), "by keyword", "the message")


@chapter.clause("process.args.default", passage=f"{PROCESS}/13", methods=ANY_METHOD)
def by_default_the_target_gets_nothing(mp: Any, see: See) -> None:
    """Without args and kwargs the target is called without arguments."""
    box = see.mailbox()
    child = mp.Process(target=functools.partial(post_arguments, box))
    child.start()
    see.exits(child, 0)
    see.equal(box.take(), [[], {}], "the arguments")


@chapter.clause("process.kwargs.own", passage=(f"{RUN}/4", f"{PROCESS}/13,10"), methods=NO_METHOD)
def processes_share_no_default_arguments(mp: Any, see: See) -> None:
    """What one target does to its keyword arguments is not seen by the next process."""
    seen: list[Any] = []

    def work(**kwargs: Any) -> None:
        seen.append(dict(kwargs))
        kwargs["left"] = "behind"

    mp.Process(target=work, kwargs={"first": 1}).run()
    mp.Process(target=work).run()
    mp.Process(target=work).run()
    see.equal(seen, [{"first": 1}, {}, {}], "what each target got")


@chapter.clause("process.args.changed-later", source=PROCESS, level=UNSPECIFIED, methods=NO_METHOD)
def a_list_of_args_changed_before_run(mp: Any, see: See) -> None:
    """Whether a change to the list given as args, made before the start, reaches the target is left open."""
    given = [1]
    seen: list[Any] = []
    process = mp.Process(target=lambda *args: seen.extend(args), args=given)
    given.append(2)
    process.run()
    see.records(change_seen=seen == [1, 2])


@chapter.clause("process.args.iterable", source=PROCESS, level=UNSPECIFIED, methods=NO_METHOD)
def args_of_another_kind(mp: Any, see: See) -> None:
    """Whether args may be an iterable other than a list or a tuple is left open."""
    seen: list[Any] = []
    try:
        mp.Process(target=lambda *args: seen.extend(args), args=iter("ab")).run()
    except MISUSE as error:
        see.records(refused=type(error).__name__)
    else:
        see.records(taken=seen)


# Subclasses


@chapter.clause("process.subclass.run", passage=f"{RUN}/3")
def an_overridden_run_is_what_the_child_does(mp: Any, see: See) -> None:
    """A subclass may override run: the child runs it, with the attributes that the constructor had set."""
    from mpspec.chapters.process.subclasses import Recorder

    box = see.mailbox()
    child = Recorder(box, "mine")
    child.start()
    see.exits(child, 0)
    see.equal(box.take(), ["Recorder", "recorder", "mine"], "type, name and attribute in the child")


@chapter.clause("process.subclass.current", passage="multiprocessing.current_process/2")
def the_child_finds_its_own_object(mp: Any, see: See) -> None:
    """In the child of a subclass current_process() is the object that runs, with its type and its attributes."""
    from mpspec.chapters.process.subclasses import Inward

    child = Inward()
    child.box = box = see.mailbox()
    child.mark = "set from outside"
    child.start()
    see.exits(child, 0)
    see.equal(box.take(), [True, "Inward", "set from outside"], "identity, type and attribute in the child")


@chapter.clause("process.subclass.base-run", passage=f"{RUN}/4,3")
def an_overridden_run_may_call_the_standard_one(mp: Any, see: See) -> None:
    """The standard run, called from an overriding one, calls the target with its arguments."""
    from mpspec.chapters.process.subclasses import Around

    box = see.mailbox()
    child = Around(target=post, args=(box,), kwargs={"message": "target"})
    child.box = box
    child.start()
    see.exits(child, 0)
    see.equal(box.take_all(3), ["before", "target", "after"], "the messages")


@chapter.clause("process.subclass.constructor", passage=f"{PROCESS}/15", level=UNSPECIFIED, methods=ANY_METHOD)
def a_subclass_calls_the_base_constructor_first(mp: Any, see: See) -> None:
    """What comes of a subclass whose constructor does not call the base constructor is left open."""
    from mpspec.chapters.process.subclasses import Forgetful

    try:
        child = Forgetful(see.mailbox())
        child.start()
        child.join()
        see.records(exitcode=child.exitcode)
    except Exception as error:
        see.records(raises=type(error).__name__)


@chapter.clause(
    "process.thread-api",
    passage=(f"{PROCESS}/3", "the-process-class/2"),
    methods=NO_METHOD,
    cases=cases("start", "run", "join", "is_alive", "name", "daemon"),
)
def a_process_has_what_a_thread_has(mp: Any, see: See, name: str) -> None:
    """A process object has the members of threading.Thread: methods as methods, attributes as attributes."""
    import threading

    of_thread = callable(getattr(threading.Thread(), name))
    see.true(hasattr(mp.Process(), name), f"a process has {name}")
    see.equal(callable(getattr(mp.Process(), name)), of_thread, f"whether {name} is a method")


@chapter.clause(
    "process.methods.signatures",
    passage=(
        "multiprocessing.Process.start/1",
        f"{RUN}/1",
        "multiprocessing.Process.is_alive/1",
        "multiprocessing.Process.terminate/1",
        "multiprocessing.Process.kill/1",
        "multiprocessing.Process.close/1",
    ),
    methods=NO_METHOD,
    cases=cases("start", "run", "is_alive", "terminate", "kill", "close"),
    since={"kill": "3.7", "close": "3.7"},
)
def the_methods_take_no_arguments(mp: Any, see: See, name: str) -> None:
    """start, run, is_alive, terminate, kill and close of a process take no arguments."""
    see.signature(getattr(mp.Process(), name), "()")


@chapter.clause("process.constructor.keywords", passage=f"{PROCESS}/1,6,8-11", methods=ANY_METHOD)
def every_parameter_goes_by_its_keyword(mp: Any, see: See) -> None:
    """All parameters of Process can be given by their keywords at once, in any order."""
    box = see.mailbox()
    child = mp.Process(
        daemon=True, kwargs={"message": "by keyword"}, args=(box,), name="worker", target=post, group=None
    )
    see.equal((child.name, child.daemon), ("worker", True), "name and flag")
    child.start()
    see.exits(child, 0)
    see.equal(box.take(), "by keyword", "the message")


@chapter.clause("process.no-analogues", passage="miscellaneous/1", methods=NO_METHOD)
def some_of_threading_has_no_analogue(mp: Any, see: See) -> None:
    """The package has no analogues of active_count, enumerate, settrace, setprofile, Timer and local of threading."""
    names = ("active_count", "enumerate", "settrace", "setprofile", "Timer", "local")
    see.equal([name for name in names if hasattr(mp, name)], [], "the analogues")


# run


@chapter.clause(
    "process.run.direct",
    passage=f"{RUN}/4,5,1",
    methods=NO_METHOD,
    cases={"list": [1], "tuple": (1,)},
)
def run_calls_the_target_where_it_is_called(mp: Any, see: See, args: Any) -> None:
    """run() calls the target in the calling process, with the items of args, given as a list or as a tuple."""
    seen: list[Any] = []
    process = mp.Process(target=lambda *args, **kwargs: seen.append((args, kwargs)), args=args, kwargs={"two": 2})
    process.run()
    see.equal(seen, [((1,), {"two": 2})], "the calls")


@chapter.clause("process.run.prints", passage=f"{RUN}/7,5", methods=NO_METHOD)
def the_example_of_run_prints_one(mp: Any, see: See) -> None:
    """Process(target=print, args=[1]).run() prints 1, and so does args=(1,)."""
    with see.output() as seen:
        mp.Process(target=print, args=[1]).run()
        mp.Process(target=print, args=(1,)).run()
    see.equal(seen.out, "1\n1\n", "the output")


@chapter.clause("process.run.no-target", passage=f"{RUN}/4", methods=NO_METHOD)
def run_without_a_target_does_nothing(mp: Any, see: See) -> None:
    """run() of a process without a target does nothing, whatever the arguments."""
    see.comes_back(mp.Process().run)
    see.comes_back(mp.Process(args=(1,), kwargs={"a": 1}).run)


@chapter.clause("process.run.raises", passage=f"{RUN}/4", methods=NO_METHOD)
def run_lets_an_exception_through(mp: Any, see: See) -> None:
    """What the target raises leaves a run() that is called directly."""

    def fail() -> None:
        raise LookupError("from the target")

    with see.raises(LookupError, match="from the target"):
        mp.Process(target=fail).run()


@chapter.clause(
    "process.run.starts-nothing",
    passage=(
        "multiprocessing.Process.pid/3",
        "multiprocessing.Process.exitcode/3",
        "multiprocessing.Process.is_alive/3",
    ),
    methods=NO_METHOD,
)
def run_is_not_start(mp: Any, see: See) -> None:
    """A process whose run() was called directly has not been started: no pid, no exitcode, not alive."""
    process = mp.Process(target=nothing)
    process.run()
    see.equal((process.pid, process.exitcode, process.is_alive()), (None, None, False), "pid, exitcode, is_alive()")
