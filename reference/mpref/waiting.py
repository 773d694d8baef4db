"""Places where processes and threads sleep until one of them is called, and a lock that no dead process holds.

Condition, Event and Barrier are made of these. A waiter that is killed does no harm: its place is found out
to be a dead one's before a call would be wasted on it, and sooner or later it is given to another.
"""

from __future__ import annotations

import fcntl
import os
from _ctypes import FUNCFLAG_CDECL, FUNCFLAG_USE_ERRNO, CFuncPtr, _SimpleCData, dlopen, dlsym, get_errno
from _multiprocessing import SemLock
from _struct import pack
from _thread import allocate_lock
from time import monotonic

from . import heap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

if not (hasattr(os, "memfd_create") and hasattr(fcntl, "F_OFD_SETLKW")):
    raise ImportError(
        "this platform lacks what the synchronization primitives are made of: semaphores in anonymous shared memory, "
        "and file locks that belong to an open file (Linux has both)"
    )

#: So many processes and threads can wait in one place at a time.
CAPACITY = 1023

#: Seconds after which a sleeper looks for itself, in case that who was about to call it was killed over it.
RECHECK = 1.0

#: What an entry of a lot can be.
FREE, WAITING, CALLED = 0, 1, 2

_ATTEMPTS = 3

# A lot is an array of 64-bit numbers: a head of eight, and eight for each place, the last four a semaphore.
_HIGH, _TICKETS, STATE_OF_OWNER = 0, 1, 2
_STATE, _WHO, _TICKET, _MESSAGE, _SEMAPHORE = 0, 1, 2, 3, 4
_SIZE = 8


class Lot:
    """Numbered places for sleepers. All methods but sleep() are called by one process and thread at a time.

    words: the numbers in shared memory; those from STATE_OF_OWNER up to 7 belong to who uses the lot.
    """

    __slots__ = ("_semaphores", "block", "words")

    def __init__(self, block: heap.Block | None = None) -> None:
        new = block is None
        self.block = block or heap.allocate((CAPACITY + 1) * _SIZE * 8, zeroed=False)
        self.words = self.block.view().cast("q")
        self._semaphores: dict[int, SemLock] = {}
        if new:
            for number in range(_SIZE):
                self.words[number] = 0

    def enter(self) -> int:
        """Take a place; to be left by leave(). RuntimeError: there are CAPACITY waiters already."""
        words = self.words
        high = words[_HIGH]
        place = self._free(high)
        if place is None and any(words[at + _STATE] == CALLED for at in self._places()):
            self._clear()
            place = self._free(high)
        if place is None:
            if high == CAPACITY:
                raise RuntimeError(f"no more than {CAPACITY} processes and threads can wait at a time")
            place = (high + 1) * _SIZE
            initialise(self.block.address + (place + _SEMAPHORE) * 8, 0)
            words[place + _STATE] = FREE
            words[_HIGH] = high + 1
        semaphore = self._semaphore(place)
        while semaphore.acquire(False):  # a call that came too late for the one before
            pass
        words[_TICKETS] += 1
        words[place + _TICKET] = words[_TICKETS]
        words[place + _WHO] = _who_am_i()
        words[place + _STATE] = WAITING
        return place

    def sleep(self, place: int, timeout: float | None, look: Callable[[], bool] | None = None) -> bool:
        """Sleep at most `timeout` seconds until the place is called: whether it was.

        look: is asked every RECHECK seconds whether there is a reason to wake up all the same.
        """
        end = None if timeout is None else monotonic() + timeout
        words, at, semaphore = self.words, place + _STATE, self._semaphore(place)
        while words[at] == WAITING:
            rest = RECHECK
            if end is not None:
                rest = min(rest, end - monotonic())
                if rest <= 0:
                    return False
            if not semaphore.acquire(True, rest) and look is not None and look():
                break
        return words[at] == CALLED

    def call(self, place: int) -> None:
        """Wake the one who sleeps there."""
        self.words[place + _STATE] = CALLED
        self.rouse(place)

    def rouse(self, place: int) -> None:
        """Make the one who sleeps there look whether he is called; it does no harm to another. Needs no exclusion."""
        self._semaphore(place).release()

    def leave(self, place: int) -> bool:
        """Give the place back: whether it was called. Needs no exclusion if it was."""
        called = self.words[place + _STATE] == CALLED
        self.words[place + _STATE] = FREE
        return called

    def note(self, place: int, message: int) -> None:
        """Leave a number for the one who waits there."""
        self.words[place + _MESSAGE] = message

    def message(self, place: int) -> int:
        """Read the number that was left there."""
        return self.words[place + _MESSAGE]

    def waiting(self) -> list[int]:
        """Return the places of those who wait, in the order of their arrival; the dead may be among them."""
        words = self.words
        places = [at for at in self._places() if words[at + _STATE] == WAITING]
        if len(places) > 1:
            places.sort(key=lambda at: words[at + _TICKET])
        return places

    def living(self) -> list[int]:
        """Return the places of those who wait and whose process lives, in the order of their arrival."""
        found = []
        for place in self.waiting():
            if is_alive(self.words[place + _WHO]):
                found.append(place)
            else:
                self.words[place + _STATE] = FREE
        return found

    def _clear(self) -> None:
        """Free the places of the dead."""
        for place in self._places():
            if self.words[place + _STATE] != FREE and not is_alive(self.words[place + _WHO]):
                self.words[place + _STATE] = FREE

    def _free(self, high: int) -> int | None:
        for place in range(_SIZE, (high + 1) * _SIZE, _SIZE):
            if self.words[place + _STATE] == FREE:
                return place
        return None

    def _places(self) -> range:
        return range(_SIZE, (self.words[_HIGH] + 1) * _SIZE, _SIZE)

    def _semaphore(self, place: int) -> SemLock:
        semaphore = self._semaphores.get(place)
        if semaphore is None:
            semaphore = SemLock._rebuild(self.block.address + (place + _SEMAPHORE) * 8, 1, SemLock.SEM_VALUE_MAX, None)
            self._semaphores[place] = semaphore
        return semaphore


