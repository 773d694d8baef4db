"""Wrong: whatever start method is asked for, it forks."""

import multiprocessing
from multiprocessing import *  # noqa: F403

Process = multiprocessing.get_context("fork").Process
