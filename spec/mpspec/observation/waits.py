"""The named waits of the spec, in seconds, and the one scale for slow machines.

YIELD   long enough for a runnable thread or process to show that it runs; used only to show that something
        does not happen, or as the sampling time of "is asleep".
SMALL   a timeout handed to the implementation where it is expected to expire.
SETTLE  how long one who has told that it is about to wait is given to begin, before what ends the wait is done. It is
        spent only where the kernel shows no sleep: with an implementation that polls, and on a platform without /proc.
        Far more than a thread needs that has nothing left to do but to wait, since who comes too late misses its
        wake-up, and a correct implementation would be called wrong.
HELD    how long a wait without a limit is watched that nothing ends: an implementation that gives up after a second is
        wrong, and a short look does not see it. At least one clause of each kind of wait spends it.
LONG    how long a thing that is promised to happen may take before the promise counts as broken; it lies
        well below a host's deadline, so that the clause and not the host says what was missed.

LATE    the factor within which a promised upper bound ("at most timeout seconds") is observed, in the best of ATTEMPTS:
        less than two, so that a timeout that is spent twice shows. One late attempt may come of a busy machine.

Every wait for something to happen ends at the event; only an expiry costs its time. MPSPEC_PATIENCE, a
factor, scales them all.
"""

from __future__ import annotations

import os

PATIENCE = float(os.environ.get("MPSPEC_PATIENCE", "1"))
YIELD = 0.02 * PATIENCE
SMALL = 0.1 * PATIENCE
SETTLE = 0.5 * PATIENCE
HELD = 3.0 * PATIENCE
LONG = 8.0 * PATIENCE
LATE = 1.8
ATTEMPTS = 10
