"""The words of `see` that have a value, and what is asked of mailboxes, gates and calls that block."""

from __future__ import annotations

import ast
from collections.abc import Callable

from mpspec.observation import procfs
from mpspec.observation.blocked import Blocked
from mpspec.observation.mailbox import Gate, Mailbox
from mpspec.observation.see import See

from mpconform.standalone.rewriting import Rewriting
from mpconform.standalone.syntax import expression

PROCFS = procfs.__name__.rpartition(".")[2]
"""What the modules of the spec call the module that reads /proc."""
ENDS = {Mailbox.post.__name__: (1, "send"), Mailbox.take.__name__: (0, "recv")}
"""What a mailbox is asked -> which end of a Pipe is asked what."""


def _pipe(rewriting: Rewriting, call: ast.Call) -> ast.expr:
    return expression("mp.Pipe(False)")


def _comes_back(rewriting: Rewriting, call: ast.Call) -> ast.expr:
    return expression(f"{rewriting.submitted(call)}.result()")  # of another thread, as it is promised to


def _in_thread(rewriting: Rewriting, call: ast.Call) -> ast.expr:
    return expression(rewriting.submitted(call))


def _blocks(rewriting: Rewriting, call: ast.Call) -> ast.expr:
    rewriting.needs.stand_ins.add("blocks")
    rewriting.needs.imports |= {"time", "concurrent.futures"}
    inner = ast.Call(func=ast.Name("blocks", ast.Load()), args=call.args, keywords=call.keywords)
    return expression(rewriting.text(inner))


def _timed(rewriting: Rewriting, call: ast.Call, at_least: ast.expr) -> ast.expr:
    rewriting.needs.stand_ins.add("timed")
    rewriting.needs.imports.add("time")
    inner = ast.Call(func=ast.Name("timed", ast.Load()), args=[at_least, *call.args], keywords=call.keywords)
    return expression(rewriting.text(inner))


def _expires(rewriting: Rewriting, call: ast.Call) -> ast.expr:
    return _timed(rewriting, call, call.args[0])


def _is_over(rewriting: Rewriting, call: ast.Call) -> ast.expr:
    return _timed(rewriting, call, ast.Constant(0))


def _alive(rewriting: Rewriting, call: ast.Call) -> ast.expr:
    rewriting.needs.stand_ins.add("state")
    return expression(f"state({rewriting.text(call.args[0])}) not in (None, 'Z', 'X')")


def _zombie(rewriting: Rewriting, call: ast.Call) -> ast.expr:
    rewriting.needs.stand_ins.add("state")
    return expression(f"state({rewriting.text(call.args[0])}) == 'Z'")


VALUES: dict[str, Callable[[Rewriting, ast.Call], ast.expr]] = {
    See.mailbox.__name__: _pipe,
    See.gate.__name__: _pipe,
    See.comes_back.__name__: _comes_back,
    See.in_thread.__name__: _in_thread,
    See.blocks.__name__: _blocks,
    See.expires.__name__: _expires,
    See.is_over.__name__: _is_over,
    See.alive.__name__: _alive,
    See.zombie.__name__: _zombie,
}
"""Word -> how it is said amid an expression."""


def asked(rewriting: Rewriting, call: ast.Call) -> ast.expr | None:
    """What a mailbox, a gate or a call that blocks is asked, or None where the call is none of that."""
    match call.func:
        case ast.Attribute(value=owner, attr=Mailbox.take_all.__name__) if len(call.args) == 1:
            return expression(f"[{rewriting.text(owner)}[0].recv() for _ in range({rewriting.text(call.args[0])})]")
        case ast.Attribute(value=ast.Name(id=box), attr=Mailbox.empty.__name__) if box in rewriting.mailboxes:
            within = [rewriting.text(each) for each in (*call.args, *(k.value for k in call.keywords))]
            return expression(f"not {box}[0].poll({', '.join(within)})")
        case ast.Attribute(value=owner, attr=Blocked.ends.__name__) if not call.args:
            return expression(f"{rewriting.text(owner)}.result()")
        case ast.Attribute(value=owner, attr=Gate.open.__name__) if not call.args:
            return expression(f"{rewriting.text(owner)}[1].send('open')")
        case ast.Attribute(value=ast.Name(id=gate), attr=Gate.wait.__name__) if gate in rewriting.mailboxes:
            return expression(f"{gate}[0].poll(None)")
    return None
