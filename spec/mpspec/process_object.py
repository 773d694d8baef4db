"""The process object before its child: constructor, subclasses, run, name, authkey."""

from __future__ import annotations

import functools
import re
from typing import Any, Callable

from mpspec.clause import ANY_METHOD, NO_METHOD, SHOULD, UNSPECIFIED
from mpspec.letters import Mailbox
from mpspec.process_chapter import chapter
from mpspec.process_targets import (
    MISUSE,
    Deed,
    Worker,
    hand_the_key_down,
    nothing,
    post,
    post_arguments,
    post_name_and_descend,
    post_names_below,
    post_own,
)
from mpspec.see import See

# The constructor


@chapter.clause("process.signature", source="multiprocessing.Process", methods=NO_METHOD)
def the_constructor_takes_the_documented_parameters(mp: Any, see: See) -> None:
    """Process takes group, target, name, args and kwargs, and daemon by keyword only, all with defaults."""
    see.signature(mp.Process, "(group=None, target=None, name=None, args=(), kwargs={}, *, daemon=None)")


@chapter.clause("process.daemon.keyword-only", source="multiprocessing.Process", methods=NO_METHOD)
def daemon_is_not_taken_by_position(mp: Any, see: See) -> None:
    """A sixth positional argument of Process is a TypeError: daemon goes by keyword."""
    with see.raises(TypeError):
        mp.Process(None, nothing, "name", (), {}, True)


@chapter.clause("process.group.none", source="multiprocessing.Process", methods=NO_METHOD)
def group_may_be_given_as_none(mp: Any, see: See) -> None:
    """Process accepts group=None beside the other parameters."""
    see.equal(mp.Process(group=None, target=nothing, name="grouped").name, "grouped", "the name")


@chapter.clause(
    "process.group.other",
    source="multiprocessing.Process",
    level=SHOULD,
    methods=NO_METHOD,
    cases={"text": "group", "zero": 0, "false": False, "tuple": ()},
)
def another_group_is_refused(mp: Any, see: See, group: Any) -> None:
    """Process refuses a group other than None, even one that is false."""
    with see.raises(*MISUSE):
        mp.Process(group=group)


@chapter.clause("process.target.none", source="multiprocessing.Process")
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
    source="multiprocessing.Process",
    methods=("fork", "spawn"),
    cases={label: label for label in CALLABLES},
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
    source="multiprocessing.Process",
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


@chapter.clause("process.kwargs.given", source="multiprocessing.Process")
def kwargs_are_the_keyword_arguments(mp: Any, see: See) -> None:
    """The target gets the items of kwargs as its keyword arguments, beside the positional ones."""
    box = see.mailbox()
    child = mp.Process(target=post_arguments, args=(box, 1), kwargs={"left": 2, "right": [3]})
    child.start()
    see.exits(child, 0)
    see.equal(box.take(), [[1], {"left": 2, "right": [3]}], "the arguments")


@chapter.clause("process.kwargs.alone", source="multiprocessing.Process", methods=ANY_METHOD)
def kwargs_need_no_args(mp: Any, see: See) -> None:
    """A target that takes everything by keyword needs no args."""
    box = see.mailbox()
    child = mp.Process(target=post, kwargs={"letter": "by keyword", "box": box})
    child.start()
    see.exits(child, 0)
    see.equal(box.take(), "by keyword", "the letter")


@chapter.clause("process.args.default", source="multiprocessing.Process", methods=ANY_METHOD)
def by_default_the_target_gets_nothing(mp: Any, see: See) -> None:
    """Without args and kwargs the target is called without arguments."""
    box = see.mailbox()
    child = mp.Process(target=functools.partial(post_arguments, box))
    child.start()
    see.exits(child, 0)
    see.equal(box.take(), [[], {}], "the arguments")


