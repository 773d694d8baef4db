"""Which start methods there are, and how a program chooses one: get_start_method, set_start_method."""

from __future__ import annotations

from typing import Any

from mpspec.chapters.contexts.chapter import METHODS, UNKNOWN, chapter, origin
from mpspec.chapters.contexts.targets import nothing, post_method, post_origin_of_a_child
from mpspec.clause import EVERY_METHOD, EVERYWHERE, ITS_CASE, NO_METHOD, SHOULD, UNSPECIFIED
from mpspec.observation.see import See

START_METHODS = "contexts-and-start-methods"
FORK = "multiprocessing-start-method-fork"

ALL = "multiprocessing.get_all_start_methods"
GET = "multiprocessing.get_start_method"
SET = "multiprocessing.set_start_method"

# get_all_start_methods


@chapter.clause("context.methods.signature", passage=f"{ALL}/1", methods=NO_METHOD)
def all_start_methods_are_listed_without_arguments(mp: Any, see: See) -> None:
    """get_all_start_methods takes no argument."""
    see.signature(mp.get_all_start_methods, "()")


@chapter.clause("context.methods.list", passage=f"{ALL}/2,3", methods=NO_METHOD)
def the_start_methods_come_as_a_list_of_names(mp: Any, see: See) -> None:
    """get_all_start_methods() returns a list of strings."""
    methods = mp.get_all_start_methods()
    see.equal(type(methods), list, "the type")
    see.equal({type(name) for name in methods}, {str}, "the types of its items")


@chapter.clause(
    "context.methods.possible-names",
    passage=(f"{ALL}/3", f"{START_METHODS}/1"),
    methods=NO_METHOD,
    platforms=EVERYWHERE,
)
def every_listed_start_method_is_one_of_three(mp: Any, see: See) -> None:
    """get_all_start_methods() lists 'fork', 'spawn' and 'forkserver' and nothing else, none of them twice."""
    methods = mp.get_all_start_methods()
    see.true(set(methods) <= set(METHODS), "no other names", methods)
    see.equal(len(methods), len(set(methods)), "the number of names")


@chapter.clause(
    "context.methods.linux",
    passage="multiprocessing-start-method-forkserver/5",
    methods=NO_METHOD,
    platforms=("linux",),
    uses=EVERY_METHOD,
)
def linux_has_every_start_method(mp: Any, see: See) -> None:
    """On Linux, which passes descriptors over Unix pipes, all three start methods are available."""
    see.equal(sorted(mp.get_all_start_methods()), ["fork", "forkserver", "spawn"], "the start methods")


@chapter.clause(
    "context.methods.spawn-everywhere",
    passage="multiprocessing-start-method-spawn/5",
    methods=NO_METHOD,
    platforms=EVERYWHERE,
    uses=("spawn",),
)
def spawn_is_available_on_every_platform(mp: Any, see: See) -> None:
    """The start method spawn is available on POSIX and on Windows."""
    see.true("spawn" in mp.get_all_start_methods(), "spawn is listed")


@chapter.clause("context.methods.fork-posix", passage=f"{FORK}/5", methods=NO_METHOD, uses=("fork",))
def fork_is_available_on_posix(mp: Any, see: See) -> None:
    """The start method fork is available on POSIX."""
    see.true("fork" in mp.get_all_start_methods(), "fork is listed")


@chapter.clause(
    "context.methods.windows",
    passage=(f"{FORK}/5", f"{ALL}/4"),
    methods=NO_METHOD,
    platforms=("win32",),
    uses=("spawn",),
)
def windows_has_spawn_alone(mp: Any, see: See) -> None:
    """On Windows spawn is the only start method."""
    see.equal(mp.get_all_start_methods(), ["spawn"], "the start methods")


@chapter.clause(
    "context.methods.default-first", passage=f"{ALL}/2", methods=NO_METHOD, platforms=EVERYWHERE, fresh=True
)
def the_first_start_method_is_the_default(mp: Any, see: See) -> None:
    """The first name of get_all_start_methods() is the start method of a program that chooses none."""
    first = mp.get_all_start_methods()[0]
    see.returns(first, mp.get_start_method)


@chapter.clause(
    "context.methods.default-fork",
    passage=f"{FORK}/6",
    methods=NO_METHOD,
    until="3.14",
    platforms=("linux", "freebsd"),
    fresh=True,
    uses=("fork",),
)
def fork_is_the_default_on_posix(mp: Any, see: See) -> None:
    """The default start method is fork on POSIX other than macOS."""
    see.returns("fork", mp.get_start_method)
    see.equal(origin(mp, see), "fork", "the start method of a child")


