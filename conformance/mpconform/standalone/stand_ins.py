"""What a stand-alone script brings along for the words of `see` that take more than a line.

Written densely: a script has 20 lines.
"""

from __future__ import annotations

from mpspec.observation.waits import LATE

SETTLED = 0.2
"""Seconds after which a call counts as blocked: no kernel is asked, so this is long."""

STATE = """\
def state(pid):
    try:
        return open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()[0]
    except OSError:
        return None
"""
BLOCKS = f"""\
def blocks(call, *args, **kwargs):
    thread = ThreadPoolExecutor().submit(call, *args, **kwargs)
    time.sleep({SETTLED})
    assert not thread.done(), f"{{call}} blocks"
    return thread
"""
TIMED = f"""\
def timed(least, most, call, *args, **kwargs):
    began = time.monotonic()
    try:
        return call(*args, **kwargs)
    finally:
        spent = time.monotonic() - began
        assert least - 0.005 <= spent <= {LATE} * most, f"{{spent:.3f}} s"
"""
OUTPUT = """\
class Output:
    def __enter__(self):
        self.streams = {n: (tempfile.TemporaryFile("w+", encoding="utf-8"), os.dup(n)) for n in (1, 2)}
        for n, (file, _) in self.streams.items(): os.dup2(file.fileno(), n)
        return self
    def __exit__(self, *_):
        print(end="", flush=True)
        for n, (_, kept) in self.streams.items(): os.dup2(kept, n)
        self.out, self.err = [file.seek(0) or file.read() for file, _ in self.streams.values()]
"""
STAND_INS = {"state": STATE, "blocks": BLOCKS, "timed": TIMED, "Output": OUTPUT}
"""Name -> definition of what a script has to bring along for some words."""
