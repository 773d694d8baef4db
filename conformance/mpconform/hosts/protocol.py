"""What driver, zygote and host tell each other, as JSON objects: the fields of each message.

Imported for its types alone: no zygote and no host pays for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from mpspec.observation.witness import Witness

    from mpconform.hosts.kinds import Kept


class Importing(TypedDict):
    """What a zygote says before each import: whoever finds it silent or ended then knows what it was at."""

    importing: str
    """What is imported, in words."""


class Made(TypedDict):
    """What a launcher says first."""

    folder: str
    """The zygote's own, which the launcher removes once the driver is gone."""


class Launch(TypedDict):
    """What the driver answers."""

    command: list[str]
    environment: dict[str, str]


class Launched(TypedDict):
    """What a launcher says as the zygote starts."""

    pid: int


class Ended(TypedDict):
    """What a launcher says after the zygote has ended before the driver."""

    status: int | None
    """As os.waitpid gives it."""


class Greeting(TypedDict):
    """What a zygote says once it is ready, or cannot be."""

    ready: bool
    why: str | None
    """What is wrong with the implementation, where it is not ready."""
    lacks: str | None
    """The module that could not be found, where that is what is wrong."""
    python: list[int]
    executable: str
    seconds: float
    """How long the imports took."""


class Binding(TypedDict):
    """What a clause is bound to in one check."""

    method: str | None
    case: str | None
    kept_for_life: Kept
    """How many descriptors the implementation keeps until the process ends."""


class Request(Binding):
    """A check, as the driver asks a zygote for it."""

    package: str
    """Where the chapters are."""
    chapter: str
    """What a zygote loads, for all its hosts."""
    module: str
    """The module of the clause: all that a fresh host imports."""
    clause: str
    fresh: bool
    """Whether the host is a new interpreter."""
    flags: list[str]
    """Of that interpreter."""
    deadline: float
    """Seconds for the check."""
    exit_deadline: float
    """Seconds for the end of the host, and again for that of what it started."""
    output_limit: int
    """Bytes of each output that are kept."""
    flood: int
    """Bytes of output at which the host is ended."""


class Surroundings(TypedDict):
    """Where a host is."""

    folder: str
    """The host's own, empty as it begins."""
    witness: str
    """The file that its children testify in."""


class Task(Request, Surroundings):
    """What a zygote hands to a host."""


class _Outcome(TypedDict):
    outcome: str
    """The value of an Outcome."""


class Finding(_Outcome, total=False):
    """What a host says came of its check, or its supervisor in its place; the fields are those of a Verdict."""

    promised: str
    seen: str
    line: str
    traceback: str
    absent: list[str]
    """Where a name is missing: the names under which the documentation may know it."""
    recorded: dict[str, str]
    held: list[int]
    """Inodes of names in shared memory that the host had at its end, where others have names there as well."""


class Answer(Finding, total=False):
    """What a zygote answers: the finding, and what only the supervisor sees."""

    post_mortem: str
    out: str
    err: str
    witnesses: list[Witness]
    seconds: float
    in_doubt: list[str]
    """Names that came into shared memory meanwhile and may be others': left alone, and not counted."""
