"""The supervision of one host: from its fork, which is ahead of its request, to the end of its last descendant.

It runs in the zygote, parent of the host and subreaper of all that the host starts: it reads the host's output,
bounds its time, and afterwards ends and reaps everything that is left.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import time
from typing import Any, ClassVar

from mpspec.observation import procfs, witness

from mpconform.inside import arming, host, stacks, wire

SHARED_MEMORY = "/dev/shm"
FALLEN = 0.1
"""The part of the exit deadline that is left to a host whose check was not kept."""


class Captured:
    """One output stream, kept up to a limit: the beginning, and how much there was."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.size = 0
        self._kept = b""

    def feed(self, piece: bytes) -> None:
        """Add what was read."""
        self.size += len(piece)
        self._kept += piece[: max(0, self.limit - len(self._kept))]

    def text(self) -> str:
        """What was kept, and a note where that is not all."""
        text = self._kept.decode("utf-8", "backslashreplace")
        return text if self.size <= self.limit else f"{text}\n[{self.size} bytes in all]"


class Supervision:
    """One host, forked at once: it makes ready what every check needs, and waits for its request.

    home: the zygote's folder. wakeup: readable after a child has ended. channel: readable once the driver is gone.
    foreign: further descriptors of the zygote that no host may see.
    """

    number = 0
    untouched: ClassVar[list[str]] = []
    """Folders that hosts have left as they were made: to make one costs more than all that an empty check does."""

    def __init__(self, home: str, wakeup: int, channel: int, foreign: tuple[int, ...]) -> None:
        self.wakeup = wakeup
        self.channel = channel
        self.folder = self._empty_folder(home)
        self.surroundings = {
            "folder": self.folder,
            "witness": self.folder + ".witness",
        }
        self.answer = wire.Partial()
        self.status: int | None = None
        self.flooded = False
        self.alone = False
        self._start((wakeup, channel, *foreign))

    def _empty_folder(self, home: str) -> str:
        if self.untouched:
            return self.untouched.pop()
        Supervision.number += 1
        folder = os.path.join(home, f"host-{Supervision.number}")
        os.mkdir(folder, 0o700)
        return folder

    def _start(self, foreign: tuple[int, ...]) -> None:
        """Fork the host, with its streams on pipes, its request and its answer on two more."""
        request_read, self.request_write = os.pipe()
        self.answer_read, answer_write = os.pipe()
        self.out_read, out_write = os.pipe()
        self.err_read, err_write = os.pipe()
        ours = (self.request_write, self.answer_read, self.out_read, self.err_read)
        self.pid = os.fork()
        if self.pid == 0:
            try:
                os.dup2(out_write, 1)
                os.dup2(err_write, 2)
                for closed in (out_write, err_write, *ours, *foreign):
                    if closed > 2:
                        os.close(closed)
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                host.settle(self.surroundings)
                host.rehearse(self.surroundings)
                request = wire.get(request_read)
                os.close(request_read)
                if request is None:
                    os._exit(0)  # the zygote has no more checks
                if request["fresh"]:
                    self._become_fresh(request, answer_write)
                else:
                    host.run(request, answer_write)
                    host.leave()
            except BaseException:
                from traceback import print_exc

                print_exc()
            finally:
                os._exit(122)
        for descriptor in (request_read, answer_write, out_write, err_write):
            os.close(descriptor)

    def _become_fresh(self, request: dict[str, Any], answer_write: int) -> None:
        request_read, request_write = os.pipe()
        wire.put(request_write, request)
        os.close(request_write)
        for descriptor in (request_read, answer_write):
            os.set_inheritable(descriptor, True)
        os.environ[host.REQUEST] = f"{request_read},{answer_write}"
        code = "import mpconform.inside.host as host; host.fresh()"
        os.execv(sys.executable, [sys.executable, *request["flags"], "-c", code])

    def waits(self) -> bool:
        """Whether the host still lives; before its request nothing but a stranger can have ended it."""
        self._reap()
        return self.status is None

    def ask(self, request: dict[str, Any]) -> None:
        """Hand the host its request; from here on its time counts."""
        self.request = request
        self.out, self.err = Captured(request["output_limit"]), Captured(request["output_limit"])
        self.streams = {self.out_read: self.out, self.err_read: self.err}
        self.named_before = _named()
        self.began = time.monotonic()
        with contextlib.suppress(OSError):
            wire.put(self.request_write, {**request, **self.surroundings})
        os.close(self.request_write)

    def dismiss(self) -> None:
        """End a host that was not asked."""
        for descriptor in (self.request_write, self.answer_read, self.out_read, self.err_read):
            os.close(descriptor)
        if self.status is None:
            os.waitpid(self.pid, 0)
        self.untouched.append(self.folder)
        self.close()

    def supervise(self) -> dict[str, Any]:
        """Wait for the verdict, for the host's end and for the end of all that it started; then say what came of it."""
        post_mortem = ""
        deadline = self.began + self.request["deadline"]
        self._until(lambda: self.answer.message is not None or self.status is not None or self.flooded, deadline)
        verdict = self.answer.message
        if verdict is None and self.status is None and not self.flooded:
            post_mortem = self._post_mortem()
            verdict = {
                "outcome": "hung",
                "promised": f"the check is over within {self.request['deadline']:g} s",
                "seen": "it is not",
            }
        elif not self.flooded:
            # The body is over; what is left is the exit, of the host and then of what should end with it.
            # Where the verdict has fallen already it is waited for only for the sake of what it may still print.
            fallen = verdict is not None and verdict["outcome"] != "kept"
            exit_deadline = time.monotonic() + self.request["exit_deadline"] * (FALLEN if fallen else 1)
            self._until(lambda: self.status is not None or self.flooded, exit_deadline)
            verdict = verdict or self.answer.message
            if self.status is None and not self.flooded:
                post_mortem = self._post_mortem()
                verdict = _worse(verdict, "hung", "the process exits once its program is over", "it does not")
            elif self.status is not None:
                # What it started may have waited for this very exit: it has time of its own.
                self._until(lambda: self.alone, time.monotonic() + self.request["exit_deadline"])
                if not self.alone:
                    names = stacks.post_mortem(self._descendants(), os.environ[arming.FILE])
                    verdict = _worse(verdict, "leaked", "every process ends with its program", names)
        self.end_all()
        self._drain()
        if self.flooded:
            seen = f"{self.out.size + self.err.size} bytes of output, then it was ended"
            verdict = {"outcome": "broken", "promised": "a check writes less than its limit of output", "seen": seen}
        if verdict is None or (verdict["outcome"] == "kept" and self.status not in (0, None)):
            how = _ending(self.status)
            verdict = _worse(verdict, "crashed", "the process survives", how)
        left = self._left_behind()
        if left:
            verdict = _worse(verdict, "leaked", "nothing is left behind", "; ".join(left))
        return {
            **verdict,
            "post_mortem": post_mortem,
            "out": self.out.text(),
            "err": self.err.text(),
            "witnesses": witness.lines(self.surroundings["witness"]),
            "seconds": time.monotonic() - self.began,
        }

    def _until(self, over: Any, deadline: float) -> None:
        """Serve the host's streams and reap, until over() or the deadline (on the monotonic clock)."""
        poll = select.poll()
        for descriptor in (self.answer_read, self.wakeup, self.channel, *self.streams):
            poll.register(descriptor, select.POLLIN)
        while True:
            self._reap()
            if over():
                return
            rest = deadline - time.monotonic()
            if rest <= 0:
                return
            for descriptor, _ in poll.poll(rest * 1000 + 1):
                if descriptor == self.wakeup:
                    _empty(self.wakeup)
                    continue
                if descriptor == self.channel:
                    # The driver asks for one check at a time: only its end can be read here.
                    self.end_all()
                    self.close()
                    os._exit(0)
                piece = os.read(descriptor, 65536)
                if not piece:
                    poll.unregister(descriptor)
                elif descriptor == self.answer_read:
                    self.answer.feed(piece)
                else:
                    self._keep(self.streams[descriptor], piece)

    def _keep(self, stream: Captured, piece: bytes) -> None:
        stream.feed(piece)
        if stream.size > self.request["flood"]:
            self.flooded = True

    def _reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                self.alone = True
                return
            if pid == 0:
                self.alone = False
                return
            if pid == self.pid:
                self.status = status
                self._read_answer()  # its last word may still be in the pipe

    def _descendants(self) -> list[int]:
        return procfs.descendants(os.getpid())

    def _post_mortem(self) -> str:
        return stacks.post_mortem(self._descendants(), os.environ[arming.FILE])

    def end_all(self) -> None:
        """Kill and reap until nobody is left; a group is killed in one step, which no forking member outruns."""
        while True:
            self._reap()
            if self.alone:
                return
            rest = self._descendants()
            own = os.getpgrp()
            groups = {int(fields[2]) for fields in map(procfs.stat, rest) if fields}
            for group in groups - {own}:
                with contextlib.suppress(OSError):
                    os.killpg(group, signal.SIGKILL)
            for pid in rest:
                with contextlib.suppress(OSError):
                    os.kill(pid, signal.SIGKILL)
            select.select([self.wakeup], [], [], 0.05)
            _empty(self.wakeup)

    def _read_answer(self) -> None:
        os.set_blocking(self.answer_read, False)
        with contextlib.suppress(BlockingIOError):
            while True:
                piece = os.read(self.answer_read, 65536)
                if not piece:
                    return
                self.answer.feed(piece)

    def _drain(self) -> None:
        for descriptor, stream in self.streams.items():
            os.set_blocking(descriptor, False)
            with contextlib.suppress(BlockingIOError):
                while stream.size <= self.request["flood"]:
                    piece = os.read(descriptor, 65536)
                    if not piece:
                        break
                    stream.feed(piece)
        for descriptor in (self.answer_read, *self.streams):
            os.close(descriptor)

    def _left_behind(self) -> list[str]:
        names = sorted(os.listdir(self.folder))
        left = [f"temporary file {name}" for name in names]
        if not names and os.stat(self.folder).st_mode & 0o777 == 0o700:
            self.untouched.append(self.folder)
        for name in sorted(_named() - self.named_before):
            left.append(f"named semaphore {name[4:]}" if name.startswith("sem.") else f"shared memory {name}")
            with contextlib.suppress(OSError):
                os.unlink(os.path.join(SHARED_MEMORY, name))
        return left

    def close(self) -> None:
        """Remove what the supervision itself kept."""
        with contextlib.suppress(OSError):
            os.unlink(self.surroundings["witness"])
        arming.forget()
        if self.folder not in self.untouched:
            import shutil  # after few checks only; what the zygote has imported, every host pays for

            shutil.rmtree(self.folder, ignore_errors=True)


def _worse(verdict: dict[str, Any] | None, outcome: str, promised: str, seen: str) -> dict[str, Any]:
    """The verdict, or the later finding where the body had nothing to complain of."""
    if verdict is not None and verdict["outcome"] != "kept":
        return verdict
    return {**(verdict or {}), "outcome": outcome, "promised": promised, "seen": seen}


def _ending(status: int | None) -> str:
    if status is None:
        return "it was ended by the engine"
    if os.WIFSIGNALED(status):
        return f"it was killed by {signal.Signals(os.WTERMSIG(status)).name}"
    return f"it exited with status {os.WEXITSTATUS(status)}"


def _named() -> set[str]:
    try:
        return set(os.listdir(SHARED_MEMORY))
    except OSError:
        return set()


def _empty(descriptor: int) -> None:
    with contextlib.suppress(BlockingIOError):
        while os.read(descriptor, 4096):
            pass
