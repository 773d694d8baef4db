"""Which start methods there are, and which of them is the default: get_all_start_methods."""

from __future__ import annotations

from typing import Any

from mpspec.chapters.contexts.chapter import METHODS, chapter, origin, prints
from mpspec.clause import EVERY_METHOD, EVERYWHERE, NO_METHOD, SHOULD
from mpspec.observation.see import See

START_METHODS = "contexts-and-start-methods"
FORK = "multiprocessing-start-method-fork"
FORKSERVER = "multiprocessing-start-method-forkserver"

ALL = "multiprocessing.get_all_start_methods"
GET = "multiprocessing.get_start_method"


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
    "context.methods.default-not-fork",
    passage=(f"{FORK}/7", f"{FORK}/10", "multiprocessing.Process/22"),
    methods=NO_METHOD,
    since="3.14",
    platforms=EVERYWHERE,
    fresh=True,
)
def fork_is_no_longer_the_default(mp: Any, see: See) -> None:
    """The default start method is another one than fork."""
    see.true(mp.get_start_method() != "fork", "the default is not fork")


@chapter.clause(
    "context.methods.default-forkserver",
    passage=(f"{FORKSERVER}/6-7", f"{START_METHODS}/24"),
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


WITHOUT_TEMPORARY_FILES = """\
import multiprocessing
import resource
import tempfile

if __name__ == "__main__":
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        told = tempfile.gettempdir()
    except FileNotFoundError:
        told = "nowhere"
    method = multiprocessing.get_start_method()
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    print(told, method, flush=True)
"""


@chapter.clause(
    "context.methods.default-spawn-without-temporary-files",
    passage=f"{FORKSERVER}/6,8-9",
    methods=NO_METHOD,
    since="3.14",
    platforms=("linux", "freebsd"),
    uses=("spawn",),
)
def spawn_is_the_default_where_no_temporary_file_can_be_written(mp: Any, see: See) -> None:
    """Where tempfile.gettempdir() finds no folder that can be written to, the default start method is spawn."""
    prints(see, see.program(WITHOUT_TEMPORARY_FILES), "nowhere spawn\n")


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


@chapter.clause("context.methods.fixes-nothing", passage=f"{ALL}/2", level=SHOULD, methods=NO_METHOD, fresh=True)
def asking_for_the_list_fixes_nothing(mp: Any, see: See) -> None:
    """get_all_start_methods() leaves the start method open."""
    mp.get_all_start_methods()
    see.returns(None, mp.get_start_method, allow_none=True)