@chapter.clause("process.kwargs.own", source="multiprocessing.Process", methods=NO_METHOD)
def processes_share_no_default_arguments(mp: Any, see: See) -> None:
    """What one target does to its keyword arguments is not seen by the next process, nor in the dictionary given."""
    seen: list[Any] = []

    def work(**kwargs: Any) -> None:
        seen.append(dict(kwargs))
        kwargs["left"] = "behind"

    given = {"first": 1}
    mp.Process(target=work, kwargs=given).run()
    mp.Process(target=work).run()
    mp.Process(target=work).run()
    see.equal((seen, given), ([{"first": 1}, {}, {}], {"first": 1}), "what each target got, and what was given")


@chapter.clause("process.args.changed-later", source="multiprocessing.Process", level=UNSPECIFIED, methods=NO_METHOD)
def a_list_of_args_changed_before_run(mp: Any, see: See) -> None:
    """Whether a change to the list given as args, made before the start, reaches the target is left open."""
    given = [1]
    seen: list[Any] = []
    process = mp.Process(target=lambda *args: seen.extend(args), args=given)
    given.append(2)
    process.run()
    see.records(change_seen=seen == [1, 2])


@chapter.clause("process.args.iterable", source="multiprocessing.Process", level=UNSPECIFIED, methods=NO_METHOD)
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


@chapter.clause("process.subclass.run", source="multiprocessing.Process.run")
def an_overridden_run_is_what_the_child_does(mp: Any, see: See) -> None:
    """A subclass may override run: the child runs it, with the attributes that the constructor had set."""
    from mpspec.process_subclasses import Recorder

    box = see.mailbox()
    child = Recorder(box, "mine")
    child.start()
    see.exits(child, 0)
    see.equal(box.take(), ["Recorder", "recorder", "mine"], "type, name and attribute in the child")


@chapter.clause("process.subclass.current", source="multiprocessing.current_process")
def the_child_finds_its_own_object(mp: Any, see: See) -> None:
    """In the child of a subclass current_process() is the object that runs, with its type and its attributes."""
    from mpspec.process_subclasses import Inward

    child = Inward()
    child.box = box = see.mailbox()
    child.mark = "set from outside"
    child.start()
    see.exits(child, 0)
    see.equal(box.take(), [True, "Inward", "set from outside"], "identity, type and attribute in the child")


@chapter.clause("process.subclass.base-run", source="multiprocessing.Process.run")
def an_overridden_run_may_call_the_standard_one(mp: Any, see: See) -> None:
    """The standard run, called from an overriding one, calls the target with its arguments."""
    from mpspec.process_subclasses import Around

    box = see.mailbox()
    child = Around(target=post, args=(box,), kwargs={"letter": "target"})
    child.box = box
    child.start()
    see.exits(child, 0)
    see.equal(box.take_all(3), ["before", "target", "after"], "the letters")


@chapter.clause("process.subclass.constructor", source="multiprocessing.Process", level=SHOULD, methods=ANY_METHOD)
def a_subclass_calls_the_base_constructor_first(mp: Any, see: See) -> None:
    """A subclass whose constructor does not call the base constructor cannot be started: that is an error."""
    from mpspec.process_subclasses import Forgetful

    box = see.mailbox()
    with see.raises(Exception):
        Forgetful(box).start()
    see.true(box.empty(), "nothing ran")


@chapter.clause(
    "process.thread-api",
    source="multiprocessing.Process",
    methods=NO_METHOD,
    cases={name: name for name in ("start", "run", "join", "is_alive", "name", "daemon", "ident")},
)
def a_process_has_what_a_thread_has(mp: Any, see: See, name: str) -> None:
    """A process object has the members of threading.Thread: methods as methods, attributes as attributes."""
    import threading

    of_thread = callable(getattr(threading.Thread(), name))
    see.true(hasattr(mp.Process(), name), f"a process has {name}")
    see.equal(callable(getattr(mp.Process(), name)), of_thread, f"whether {name} is a method")


