"""Targets of measured children; imports nothing, since a spawned child pays for what stands here."""


def nothing():  # type: ignore[no-untyped-def]
    """Do nothing."""


def tell_private_memory(path):  # type: ignore[no-untyped-def]
    """Write the private memory of this process, in MB, to the file."""
    with open("/proc/self/smaps_rollup", encoding="utf-8") as lines:
        kilobytes = sum(int(line.split()[1]) for line in lines if line.startswith("Private_"))
    with open(path, "w", encoding="utf-8") as file:
        file.write(str(kilobytes / 1024))


def fill(queue, ready, go, size, count):  # type: ignore[no-untyped-def]
    """Put so many items of so many bytes, once told to."""
    item = b"x" * size
    ready.put(None)
    go.get()
    for _ in range(count):
        queue.put(item)


def drain(queue, ready, over, count):  # type: ignore[no-untyped-def]
    """Get so many items."""
    ready.put(None)
    for _ in range(count):
        queue.get()
    over.put(None)


def finish_all(queue, ready, over, count):  # type: ignore[no-untyped-def]
    """Get so many items of a joinable queue and finish each."""
    ready.put(None)
    for _ in range(count):
        queue.get()
        queue.task_done()
    over.put(None)


def hand_back(there, back):  # type: ignore[no-untyped-def]
    """Hand every item back, until None comes."""
    item = there
    while item is not None:
        item = there.get()
        back.put(item)


def enter_often(lock, ready, count):  # type: ignore[no-untyped-def]
    """Enter and leave the lock so often."""
    ready.wait()
    for _ in range(count):
        with lock:
            pass


def return_condition(condition, turn, count):  # type: ignore[no-untyped-def]
    """Take the turn back so often."""
    with condition:
        for _ in range(count):
            while not turn.value:
                condition.wait()
            turn.value = 0
            condition.notify()


def return_event(there, back, count):  # type: ignore[no-untyped-def]
    """Answer the event so often."""
    for _ in range(count):
        there.wait()
        there.clear()
        back.set()


def pass_barrier(barrier, count):  # type: ignore[no-untyped-def]
    """Pass the barrier so often."""
    for _ in range(count):
        barrier.wait()


def append_often(proxy, ready, over, warm, count):  # type: ignore[no-untyped-def]
    """Append so many items, after some that do not count, once the others are ready as well."""
    for _ in range(warm):
        proxy.append(None)
    ready.wait()
    for _ in range(count):
        proxy.append(None)
    over.put(None)


def same(thing):  # type: ignore[no-untyped-def]
    """Give it back."""
    return thing


def length(data):  # type: ignore[no-untyped-def]
    """How many bytes these are."""
    return len(data)


def of_length(size):  # type: ignore[no-untyped-def]
    """So many bytes."""
    return b"x" * size


def doze(seconds):  # type: ignore[no-untyped-def]
    """Take so long."""
    if seconds:
        import time

        time.sleep(seconds)