@chapter.clause(
    "context.methods.default-forkserver",
    passage=f"{FORK}/7",
    methods=NO_METHOD,
    since="3.14",
    platforms=("linux", "freebsd"),
    fresh=True,
    uses=("forkserver",),
)
def forkserver_is_the_later_default_on_posix(mp: Any, see: See) -> None:
    """The default start method is forkserver on POSIX other than macOS."""
    see.returns("forkserver", mp.get_start_method)
    see.equal(origin(mp, see), "forkserver", "the start method of a child")


@chapter.clause(
    "context.methods.default-spawn",
    passage=("multiprocessing-start-method-spawn/6", f"{START_METHODS}/4", f"{GET}/8"),
    methods=NO_METHOD,
    since="3.8",
    platforms=("darwin", "win32"),
    fresh=True,
    uses=("spawn",),
)
def spawn_is_the_default_on_macos_and_windows(mp: Any, see: See) -> None:
    """The default start method is spawn on macOS and on Windows."""
    see.returns("spawn", mp.get_start_method)


@chapter.clause("context.methods.choice-changes-nothing", passage=f"{ALL}/2", methods=NO_METHOD, fresh=True)
def a_choice_does_not_change_the_list(mp: Any, see: See) -> None:
    """get_all_start_methods() names the default first also after another start method was set."""
    before = mp.get_all_start_methods()
    mp.set_start_method(before[-1])
    see.returns(before, mp.get_all_start_methods)


@chapter.clause("context.methods.fixes-nothing", source=ALL, methods=NO_METHOD, fresh=True)
def asking_for_the_list_fixes_nothing(mp: Any, see: See) -> None:
    """get_all_start_methods() leaves the start method open."""
    mp.get_all_start_methods()
    see.returns(None, mp.get_start_method, allow_none=True)


# get_start_method


@chapter.clause("context.current.signature", passage=f"{GET}/1", methods=NO_METHOD)
def the_start_method_is_asked_with_allow_none(mp: Any, see: See) -> None:
    """get_start_method takes allow_none, by default False."""
    see.signature(mp.get_start_method, "(allow_none=False)")


@chapter.clause(
    "context.current.none-while-open",
    passage=f"{GET}/5,3",
    methods=NO_METHOD,
    fresh=True,
    cases={"true": True, "truthy": 1},
)
def an_open_start_method_is_none(mp: Any, see: See, allow: Any) -> None:
    """get_start_method(allow_none=True) returns None while the start method is not fixed."""
    see.returns(None, mp.get_start_method, allow_none=allow)


@chapter.clause("context.current.none-leaves-open", passage=f"{GET}/3,5", methods=NO_METHOD, fresh=True)
def asking_with_allow_none_leaves_the_choice(mp: Any, see: See) -> None:
    """get_start_method(allow_none=True) does not fix the start method: it can be set afterwards."""
    last = mp.get_all_start_methods()[-1]
    mp.get_start_method(allow_none=True)
    see.returns(None, mp.get_start_method, allow_none=True)
    mp.set_start_method(last)
    see.returns(last, mp.get_start_method)


@chapter.clause(
    "context.current.asking-fixes",
    passage=(f"{GET}/3", "global-start-method/5"),
    methods=NO_METHOD,
    fresh=True,
    cases={"false": False, "falsy": 0},
)
def asking_fixes_the_default(mp: Any, see: See, allow: Any) -> None:
    """get_start_method() fixes an open start method to the default, so that it cannot be set any more."""
    default = mp.get_start_method(allow)
    see.returns(default, mp.get_start_method, allow_none=True)
    with see.raises(RuntimeError):
        mp.set_start_method(mp.get_all_start_methods()[-1])


@chapter.clause(
    "context.current.name", passage=f"{GET}/2,5", methods=NO_METHOD, fresh=True, cases=METHODS, uses=ITS_CASE
)
def the_name_that_was_set_is_returned(mp: Any, see: See, method: str) -> None:
    """get_start_method() returns the name that was set, with and without allow_none."""
    mp.set_start_method(method)
    see.returns(method, mp.get_start_method)
    see.returns(method, mp.get_start_method, allow_none=True)


@chapter.clause("context.current.start-fixes", source=GET, level=UNSPECIFIED, methods=NO_METHOD, fresh=True)
def starting_a_process_fixes_the_default(mp: Any, see: See) -> None:
    """The start of a process fixes an open start method."""
    child = mp.Process(target=nothing)
    see.records(after_construction=mp.get_start_method(allow_none=True))
    child.start()
    see.exits(child, 0)
    see.records(after_start=mp.get_start_method(allow_none=True))