@chapter.clause("process.no-analogues", source="module-multiprocessing", methods=NO_METHOD)
def some_of_threading_has_no_analogue(mp: Any, see: See) -> None:
    """The package has no analogues of active_count, enumerate, settrace, setprofile, Timer and local of threading."""
    names = ("active_count", "enumerate", "settrace", "setprofile", "Timer", "local")
    see.equal([name for name in names if hasattr(mp, name)], [], "the analogues")


# run


@chapter.clause(
    "process.run.direct",
    source="multiprocessing.Process.run",
    methods=NO_METHOD,
    cases={"list": [1], "tuple": (1,)},
)
def run_calls_the_target_where_it_is_called(mp: Any, see: See, args: Any) -> None:
    """run() calls the target in the calling process, with the items of args, given as a list or as a tuple."""
    seen: list[Any] = []
    process = mp.Process(target=lambda *args, **kwargs: seen.append((args, kwargs)), args=args, kwargs={"two": 2})
    see.returns(None, process.run)
    see.equal(seen, [((1,), {"two": 2})], "the calls")


@chapter.clause("process.run.prints", source="multiprocessing.Process.run", methods=NO_METHOD)
def the_example_of_run_prints_one(mp: Any, see: See) -> None:
    """Process(target=print, args=[1]).run() prints 1, and so does args=(1,)."""
    with see.output() as seen:
        mp.Process(target=print, args=[1]).run()
        mp.Process(target=print, args=(1,)).run()
    see.equal(seen.out, "1\n1\n", "the output")


@chapter.clause("process.run.no-target", source="multiprocessing.Process.run", methods=NO_METHOD)
def run_without_a_target_does_nothing(mp: Any, see: See) -> None:
    """run() of a process without a target does nothing, whatever the arguments."""
    see.returns(None, mp.Process().run)
    see.returns(None, mp.Process(args=(1,), kwargs={"a": 1}).run)


@chapter.clause("process.run.raises", source="multiprocessing.Process.run", methods=NO_METHOD)
def run_lets_an_exception_through(mp: Any, see: See) -> None:
    """What the target raises leaves a run() that is called directly."""

    def fail() -> None:
        raise LookupError("from the target")

    with see.raises(LookupError, match="from the target"):
        mp.Process(target=fail).run()


@chapter.clause("process.run.starts-nothing", source="multiprocessing.Process.run", methods=NO_METHOD)
def run_is_not_start(mp: Any, see: See) -> None:
    """A process whose run() was called directly has not been started: no pid, no exitcode, not alive."""
    process = mp.Process(target=nothing)
    process.run()
    see.equal((process.pid, process.exitcode, process.is_alive()), (None, None, False), "pid, exitcode, is_alive()")


# name


@chapter.clause("process.name.given", source="multiprocessing.Process.name", methods=NO_METHOD)
def the_constructor_sets_the_name(mp: Any, see: See) -> None:
    """The name given to the constructor is the name of the process."""
    see.equal(mp.Process(name="a name: with / anything").name, "a name: with / anything", "the name")


@chapter.clause("process.name.set", source="multiprocessing.Process.name")
def the_name_can_be_set(mp: Any, see: See) -> None:
    """A name that is set before the start is the name that the child has."""
    box = see.mailbox()
    child = mp.Process(target=post_own, args=(mp, box, "name"), name="first")
    child.name = "second"
    child.start()
    see.exits(child, 0)
    see.equal((child.name, box.take()), ("second", ["second"]), "the name here and in the child")


@chapter.clause("process.name.same", source="multiprocessing.Process.name")
def processes_may_share_a_name(mp: Any, see: See) -> None:
    """Several processes may run under one name."""
    box = see.mailbox()
    twins = [mp.Process(target=post_own, args=(mp, box, "name"), name="twin") for _ in range(2)]
    for twin in twins:
        twin.start()
    for twin in twins:
        see.exits(twin, 0)
    see.equal(box.take_all(2), [["twin"], ["twin"]], "the names")


