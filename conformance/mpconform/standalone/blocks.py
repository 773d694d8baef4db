"""The words of `see` that are the head of a `with` block, each as a person would write it."""

from __future__ import annotations

import ast
from collections.abc import Callable

from mpspec.observation.see import See

from mpconform.standalone.rewriting import Rewriting, asserted
from mpconform.standalone.syntax import argument, expression, lines, required

Body = list[ast.stmt]


def _raises(rewriting: Rewriting, call: ast.Call, name: ast.expr | None, body: Body) -> Body:
    kinds = ", ".join(rewriting.text(kind) for kind in call.args)
    matched = argument(call, "match", len(call.args))
    caught = name.id if isinstance(name, ast.Name) else ""
    rewriting.caught.add(caught)
    handling = []
    if matched is not None:
        rewriting.needs.imports.add("re")
        handling.append(f"assert re.search({rewriting.text(matched)}, str(error)), error")
    if caught:
        handling.append(f"{caught} = error")
    several = len(call.args) > 1 or isinstance(call.args[0], ast.Starred)
    (block,) = lines(
        f"try:\n    pass\nexcept {f'({kinds},)' if several else kinds}{' as error' if handling else ''}:\n"
        f"    {'; '.join(handling) or 'pass'}\nelse:\n    raise AssertionError({f'{kinds} is not raised'!r})"
    )
    assert isinstance(block, ast.Try)
    rewriting.expecting += 1
    block.body = rewriting.statements(body)
    rewriting.expecting -= 1
    return [block]


def _takes(rewriting: Rewriting, call: ast.Call, name: ast.expr | None, body: Body) -> Body:
    rewriting.needs.imports.add("time")
    least = rewriting.text(required(call, "at_least", 0))
    began = lines("began = time.monotonic()")
    check = asserted(f"time.monotonic() - began >= {least} - 0.005", "it took less time")
    inner = rewriting.statements(body)
    if rewriting.expecting:  # the time counts although the block raises
        return [*began, ast.Try(body=inner, handlers=[], orelse=[], finalbody=check)]
    return [*began, *inner, *check]


def _warns(rewriting: Rewriting, call: ast.Call, name: ast.expr | None, body: Body) -> Body:
    rewriting.needs.imports |= {"warnings", "re"}
    kind, matched = rewriting.text(required(call, "kind", 0)), argument(call, "match", 1)
    told = f" and re.search({rewriting.text(matched)}, str(w.message))" if matched is not None else ""
    (block,) = lines("with warnings.catch_warnings(record=True) as told:\n    warnings.simplefilter('always')")
    assert isinstance(block, ast.With)
    block.body += rewriting.statements(body)
    return [block, *asserted(f"any(issubclass(w.category, {kind}){told} for w in told)", "nothing warns")]


def _output(rewriting: Rewriting, call: ast.Call, name: ast.expr | None, body: Body) -> Body:
    if name is None:
        return rewriting.statements(body)  # nobody looks at it
    rewriting.needs.stand_ins.add("Output")
    rewriting.needs.imports |= {"os", "tempfile"}
    item = ast.withitem(context_expr=expression("Output()"), optional_vars=name)
    return [ast.With(items=[item], body=rewriting.statements(body))]


BLOCKS: dict[str, Callable[[Rewriting, ast.Call, ast.expr | None, Body], Body]] = {
    See.raises.__name__: _raises,
    See.takes.__name__: _takes,
    See.warns.__name__: _warns,
    See.output.__name__: _output,
}
"""Word -> how a block is said that has the word for its head, the variable behind `as`, and these statements."""