# set_start_method


@chapter.clause("context.set.signature", passage=f"{SET}/1", methods=NO_METHOD)
def the_start_method_is_set_by_name(mp: Any, see: See) -> None:
    """set_start_method takes method, and force, by default False."""
    see.signature(mp.set_start_method, "(method, force=False)")


@chapter.clause(
    "context.set.starts-children",
    passage=(f"{SET}/2,3", f"{START_METHODS}/10"),
    methods=NO_METHOD,
    fresh=True,
    cases=METHODS,
    uses=ITS_CASE,
)
def the_method_that_is_set_starts_the_children(mp: Any, see: See, method: str) -> None:
    """A Process of the module starts its child by the method that was set."""
    mp.set_start_method(method)
    see.equal(origin(mp, see), method, "the start method of a child")


@chapter.clause("context.set.at-start", source=SET, level=UNSPECIFIED, methods=NO_METHOD, fresh=True, uses=("spawn",))
def the_method_counts_at_the_start(mp: Any, see: See) -> None:
    """A process that was constructed before the start method was set is started by it."""
    box = see.mailbox()
    child = mp.Process(target=post_method, args=(mp, box))
    mp.set_start_method("spawn")
    child.start()
    see.records(child=box.take())
    see.exits(child, 0)


@chapter.clause(
    "context.set.once",
    passage=(f"{SET}/4,7", "global-start-method/4", f"{START_METHODS}/13"),
    methods=NO_METHOD,
    fresh=True,
    cases={"same": ("spawn", "spawn"), "other": ("spawn", "fork"), "default": ("fork", "fork")},
    uses={"same": ("spawn",), "other": ("spawn", "fork"), "default": ("fork",)},
)
def a_second_setting_raises_runtime_error(mp: Any, see: See, names: tuple[str, str]) -> None:
    """set_start_method() raises RuntimeError if the start method is set already, and leaves it as it is."""
    first, second = names
    mp.set_start_method(first)
    with see.raises(RuntimeError):
        mp.set_start_method(second)
    see.returns(first, mp.get_start_method)


@chapter.clause(
    "context.set.once-with-false", passage=f"{SET}/4", methods=NO_METHOD, fresh=True, cases={"false": False, "falsy": 0}
)
def a_second_setting_without_force_raises_runtime_error(mp: Any, see: See, force: Any) -> None:
    """set_start_method(method, force) with a false force raises RuntimeError if the start method is set already."""
    methods = mp.get_all_start_methods()
    mp.set_start_method(methods[-1], force)
    with see.raises(RuntimeError):
        mp.set_start_method(methods[0], force)


@chapter.clause(
    "context.set.force",
    passage=f"{SET}/4,2",
    methods=NO_METHOD,
    fresh=True,
    cases=METHODS,
    uses={"fork": ("fork", "spawn"), "spawn": ("spawn", "fork"), "forkserver": ("forkserver", "spawn")},
)
def force_replaces_the_start_method(mp: Any, see: See, method: str) -> None:
    """set_start_method(method, force=True) replaces a start method that is set, for the children to come."""
    mp.set_start_method("spawn" if method != "spawn" else "fork")
    mp.set_start_method(method, force=True)
    see.returns(method, mp.get_start_method)
    see.equal(origin(mp, see), method, "the start method of a child")


@chapter.clause(
    "context.set.force-after-children", passage=f"{SET}/4,2", methods=NO_METHOD, fresh=True, uses=("fork", "spawn")
)
def force_replaces_a_start_method_that_was_used(mp: Any, see: See) -> None:
    """set_start_method(method, force=True) replaces a start method by which children were started."""
    mp.set_start_method("fork")
    see.equal(origin(mp, see), "fork", "the first start method")
    mp.set_start_method("spawn", force=True)
    see.equal(origin(mp, see), "spawn", "the second start method")


@chapter.clause("context.set.force-first", passage=f"{SET}/2,4", methods=NO_METHOD, fresh=True)
def force_sets_an_open_start_method(mp: Any, see: See) -> None:
    """set_start_method(method, force=True) sets a start method that is open, for good as without force."""
    methods = mp.get_all_start_methods()
    mp.set_start_method(methods[-1], force=True)
    see.returns(methods[-1], mp.get_start_method)
    with see.raises(RuntimeError):
        mp.set_start_method(methods[0])


