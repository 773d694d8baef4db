"""Where the page and CPython disagree: one entry each, to which the stdlib's baselines point."""

from __future__ import annotations

from mpspec.registers.errata_of_dummy import OF_DUMMY
from mpspec.registers.erratum import ALL, Erratum

ERRATA: tuple[Erratum, ...] = (
    *OF_DUMMY,
    Erratum(
        "process.name.subclass",
        "a process without a name given is called 'Process-N1:N2:…:Nk'",
        {ALL: "the name begins with the name of the class: 'Worker-1'"},
    ),
    Erratum(
        "process.name.context",
        "a process without a name given is called 'Process-N1:N2:…:Nk'",
        {ALL: "the name begins with the name of the context's class: 'ForkProcess-1', 'SpawnProcess-1'"},
    ),
    Erratum(
        "process.start.keeps-arguments",
        "what is handed over as an argument is not garbage collected in the parent while the child runs",
        {ALL: "start() drops its references to target and arguments in the parent"},
        "https://github.com/python/cpython/issues/110660",
    ),
    Erratum(
        "guidelines.resources.kept",
        "what is handed over as an argument is not garbage collected in the parent while the child runs",
        {ALL: "start() drops its references to the arguments, and what one of them holds is freed"},
        "https://github.com/python/cpython/issues/110660",
    ),
    Erratum(
        "process.join.threads",
        "the exitcode of a run() that returned is 0, and a process can be joined many times",
        {ALL: "with forkserver two threads that join at once read one status: the later one makes it 255"},
        "https://github.com/python/cpython/issues/130895",
    ),
    Erratum(
        "process.args.connections",
        "args is a list or tuple of arguments for the target, of any length",
        {ALL: "with forkserver start() raises ValueError (too many fds) for more than 253 connections"},
    ),
    Erratum(
        "process.join.timeout-huge",
        "join() takes a positive number of seconds and blocks at most so long",
        {"3.9 to 3.14": "OverflowError: the timeout goes to poll() as milliseconds in a C int"},
    ),
    Erratum(
        "queue.get.timeout-huge",
        "get() takes a positive number of seconds and blocks at most so long",
        {"3.9 to 3.14": "OverflowError: the timeout goes to poll() as milliseconds in a C int"},
    ),
    Erratum(
        "queue.exit.first-put",
        "put() puts an object into the queue, and a child that gets it is joined at the exit of the program",
        {"3.12.0 to 3.12.2": "RuntimeError in an exit handler: no thread can be started any more, so no feeder"},
        "https://github.com/python/cpython/issues/113964",
    ),
    Erratum(
        "queue.close.releases",
        "close() releases internal resources",
        {ALL: "the writing end of a queue into which this process has put nothing stays open until it is collected"},
    ),
    Erratum(
        "process.sentinel.exec",
        "the sentinel becomes ready when the process ends",
        {ALL: "with fork it becomes ready when the child runs another program by exec, which closes the pipe's end"},
    ),
    Erratum(
        "process.join.exec",
        "join(timeout) blocks at most timeout seconds",
        {ALL: "with fork, after exec in the child, the sentinel is ready and it waits for the end without a limit"},
    ),
    Erratum(
        "process.sentinel.grandchild",
        "the sentinel becomes ready when the process ends",
        {ALL: "with fork a child of the child inherits the write end of the sentinel and holds it up"},
    ),
    Erratum(
        "process.join.grandchild",
        "join(timeout) returns when the process ends",
        {ALL: "with fork join(timeout) waits for the sentinel, which a child of the child holds up"},
    ),
    Erratum(
        "parent_process.killed-siblings",
        "parent_process() stands for the parent, as a process object: it is alive until the parent ends",
        {ALL: "with fork a later sibling inherits the write end by which the end of the parent is seen"},
    ),
    Erratum(
        "process.daemon.stubborn",
        "daemons are terminated, not joined, when their parent exits",
        {ALL: "they are joined after SIGTERM was sent: one that ignores it keeps the parent from ending"},
        "https://github.com/python/cpython/issues/108645",
    ),
    Erratum(
        "pool.terminate.stubborn",
        "terminate() stops the worker processes immediately",
        {ALL: "they are sent SIGTERM and waited for: one that ignores it keeps terminate() from coming back"},
    ),
    Erratum(
        "context.get.library",
        "a library that takes a context leaves the choice of the start method to its user",
        {
            "3.9 to 3.13.11": "the start of a process by a context of spawn or forkserver fixes the program's method",
            "3.14.0 to 3.14.2": "the start of a process by a context of spawn or forkserver fixes the program's method",
        },
        "https://github.com/python/cpython/issues/109263",
    ),
    Erratum(
        "context.api.names",
        "a context has the attributes of the module",
        {ALL: "the contexts of the three methods have no get_all_start_methods"},
    ),
    Erratum(
        "context.api.all-start-methods",
        "a context has the attributes of the module",
        {ALL: "the contexts of the three methods have no get_all_start_methods"},
    ),
    Erratum(
        "context.locks.of-fork",
        "a lock of the fork context cannot be passed to a process by spawn or forkserver",
        {"3.9 to 3.11.4": "start() takes it, and the child finds memory in its place that is not its own"},
        "https://github.com/python/cpython/issues/77377",
    ),
    Erratum(
        "log.stderr.level-notset",
        "the level of the logger is changed by passing one",
        {ALL: "log_to_stderr(0), which is NOTSET, leaves the level as it is"},
    ),
    Erratum(
        "connection.recv.eof-unread",
        "receiving raises EOFError where nothing is left to receive and the other end was closed",
        {ALL: "ConnectionResetError the first time where the other end of a duplex pipe had something left to receive"},
    ),
    Erratum(
        "connection.send_bytes.buffers",
        "a complete message is sent from any bytes-like object",
        {ALL: "of a buffer with more than one dimension only as many bytes are sent as its first one has items"},
    ),
    Erratum(
        "connection.recv_bytes_into.offset-at-end",
        "the offset is less than the length of the buffer",
        {ALL: "an offset that is the length is taken, where the message is empty"},
    ),
    Erratum(
        "connection.poll.long-timeout",
        "a timeout that is a number is how long it blocks at most",
        {"3.9 to 3.14": "OverflowError for threading.TIMEOUT_MAX"},
    ),
    Erratum(
        "connection.wait.long-timeout",
        "a timeout that is a float is how long it blocks at most",
        {"3.9 to 3.14": "OverflowError for threading.TIMEOUT_MAX"},
    ),
    Erratum(
        "listeners.family.unknown",
        "the kind of a connection is determined by the family, which is one of three names",
        {ALL: "Client() takes any value for the family and connects by the form of the address"},
    ),
    Erratum(
        "listeners.family.backslashes-given-to-client",
        "the type of a connection is determined by the family that is given; two backslashes mean a pipe by default",
        {ALL: "AttributeError: Client() looks for an AF_PIPE of sockets, whatever family is given"},
    ),
    Erratum(
        "listeners.key.empty-listener",
        "a key that is not None is used for authentication",
        {"3.9 to 3.12": "a listener whose key is empty accepts everybody, without a challenge"},
    ),
    Erratum(
        "listeners.key.empty-same",
        "a key that is not None is used for authentication, on both sides",
        {"3.9 to 3.12": "the listener does not challenge, the client waits for its challenge for ever"},
    ),
    Erratum(
        "listeners.key.client-only",
        "AuthenticationError is raised if authentication fails",
        {"3.9 to 3.11": "AssertionError, and under -O the message is taken for a challenge"},
    ),
    Erratum(
        "listeners.key.caller-leaves",
        "accept() raises AuthenticationError if authentication is attempted and fails",
        {ALL: "EOFError or ConnectionResetError where the caller leaves without an answer"},
    ),
    Erratum(
        "listeners.key.listener-leaves",
        "Client() raises AuthenticationError if authentication fails",
        {ALL: "EOFError or ConnectionResetError where the listener leaves without a challenge"},
    ),
    Erratum(
        "queue.put.pickles-at-once",
        "the object is pickled when it is put",
        {ALL: "it is pickled later, by the feeder thread: what is changed after put() may arrive changed"},
    ),
    Erratum(
        "queue.put.pickles-here",
        "the object is pickled when it is put",
        {ALL: "it is pickled later, by the feeder thread"},
        "https://github.com/python/cpython/issues/109554",
    ),
    Erratum(
        "queue.put.unpicklable",
        "the object is pickled when it is put",
        {ALL: "put() returns; the feeder thread prints the error and drops the object"},
        "https://github.com/python/cpython/issues/84376",
    ),
    Erratum(
        "queue.put.unpicklable-harmless",
        "the object is pickled when it is put",
        {ALL: "put() returns; the object takes a slot until the feeder thread has dropped it"},
        "https://github.com/python/cpython/issues/84376",
    ),
    Erratum(
        "joinable_queue.put.unpicklable",
        "the object is pickled when it is put",
        {ALL: "put() returns, the feeder thread drops the object, and join() waits for ever for it to be finished"},
        "https://github.com/python/cpython/issues/84376",
    ),
    Erratum(
        "queue.exit.child-still-starting",
        "at its exit a program joins its children; a child uses the queue that it was given",
        {ALL: "with spawn and forkserver the exit removes the semaphores before the child has found them"},
    ),
    Erratum(
        "simple_queue.put.item-name",
        "the parameter of put() is called item",
        {ALL: "it is called obj"},
    ),
    Erratum(
        "synchronize.semaphore.value.negative",
        "Semaphore and BoundedSemaphore are those of threading, which raise ValueError for a negative value",
        {ALL: "OSError (EINVAL) of the system call"},
    ),
    Erratum(
        "synchronize.condition.wait.without-lock",
        "Condition is an alias of that of threading, which raises RuntimeError",
        {ALL: "AssertionError, and under -O none of its own"},
    ),
    Erratum(
        "synchronize.condition.notify.without-lock",
        "Condition is an alias of that of threading, which raises RuntimeError",
        {ALL: "AssertionError, and under -O none at all"},
    ),
    Erratum(
        "synchronize.condition.without-lock-other-thread",
        "Condition is an alias of that of threading, which raises RuntimeError",
        {ALL: "AssertionError, and under -O none of its own"},
    ),
    Erratum(
        "synchronize.condition.locked",
        "Condition is an alias of that of threading, which has locked() since 3.14",
        {ALL: "it has no locked(), which the locks and semaphores have since then"},
    ),
    Erratum(
        "synchronize.event.wait.false-on-timeout-only",
        "Event is a clone of that of threading, whose wait() returns False only where a timeout was given and is over",
        {ALL: "False where the flag was cleared before the waiter got to run"},
    ),
    Erratum(
        "synchronize.event.wait.signal-sets",
        "Event is a clone of that of threading, whose wait() ends once the flag is true, whoever sets it",
        {ALL: "set() in a handler waits for the wait() that it has interrupted to wake up: both block"},
    ),
    Erratum(
        "synchronize.event.interrupted",
        "Event is a clone of that of threading: is_set() tells of the flag and set() makes it true",
        {ALL: "each takes one lock, which is not recursive: a handler that interrupts one and calls another blocks"},
    ),
    Erratum(
        "synchronize.inheritance.kept-alive",
        "an object that a child was given is not collected in the parent while the child lives",
        {ALL: "under spawn and forkserver start() drops the arguments; the child does not find the semaphore"},
    ),
    Erratum(
        "sharedctypes.synchronized.methods",
        "a synchronized wrapper has two methods in addition to those of the object that it wraps",
        {ALL: "it has none of the methods of the type of the object, only fields, items, value and raw"},
    ),
    Erratum(
        "sharedctypes.inheritance.not-overlaid",
        "an object that a child was given is not collected in the parent while the child lives",
        {ALL: "start() drops the arguments; the memory is handed out anew while the child uses it"},
    ),
    Erratum(
        "sharedctypes.leftovers.ended",
        "when all processes of a program have ended, nothing of what it shared is left",
        {ALL: "the folder of the fork server's socket stays where the program ended without its exit handlers"},
    ),
    Erratum(
        "sharedctypes.leftovers.killed",
        "when all processes of a program have ended, nothing of what it shared is left",
        {ALL: "the folder of the fork server's socket stays where the program ended without its exit handlers"},
    ),
    Erratum(
        "synchronize.leftovers.ended",
        "when all processes of a program have ended, nothing of what it shared is left",
        {ALL: "the folder of the fork server's socket stays where the program ended without its exit handlers"},
    ),
    Erratum(
        "synchronize.leftovers.killed",
        "when all processes of a program have ended, nothing of what it shared is left",
        {ALL: "the folder of the fork server's socket stays where the program ended without its exit handlers"},
    ),
    Erratum(
        "manager.condition.lock-given.wait",
        "a condition can be made with the proxy of an RLock",
        {ALL: "with that of an RLock wait() and notify() raise RuntimeError: the lock that is held counts as free"},
    ),
    Erratum(
        "manager.lifetime.parent-vanishes",
        "the process of a manager is shut down as soon as its parent process exits",
        {ALL: "it outlives a parent that ends without its exit handlers"},
        "https://github.com/python/cpython/issues/81158",
    ),
    Erratum(
        "manager.dict.iterated-elsewhere",
        "a proxy can be used just like its referent, and be passed between processes",
        {ALL: "AttributeError in a process without the manager object: the type of the iterator is not known"},
        "https://github.com/python/cpython/issues/99595",
    ),
    Erratum(
        "proxy.call-method.proxy.child",
        "the methods named in method_to_typeid return proxies",
        {ALL: "AttributeError in a process without the manager object: the type of the result is not known"},
        "https://github.com/python/cpython/issues/99595",
    ),
    Erratum(
        "proxy.cleanup.contained",
        "a shared object is deleted when there are no longer any proxies referring to it",
        {ALL: "one of which a proxy was ever put into another shared object is never deleted"},
        "https://github.com/python/cpython/issues/103136",
    ),
    Erratum(
        "proxy.cleanup.other-process",
        "a shared object is deleted when there are no longer any proxies referring to it, and not before",
        {"3.10 to 3.15": "with spawn it is deleted while a child has a proxy of it, once the parent drops its own"},
        "https://github.com/python/cpython/issues/119937",
    ),
    Erratum(
        "manager.authkey.not-bytes",
        "a key that is not None is a byte string",
        {ALL: "a number is taken, for so many null bytes"},
    ),
    Erratum(
        "manager.shutdown.unresponsive",
        "shutdown() waits for the process until its timeout is over, then terminates it, and then kills it",
        {"3.11 to 3.15": "it waits without a limit for a process that is stopped to take note of its request"},
    ),
    Erratum(
        "manager.shutdown.surplus",
        "shutdown() has no parameters",
        {ALL: "shutdown(5) shuts down: what is given is taken for a reference, and not used"},
    ),
    Erratum(
        "manager.exposed.nothing",
        "_exposed_ or the public methods are used where exposed is None",
        {ALL: "they are used where it is empty, too: everything public is exposed"},
    ),
    Erratum(
        "manager.returned.before-the-proxytype",
        "_method_to_typeid_ of the proxytype is used where method_to_typeid is None",
        {ALL: "it is used where the mapping is empty, too"},
    ),
    Erratum(
        "pool.callback.empty",
        "when the result becomes ready callback is applied to it, that is unless the call failed",
        {ALL: "no callback is called for an empty iterable, whose result is ready at once"},
    ),
    Erratum(
        "examples.exchanging.lock",
        "processes that are started with a lock, and not joined, print one after another",
        {ALL: "FileNotFoundError by spawn and forkserver: the lock is gone when the program comes to its end"},
        "https://github.com/python/cpython/issues/116526",
    ),
)