@chapter.clause("process.name.default", source="multiprocessing.Process.name", methods=NO_METHOD)
def the_default_name_counts_the_children(mp: Any, see: See) -> None:
    """The n-th child of the main process has the name 'Process-n' where none is given."""
    names = [mp.Process().name, mp.Process(name=None).name, mp.Process(daemon=True).name]
    see.equal(names, ["Process-1", "Process-2", "Process-3"], "the names")


@chapter.clause("process.name.counts-all", source="multiprocessing.Process.name", methods=ANY_METHOD)
def named_and_daemonic_children_count(mp: Any, see: See) -> None:
    """A started child counts in the names of later ones, whether it has a name of its own or is a daemon."""
    for child in (mp.Process(target=nothing, name="own"), mp.Process(target=nothing, daemon=True, name="daemon")):
        child.start()
        see.exits(child, 0)
    see.equal(mp.Process().name, "Process-3", "the name of the third child")


@chapter.clause(
    "process.name.counts-unstarted", source="multiprocessing.Process.name", level=UNSPECIFIED, methods=NO_METHOD
)
def processes_never_started_in_the_count(mp: Any, see: See) -> None:
    """Whether a process that is named otherwise and never started counts in the names of later ones is left open."""
    mp.Process(name="never started")
    see.records(name_of_the_next=mp.Process().name)


@chapter.clause("process.name.subclass", source="multiprocessing.Process.name", methods=NO_METHOD)
def the_default_name_of_a_subclass(mp: Any, see: See) -> None:
    """The default name of a process of a subclass begins with 'Process-' as well."""
    see.equal(type("Worker", (mp.Process,), {})().name, "Process-1", "the name")


@chapter.clause(
    "process.name.context",
    source="multiprocessing.Process.name",
    methods=NO_METHOD,
    cases={method: method for method in ("fork", "spawn", "forkserver")},
)
def the_default_name_in_a_context(mp: Any, see: See, method: str) -> None:
    """The default name of a process made from a context begins with 'Process-' as well."""
    see.equal(mp.get_context(method).Process().name, "Process-1", "the name")


@chapter.clause("process.name.descendants", source="multiprocessing.Process.name")
def the_default_name_shows_the_descent(mp: Any, see: See) -> None:
    """A default name lists the numbers of all generations: 'Process-1', 'Process-1:1', 'Process-1:1:1'."""
    box = see.mailbox()
    child = mp.Process(target=post_name_and_descend, args=(mp, box, 2))
    child.start()
    see.exits(child, 0)
    see.equal(box.take_all(3), ["Process-1", "Process-1:1", "Process-1:1:1"], "the names")


@chapter.clause("process.name.own-count", source="multiprocessing.Process.name")
def each_child_counts_its_own_children(mp: Any, see: See) -> None:
    """Each child counts its children from 1, however many its parent has, and whatever its own name is."""
    box = see.mailbox()
    mp.Process()
    child = mp.Process(target=post_names_below, args=(mp, box), name="renamed")
    mp.Process()
    child.start()
    see.exits(child, 0)
    see.equal(box.take(), ["Process-2:1", "Process-2:2"], "the names of the grandchildren")


@chapter.clause("process.name.pattern", source="multiprocessing.Process.name", methods=NO_METHOD)
def the_default_name_is_a_string(mp: Any, see: See) -> None:
    """The default name is a string of the form 'Process-N1:N2:…:Nk'."""
    name = mp.Process().name
    see.true(type(name) is str and re.fullmatch(r"Process-\d+(:\d+)*", name), "a string of that form", name)


@chapter.clause(
    "process.name.other-type",
    source="multiprocessing.Process.name",
    level=UNSPECIFIED,
    methods=NO_METHOD,
    cases={"number": 5, "bytes": b"name", "none": None},
)
def a_name_that_is_no_string(mp: Any, see: See, name: Any) -> None:
    """Whether a name that is not a string is refused when it is set is left open."""
    process = mp.Process()
    try:
        process.name = name
    except MISUSE as error:
        see.records(refused=type(error).__name__)
    else:
        see.records(name=process.name)


