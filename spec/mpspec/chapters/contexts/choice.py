"""How a program chooses a start method: get_start_method, set_start_method."""

from __future__ import annotations

from typing import Any

from mpspec.chapters.contexts.chapter import METHODS, UNKNOWN, chapter, origin
from mpspec.chapters.contexts.targets import nothing, post_method, post_origin_of_a_child
from mpspec.clause import EVERY_METHOD, ITS_CASE, NO_METHOD, SHOULD, UNSPECIFIED
from mpspec.observation.see import See

START_METHODS = "contexts-and-start-methods"

GET = "multiprocessing.get_start_method"
SET = "multiprocessing.set_start_method"

# get_start_method


@chapter.clause("context.current.signature", passage=f"{GET}/1", methods=NO_METHOD)
def the_start_method_is_asked_with_allow_none(mp: Any, see: See) -> None:
    """get_start_method takes allow_none, by default False."""
    see.signature(mp.get_start_method, "(allow_none=False)")


@chapter.clause(
    "context.current.none-while-open",
    passage=f"{GET}/5,3",
    level=SHOULD,
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
    passage=(f"{SET}/2,3", f"{START_METHODS}/10", "global-start-method/2"),
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
