"""The supervision of one host: from its fork, which is ahead of its request, to the end of its last descendant.

It runs in the zygote, parent of the host and subreaper of all that the host starts: it reads the host's output,
bounds its time, and afterwards ends and reaps everything that is left.
"""

from __future__ import annotations

import contextlib
import os
import select
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from mpspec.observation import witness

from mpconform.hosts import arming, findings, leaks, stacks, wire
from mpconform.hosts.capture import Captured
from mpconform.hosts.descendants import Descendants
from mpconform.hosts.folders import Folders
from mpconform.hosts.forking import Forked

if TYPE_CHECKING:
    from mpconform.hosts.protocol import Answer, Finding, Request, Surroundings

FALLEN = 0.1
"""The part of the exit deadline that is left to a host whose check was not kept."""


class Supervision:
    """One host, forked at once: it makes ready what every check needs, and waits for its request.

    wakeup: readable after a child has ended. channel: readable once the driver is gone. foreign: further descriptors
    of the zygote that no host may see. come: readable after names have come into shared memory, where others make
    names there as well.
    """

    def __init__(
        self, folders: Folders, wakeup: int, channel: int, foreign: tuple[int, ...], come: int | None = None
    ) -> None:
        self._wakeup = wakeup
        self._channel = channel
        self._come = come
        self._folders = folders
        folder = folders.take()
        self._surroundings: Surroundings = {"folder": folder, "witness": folder + ".witness"}
        self._empty = True
        self._answer = wire.Partial()
        self._host = Forked(self._surroundings, (wakeup, channel, *foreign, *self._coming))
        self._descendants = Descendants(self._host.pid, wakeup)

    def waits(self) -> bool:
        """Whether the host still lives; before its request nothing but a stranger can have ended it."""
        self._descendants.reap()
        return self._descendants.status is None

    def dismiss(self) -> None:
        """End a host that was not asked."""
        self._host.dismiss()
        if self._descendants.status is None:
            os.waitpid(self._host.pid, 0)
        self.close()

    def ask(self, request: Request) -> None:
        """Hand the host its request; from here on its time counts."""
        self._request = request
        self._empty = False
        self._out = Captured(self._host.out, request["output_limit"])
        self._err = Captured(self._host.err, request["output_limit"])
        self._names = leaks.Names(self._come)
        self._began = time.monotonic()
        self._host.ask({**request, **self._surroundings})

    def supervise(self) -> Answer:
        """Wait for the verdict, for the host's end and for the end of all that it started; then say what came of it."""
        post_mortem = ""
        deadline = self._began + self._request["deadline"]
        self._until(lambda: self._answer.message is not None or self._ended or self._flooded, deadline)
        finding: Finding | None = self._answer.message
        if finding is None and not self._ended and not self._flooded:
            post_mortem = self._post_mortem()
            finding = findings.hung(self._request["deadline"])
        elif not self._flooded:
            finding, post_mortem = self._after(finding)
        self.end_all()
        self._drain()
        if self._flooded:
            finding = findings.flooded(self._out.size + self._err.size)
        status = self._descendants.status
        if finding is None or (finding["outcome"] == "kept" and status not in (0, None)):
            finding = findings.worse(finding, "crashed", "the process survives", findings.ending(status))
        files = leaks.files(self._surroundings["folder"])
        self._empty = not files
        self._names.know(finding.pop("held", ()))
        names, in_doubt = self._names.left()
        if files or names:
            finding = findings.leaked(finding, files + names)
        seen: Answer = {
            **finding,
            "post_mortem": post_mortem,
            "out": self._out.text(),
            "err": self._err.text(),
            "witnesses": witness.lines(self._surroundings["witness"]),
            "seconds": time.monotonic() - self._began,
            "in_doubt": in_doubt,
        }
        return seen

    def end_all(self) -> None:
        """End the host and all that it started, where they are not over yet."""
        self._descendants.end()

    def close(self) -> None:
        """Remove what the supervision itself kept."""
        with contextlib.suppress(OSError):
            os.unlink(self._surroundings["witness"])
        arming.forget()
        self._folders.take_back(self._surroundings["folder"], empty=self._empty)

    @property
    def _coming(self) -> tuple[int, ...]:
        return () if self._come is None else (self._come,)

    @property
    def _ended(self) -> bool:
        return self._descendants.status is not None

    @property
    def _flooded(self) -> bool:
        return max(self._out.size, self._err.size) > self._request["flood"]

    def _after(self, finding: Finding | None) -> tuple[Finding | None, str]:
        """The body is over; what is left is the exit, of the host and then of what should end with it.

        Where the verdict has fallen already it is waited for only for the sake of what it may still print.
        """
        fallen = finding is not None and finding["outcome"] != "kept"
        exit_deadline = self._request["exit_deadline"] * (FALLEN if fallen else 1)
        self._until(lambda: self._ended or self._flooded, time.monotonic() + exit_deadline)
        finding = finding or self._answer.message
        if not self._ended and not self._flooded:
            post_mortem = self._post_mortem()
            finding = findings.worse(finding, "hung", "the process exits once its program is over", "it does not")
            return finding, post_mortem
        if self._ended:
            # What it started may have waited for this very exit: it has time of its own.
            self._until(lambda: self._descendants.gone, time.monotonic() + exit_deadline)
            if not self._descendants.gone:
                finding = findings.worse(finding, "leaked", "every process ends with its program", self._post_mortem())
        return finding, ""

    def _until(self, over: Callable[[], bool], deadline: float) -> None:
        """Serve the host's streams and reap, until over() or the deadline (on the monotonic clock)."""
        streams = {stream.descriptor: stream for stream in (self._out, self._err)}
        poll = select.poll()
        for descriptor in (self._host.answer, self._wakeup, self._channel, *self._coming, *streams):
            poll.register(descriptor, select.POLLIN)
        while True:
            self._reap()
            if over():
                return
            rest = deadline - time.monotonic()
            if rest <= 0:
                return
            for descriptor, _ in poll.poll(rest * 1000 + 1):
                if descriptor == self._wakeup:
                    self._descendants.forget_wakeups()
                    continue
                if descriptor == self._come:
                    self._names.look(self._descendants.alive)
                    continue
                if descriptor == self._channel:
                    # The driver asks for one check at a time: only its end can be read here.
                    self.end_all()
                    self.close()
                    os._exit(0)
                piece = os.read(descriptor, 65536)
                if not piece:
                    poll.unregister(descriptor)
                elif descriptor == self._host.answer:
                    self._answer.feed(piece)
                else:
                    streams[descriptor].feed(piece)

    def _reap(self) -> None:
        lived = not self._ended
        self._descendants.reap()
        if lived and self._ended:
            self._read_answer()  # its last word may still be in the pipe

    def _read_answer(self) -> None:
        os.set_blocking(self._host.answer, False)
        with contextlib.suppress(BlockingIOError):
            while True:
                piece = os.read(self._host.answer, 65536)
                if not piece:
                    return
                self._answer.feed(piece)

    def _drain(self) -> None:
        for stream in (self._out, self._err):
            stream.drain(self._request["flood"])
        os.close(self._host.answer)

    def _post_mortem(self) -> str:
        return stacks.post_mortem(self._descendants.alive(), os.environ[arming.FILE])