# authkey


@chapter.clause("process.authkey.bytes", source="multiprocessing.Process.authkey", methods=NO_METHOD)
def the_key_is_a_byte_string(mp: Any, see: See) -> None:
    """The key of the main process is a byte string that is not empty."""
    key = mp.current_process().authkey
    see.true(isinstance(key, bytes) and len(key) > 0, "a byte string with content", type(key).__name__)


@chapter.clause("process.authkey.inherited", source="multiprocessing.Process.authkey", methods=NO_METHOD)
def a_new_process_has_the_key_of_its_parent(mp: Any, see: See) -> None:
    """A new process object has the key of the process that creates it."""
    mp.current_process().authkey = b"set for the main process"
    see.equal(mp.Process().authkey, b"set for the main process", "the key")


@chapter.clause("process.authkey.at-creation", source="multiprocessing.Process.authkey", methods=NO_METHOD)
def the_key_is_inherited_at_creation(mp: Any, see: See) -> None:
    """A process object keeps the key that its parent had when it was created."""
    mp.current_process().authkey = b"then"
    process = mp.Process()
    mp.current_process().authkey = b"now"
    see.equal(process.authkey, b"then", "the key")


@chapter.clause("process.authkey.child", source="multiprocessing.Process.authkey")
def the_child_has_the_key(mp: Any, see: See) -> None:
    """The current process of the child has the key of the parent."""
    box = see.mailbox()
    child = mp.Process(target=post_own, args=(mp, box, "authkey"))
    child.start()
    see.exits(child, 0)
    see.equal(box.take(), [bytes(mp.current_process().authkey)], "the key in the child")


@chapter.clause("process.authkey.set", source="multiprocessing.Process.authkey")
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


@chapter.clause("process.authkey.descendants", source="multiprocessing.Process.authkey")
def the_key_goes_down_the_generations(mp: Any, see: See) -> None:
    """A key that was set for a child is inherited by the child's own children."""
    box = see.mailbox()
    child = mp.Process(target=hand_the_key_down, args=(mp, box))
    child.authkey = b"of the family"
    child.start()
    see.exits(child, 0)
    see.equal(box.take(), [b"of the family"], "the key of the grandchild")


@chapter.clause("process.authkey.equal", source="multiprocessing.Process.authkey", methods=NO_METHOD)
def the_key_that_is_set_is_the_key_that_is_read(mp: Any, see: See) -> None:
    """A key of any bytes and of any length reads as it was set, and is a byte string."""
    process = mp.Process()
    for key in (b"", b"\0", bytes(range(256)), b"k" * 10_000):
        process.authkey = key
        see.true(isinstance(process.authkey, bytes), "the key is a byte string")
        see.equal(process.authkey, key, "the key")


@chapter.clause("process.authkey.text", source="multiprocessing.Process.authkey", level=SHOULD, methods=NO_METHOD)
def a_text_is_no_key(mp: Any, see: See) -> None:
    """A str is refused as a key, and the key stays."""
    process = mp.Process()
    process.authkey = b"stays"
    with see.raises(TypeError, ValueError, AssertionError):
        process.authkey = "text"
    see.equal(process.authkey, b"stays", "the key")


@chapter.clause(
    "process.authkey.pickle", source="multiprocessing.Process.authkey", level=UNSPECIFIED, methods=NO_METHOD
)
def pickling_a_key(mp: Any, see: See) -> None:
    """Whether a key can be pickled while no child is being started is left open."""
    import pickle

    try:
        pickle.dumps(mp.current_process().authkey)
    except Exception as error:
        see.records(refused=type(error).__name__)
    else:
        see.records(pickled=True)
