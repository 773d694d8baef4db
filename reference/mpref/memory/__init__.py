"""Shared memory without a name, and what lies in it: semaphores, robust mutexes, parking lots."""