class Guard:
    """The exclusion that a lot needs, of processes and threads, which ends with the process that has it.

    A context manager: the kernel's lock on a range of the lot's file, slower than a semaphore, but let go by the dead.
    """

    __slots__ = ("_arena", "_called", "_free", "_lot", "_mutex", "_owner", "_take")

    def __init__(self, lot: Lot) -> None:
        self._lot = lot
        self._arena = lot.block.arena
        self._take, self._free = (
            pack("hhqqi", kind, os.SEEK_SET, lot.block.offset, 1, 0) for kind in (fcntl.F_WRLCK, fcntl.F_UNLCK)
        )
        self._called: list[int] = []
        self._renew()

    def call(self, place: int) -> None:
        """Call a place of the lot, whose sleeper is roused as soon as this is left, and so finds it free."""
        self._lot.words[place + _STATE] = CALLED
        self._called.append(place)

    def __enter__(self) -> None:
        if self._owner != os.getpid():  # another thread of the parent may have had it when it forked
            self._renew()
        self._mutex.acquire()
        try:
            file = self._arena.descriptor_for_locks()
            for _ in range(_ATTEMPTS):  # it is held for some microseconds: to sleep and be woken would take longer
                try:
                    fcntl.fcntl(file, fcntl.F_OFD_SETLK, self._take)
                    return
                except (BlockingIOError, PermissionError):
                    os.sched_yield()
            fcntl.fcntl(file, fcntl.F_OFD_SETLKW, self._take)
        except BaseException:
            self._mutex.release()
            raise

    def __exit__(self, *_: object) -> None:
        called, self._called = self._called, []
        try:
            fcntl.fcntl(self._arena.descriptor_for_locks(), fcntl.F_OFD_SETLK, self._free)
        finally:
            self._mutex.release()
            for place in called:
                self._lot.rouse(place)

    def _renew(self) -> None:
        self._mutex = allocate_lock()
        self._owner = os.getpid()
        self._called = []


def initialise(address: int, value: int) -> None:
    """Make the memory at `address`, 32 bytes, a semaphore that processes share. OSError: the value is too large."""
    if _sem_init(_Pointer(address), 1, value) != 0:
        number = get_errno()
        raise OSError(number, os.strerror(number))


def is_alive(who: int) -> bool:
    """Whether the process lives that `who` stands for; a zombie does not."""
    pid = who & _PID
    if pid == os.getpid():
        return True
    now = monotonic()
    try:
        if now < _verified.get(who, 0) + RECHECK:  # nobody else can have been given its id since
            os.readlink(f"/proc/{pid}/exe")  # a zombie has no program
            return True
    except OSError:
        pass
    try:
        alive = who == _identity(pid)
    except OSError:
        alive = False
    if len(_verified) > CAPACITY:
        _verified.clear()
    if alive:
        _verified[who] = now
    return alive


def _identity(pid: int) -> int:
    """A number for the process, that no other has before the next boot; 0 for a zombie.

    The moment when it was started makes the difference from another one that was given the same id later.
    """
    file = os.open(f"/proc/{pid}/stat", os.O_RDONLY | os.O_CLOEXEC)
    try:
        fields = os.read(file, 1024).rpartition(b")")[2].split()
    finally:
        os.close(file)
    return 0 if fields[0] in (b"Z", b"X") else int(fields[19]) << _PID.bit_length() | pid


def _who_am_i() -> int:
    global _me
    pid = os.getpid()
    if _me & _PID != pid:
        _me = _identity(pid)
    return _me


#: Linux has no process id above this.
_PID = (1 << 22) - 1

_me = 0

#: When a process was last known to be the one that it is taken for.
_verified: dict[int, float] = {}


class _Pointer(_SimpleCData):  # type: ignore[type-arg]  # of no interest here
    _type_ = "P"


class _Function(CFuncPtr):  # `ctypes` itself is dear to import
    _flags_ = FUNCFLAG_CDECL | FUNCFLAG_USE_ERRNO


_sem_init = _Function(dlsym(dlopen(None, 0), "sem_init"))  # type: ignore[arg-type]  # None: this program
