"""Put in front of a copy of the reference: it and the engine have the account of the kernel, and clauses have not.

So a clause finds what there is on a platform without /proc and /dev/shm: in the host, in its children, in programs.
"""

import sys

HIDDEN = ("/proc", "/dev/shm")
PASSED_ON = ("mpspec.observation.procfs", "mpspec.observation.descriptors")
"""Modules that ask for others: whoever asks them counts."""


def hide(event: str, arguments: tuple[object, ...]) -> None:
    """The audit hook: what is opened or listed below HIDDEN, by a clause or for it, is not there."""
    if event not in ("open", "os.listdir", "os.scandir") or not str(arguments[0]).startswith(HIDDEN):
        return
    frame = sys._getframe(1)
    while frame is not None:
        name = frame.f_globals.get("__name__", "")
        if name not in PASSED_ON:
            if name.startswith(("mpref", "mpconform")):
                return
            if name.startswith("mpspec") or name == "__main__":
                raise FileNotFoundError(2, "there is no such thing on this platform", arguments[0])
        frame = frame.f_back


sys.addaudithook(hide)
