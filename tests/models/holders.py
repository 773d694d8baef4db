"""What the workers of a model do with the containers of a manager, under any interpreter.

Each process holds proxies by number, as many as the driver wants it to. Values go as JSON, in which {"proxy": NUMBER}
stands for a proxy.
"""

import importlib

from mpspec.models.containers import apply

NAMES = ("x", "y", "_hidden")
"""The attributes of a namespace that are told; the last one is never its own."""
TEXT = 300
"""Characters of an error that are told."""


def encode(value, number_of):
    """The value as JSON can have it. number_of: tells the number of a proxy, and None of all else."""
    number = number_of(value)
    if number is not None:
        return {"proxy": number}
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if type(value) is list:
        return [encode(item, number_of) for item in value]
    if type(value) is tuple:
        return {"tuple": [encode(item, number_of) for item in value]}
    if type(value) is dict:
        return {"dict": [[encode(key, number_of), encode(item, number_of)] for key, item in value.items()]}
    if type(value) in (set, frozenset):
        return {"set": [encode(item, number_of) for item in value]}
    if type(value) is slice:
        return {"slice": [value.start, value.stop, value.step]}
    if type(value).__name__ in ("Namespace", "SimpleNamespace"):
        given = {name: getattr(value, name) for name in NAMES if hasattr(value, name)}
        return {"Namespace": encode(given, number_of)}
    return {"unknown": repr(value)[:TEXT]}


def decode(value, proxy_of, namespace=dict):
    """The value from JSON. proxy_of: gives the proxy of a number; namespace: makes one of its attributes."""
    if isinstance(value, list):
        return [decode(item, proxy_of, namespace) for item in value]
    if not isinstance(value, dict):
        return value
    ((kind, content),) = value.items()
    if kind == "proxy":
        return proxy_of(content)
    if kind == "unknown":
        return value
    content = decode(content, proxy_of, namespace)
    if kind == "Namespace":
        return namespace(content)
    if kind == "slice":
        return slice(*content)
    return {"tuple": tuple, "set": set, "dict": dict}[kind](content)


def spoil(value):
    """Change every plain mutable value in place: who keeps it instead of a copy will show that."""
    if type(value) is list:
        for item in value:
            spoil(item)
        value.append("spoilt")
    elif type(value) is tuple:
        for item in value:
            spoil(item)
    elif type(value) is dict:
        for item in value.values():
            spoil(item)
        value["spoilt"] = "spoilt"
    elif type(value) is set:
        value.add("spoilt")


class Holders:
    """A manager, a first list, and what each process needs to hold proxies, to make shared objects and to give them."""

    def __init__(self, module, context, processes):
        self._module = module
        self._manager = context.Manager()
        self._address = self._manager.address
        self._first = self._manager.list()
        self._held = {0: self._first}
        self._inboxes = [context.Pipe(False) for _ in range(processes)]
        self._connected = None
        self._next = 1

    def end(self):
        """End the manager."""
        self._manager.shutdown()

    def offers(self, kind):
        """Whether the manager has this kind of container."""
        return hasattr(self._manager, kind)

    def make(self, kind, *content):
        """A new shared object, made by a manager object that this process has connected by itself."""
        if self._connected is None:
            managers = importlib.import_module(self._module + ".managers")
            connected = managers.SyncManager(address=self._address)
            connected.connect()
            self._connected = connected
        content = decode(list(content), self._held.__getitem__)
        made = getattr(self._connected, kind)(*content)
        spoil(content)
        return self._hold(made)

    def give(self, number, process):
        """Send a proxy to another process."""
        self._inboxes[process][1].send(self._held[number])

    def take(self, process):
        """Receive what another one has sent."""
        return self._hold(self._inboxes[process][0].recv())

    def drop(self, *numbers):
        """Forget proxies."""
        for number in numbers:
            del self._held[number]

    def forget(self):
        """Drop all proxies but that of the first list."""
        self._held = {0: self._first}

    def operate(self, what, number, *arguments):
        """The result of an operation on a proxy. Each proxy in it is held from now on."""
        arguments = decode(list(arguments), self._held.__getitem__)
        result = apply(self._held[number], what, *arguments)
        told = encode(result, self._number_of)
        spoil(arguments)
        spoil(result)
        return told

    def _number_of(self, value):
        managers = importlib.import_module(self._module + ".managers")
        return self._hold(value) if isinstance(value, managers.BaseProxy) else None

    def _hold(self, proxy):
        number, self._next = self._next, self._next + 1
        self._held[number] = proxy
        return number


def use(holders, process, what, *arguments):
    """What comes of one order to a worker of this process: ["returned", VALUE] or ["raised", NAME, TEXT]."""
    try:
        return ["returned", getattr(holders, what)(*arguments)]
    except Exception as error:
        return ["raised", type(error).__name__, str(error)[-TEXT:]]