@chapter.clause("context.set.none-with-force", passage=f"{SET}/5", methods=NO_METHOD, fresh=True)
def none_with_force_opens_the_start_method(mp: Any, see: See) -> None:
    """set_start_method(None, force=True) opens the start method: None is returned, and a method can be set."""
    methods = mp.get_all_start_methods()
    mp.set_start_method(methods[0])
    mp.set_start_method(None, force=True)
    see.returns(None, mp.get_start_method, allow_none=True)
    mp.set_start_method(methods[-1])
    see.returns(methods[-1], mp.get_start_method)


@chapter.clause("context.set.none-with-force-while-open", passage=f"{SET}/5", methods=NO_METHOD, fresh=True)
def none_with_force_leaves_an_open_start_method_open(mp: Any, see: See) -> None:
    """set_start_method(None, force=True) leaves a start method open that is open."""
    mp.set_start_method(None, force=True)
    see.returns(None, mp.get_start_method, allow_none=True)


@chapter.clause("context.set.none-default-again", passage=f"{SET}/5", methods=NO_METHOD, fresh=True)
def an_opened_start_method_falls_to_the_default(mp: Any, see: See) -> None:
    """After set_start_method(None, force=True) get_start_method() fixes the default, whatever was set before."""
    methods = mp.get_all_start_methods()
    mp.set_start_method(methods[-1])
    mp.set_start_method(None, force=True)
    see.returns(methods[0], mp.get_start_method)


@chapter.clause("context.set.none", passage=f"{SET}/6", methods=NO_METHOD, fresh=True)
def none_without_force_sets_the_default(mp: Any, see: See) -> None:
    """set_start_method(None) sets the default start method."""
    mp.set_start_method(None)
    see.returns(mp.get_all_start_methods()[0], mp.get_start_method, allow_none=True)


@chapter.clause("context.set.none-counts", passage=f"{SET}/6,4", methods=NO_METHOD, fresh=True)
def setting_none_counts_as_setting(mp: Any, see: See) -> None:
    """After set_start_method(None) the start method is set: another setting raises RuntimeError."""
    mp.set_start_method(None)
    with see.raises(RuntimeError):
        mp.set_start_method(mp.get_all_start_methods()[-1])


@chapter.clause("context.set.none-once", passage=f"{SET}/4,6", methods=NO_METHOD, fresh=True)
def setting_none_is_refused_like_any_other(mp: Any, see: See) -> None:
    """set_start_method(None) raises RuntimeError if the start method is set already."""
    last = mp.get_all_start_methods()[-1]
    mp.set_start_method(last)
    with see.raises(RuntimeError):
        mp.set_start_method(None)
    see.returns(last, mp.get_start_method)


@chapter.clause("context.set.unknown", passage=f"{SET}/3", level=SHOULD, methods=NO_METHOD, fresh=True, cases=UNKNOWN)
def an_unknown_start_method_is_not_set(mp: Any, see: See, name: str) -> None:
    """set_start_method() of a name that is not available raises ValueError, as get_context() does, and sets nothing."""
    with see.raises(ValueError):
        mp.set_start_method(name)
    see.returns(None, mp.get_start_method, allow_none=True)


@chapter.clause("context.set.unknown-with-force", passage=f"{SET}/3", level=SHOULD, methods=NO_METHOD, fresh=True)
def force_does_not_set_an_unknown_start_method(mp: Any, see: See) -> None:
    """set_start_method() of an unknown name raises ValueError also with force, and keeps what was set."""
    last = mp.get_all_start_methods()[-1]
    mp.set_start_method(last)
    with see.raises(ValueError):
        mp.set_start_method("thread", force=True)
    see.returns(last, mp.get_start_method, allow_none=True)


# What children inherit of the choice


@chapter.clause("context.children.choice", source=SET, level=UNSPECIFIED, methods=EVERY_METHOD)
def a_child_has_the_choice_of_its_parent(mp: Any, see: See) -> None:
    """get_start_method() in a child names the method that its parent has set."""
    box = see.mailbox()
    child = mp.Process(target=post_method, args=(mp, box))
    child.start()
    see.records(child=box.take())
    see.exits(child, 0)


@chapter.clause("context.children.grandchild", source=SET, level=UNSPECIFIED, methods=EVERY_METHOD)
def a_grandchild_is_started_like_a_child(mp: Any, see: See) -> None:
    """A child starts its own children by the method that its parent has set."""
    box = see.mailbox()
    child = mp.Process(target=post_origin_of_a_child, args=(mp, box))
    child.start()
    (parent, changed), pid = box.take_all(2)
    see.exits(child, 0)
    see.records(grandchild="forkserver" if parent != pid else "fork" if changed else "spawn")
