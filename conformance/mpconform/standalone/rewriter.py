"""What a clause says with `see`, in Python that needs no engine, as a person would write it.

Works on the syntax of a clause's body. Waits become plain calls, since the script that they end up in is ended as a
whole where it hangs; mailboxes and gates become a pair of ends of a Pipe, which needs no lock and no context.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Any

from mpspec.implementation import Missing, under_test
from mpspec.observation import waits
from mpspec.observation.blocked import Blocked
from mpspec.observation.mailbox import Gate, Mailbox
from mpspec.observation.see import NotKept, See
from mpspec.observation.witness import target, testify

from mpconform.standalone.blocks import BLOCKS
from mpconform.standalone.rewriting import Rewriting, asserted
from mpconform.standalone.stand_ins import SETTLED
from mpconform.standalone.statements import STATEMENTS
from mpconform.standalone.syntax import NeedsEngine, expression, lines, word
from mpconform.standalone.values import ENDS, PROCFS, VALUES, asked

_WAITS = {name: value for name, value in vars(waits).items() if isinstance(value, float)}
_RENAMED = {NotKept.__name__: "AssertionError", Missing.__name__: "AttributeError"}
_BOXES = {See.mailbox.__name__, See.gate.__name__}

UNSAYABLE = {
    See.program.__name__: "a program of its own is run",
    See.start_program.__name__: "a program of its own is run",
    "folder": "the folder of a host",
}
"""Word -> why only the engine can say it, in words that go behind "it needs the engine: "."""


class Rewriter(Rewriting, ast.NodeTransformer):
    """Rewrites the syntax of functions; afterwards `needs` tells what the result needs.

    modules: names of `mp.x` that are modules of their own, for `mp_x`. tidies: whether a function of this name only
    keeps the host's folder tidy, which is nothing to a script.
    """

    def __init__(self, modules: Sequence[str] = (), tidies: Callable[[str], bool] = lambda name: False) -> None:
        super().__init__()
        self._modules = set(modules)
        self._tidies = tidies

    # Statements

    def definition(self, one: ast.stmt) -> ast.stmt:
        """A definition, rewritten."""
        names = {node.id for node in ast.walk(one) if isinstance(node, ast.Name)}
        self.mailboxes.clear()
        self.seen = next(name for name in ("seen", "got", "observed") if name not in names)
        (rewritten,) = self.statements([one])
        return rewritten

    def statements(self, body: list[ast.stmt]) -> list[ast.stmt]:
        """The statements, rewritten; never empty."""
        found: list[ast.stmt] = []
        for one in body:
            found += self._statement(one)
        return found or [ast.Pass()]

    def _statement(self, one: ast.stmt) -> list[ast.stmt]:
        match one:
            case ast.Expr(value=ast.Constant()):
                return []  # a docstring
            case ast.Expr(value=ast.Call(func=ast.Name(id=name))) if name == testify.__name__ or self._tidies(name):
                return []  # for the engine
            case ast.Expr(value=ast.Call() as call) if word(call) in STATEMENTS:
                return STATEMENTS[str(word(call))](self, call)
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=blocked, attr=Blocked.still.__name__), args=[])):
                return [*lines("time.sleep(0.05)"), *asserted(f"not {self.text(blocked)}.done()", "")]
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=blocked, attr=Blocked.goes_on.__name__), args=[])):
                self.needs.imports.add("time")
                return [*lines(f"time.sleep({waits.HELD:g})"), *asserted(f"not {self.text(blocked)}.done()", "goes on")]
            case ast.With(items=[first, *rest]) if word(first.context_expr):
                inner: list[ast.stmt] = [ast.With(items=rest, body=one.body)] if rest else one.body
                return self._block(first, inner)
            case ast.With(items=items) if any(word(item.context_expr) for item in items):
                outer, *rest = items
                inner = self._statement(ast.With(items=rest, body=one.body))
                return [ast.With(items=[self.visit(outer)], body=inner)]
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call() as call) if word(call) == See.blocks.__name__:
                started = lines(f"{name} = {self.submitted(call)}", f"time.sleep({SETTLED})")
                return [*started, *asserted(f"not {name}.done()", "blocks")]
            case ast.ImportFrom(module=str(module)) if module.startswith("mpspec."):
                self.needs.imported |= {each.asname or each.name: (module, each.name) for each in one.names}
                return []
            case ast.Assign(targets=[target], value=value) if _makes_a_box(value):
                pairs = [(target, value)]
                if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
                    pairs = list(zip(target.elts, value.elts, strict=True))
                self.mailboxes |= {ast.unparse(name) for name, made in pairs if _makes_a_box(made)}
                return self._whole(one)
            case ast.AnnAssign(value=None):
                return []
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                return self._whole(ast.Assign(targets=[target], value=value, lineno=one.lineno))
            case _:
                return self._whole(one)

    def _block(self, item: ast.withitem, body: list[ast.stmt]) -> list[ast.stmt]:
        head = str(word(item.context_expr))
        if head not in BLOCKS:
            raise NeedsEngine(UNSAYABLE.get(head, f"see.{head}"))
        assert isinstance(item.context_expr, ast.Call)
        return BLOCKS[head](self, item.context_expr, item.optional_vars, body)

    def _whole(self, one: ast.stmt) -> list[ast.stmt]:
        """The statement with what stands in it rewritten: its blocks as statements, the rest as expressions."""
        for field, value in ast.iter_fields(one):
            if isinstance(value, list) and value and isinstance(value[0], ast.stmt):
                setattr(one, field, self.statements(value))
            elif isinstance(value, list):
                setattr(one, field, [self._part(each) for each in value])
            elif isinstance(value, ast.AST):
                setattr(one, field, self._part(value))
        if isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef)):
            one.returns = None
            one.decorator_list = [each for each in one.decorator_list if ast.unparse(each) != target.__name__]
        return [one]

    def _part(self, part: Any) -> Any:
        if not isinstance(part, ast.AST):
            return part  # a name
        if isinstance(part, (ast.ExceptHandler, ast.match_case)):
            part.body = self.statements(part.body)
            return part
        return self.visit(part)

    # Expressions

    def text(self, node: ast.expr, *, comparing: bool = False) -> str:
        """The expression, rewritten, as text. comparing: it stands beside a comparison."""
        text = ast.unparse(self.visit(node))
        return f"({text})" if comparing and isinstance(node, (ast.Compare, ast.BoolOp, ast.IfExp, ast.Lambda)) else text

    def visit_Call(self, call: ast.Call) -> ast.expr:
        """Words that have a value, and what is asked of mailboxes, gates and blocked calls."""
        said = word(call)
        if said is not None:
            if said not in VALUES:
                raise NeedsEngine(UNSAYABLE.get(said, f"see.{said} amid an expression"))
            return VALUES[said](self, call)
        answer = asked(self, call)
        if answer is not None:
            return answer
        if isinstance(call.func, ast.Name) and call.func.id == under_test.__name__:
            _, _, names = ast.literal_eval(call.args[0]).partition(".") if call.args else ("", "", "")
            return self.visit(expression(f"mp.{names}" if names else "mp"))  # type: ignore[no-any-return]
        match call.func:
            case ast.Attribute(attr=Mailbox.take.__name__):
                call.args = []
            case ast.Attribute(value=ast.Name(id=owner), attr="state") if owner == PROCFS:
                self.needs.stand_ins.add("state")
                call.func = ast.Name("state", ast.Load())
        call.args = [each for each in call.args if not (isinstance(each, ast.Name) and each.id == "see")]
        self.generic_visit(call)
        return call

    def visit_Attribute(self, one: ast.Attribute) -> ast.expr:
        """Modules of the implementation, and the error that a block has caught."""
        match one:
            case ast.Attribute(value=ast.Name(id="mp"), attr=name) if name in self._modules:
                self.needs.submodules.add(name)
                return ast.Name(f"mp_{name}", ast.Load())
            case ast.Attribute(value=ast.Name(id=name), attr="error") if name in self.caught:
                return ast.Name(name, ast.Load())
            case ast.Attribute(value=ast.Name(id="see"), attr=name):
                raise NeedsEngine(UNSAYABLE.get(name, f"see.{name}"))
            case ast.Attribute(attr="thread"):
                raise NeedsEngine("the thread of a call that blocks")
            case ast.Attribute(attr=end) if end in ENDS:
                place, name = ENDS[end]
                return expression(f"{self.text(one.value)}[{place}].{name}")
        self.generic_visit(one)
        return one

    def visit_Name(self, name: ast.Name) -> ast.expr:
        """Exceptions of the spec by what they stand for, and its waits by their seconds."""
        if name.id == "see":
            raise NeedsEngine("an observation that is handed on")
        if name.id in _WAITS:
            return expression(f"{_WAITS[name.id]:g}")
        return ast.Name(_RENAMED.get(name.id, name.id), name.ctx)

    def visit_arguments(self, given: ast.arguments) -> ast.arguments:
        """Parameters without `see`, and without annotations."""
        for one in (*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg):
            if one is not None and one.annotation is not None:
                if ast.unparse(one.annotation) in (Mailbox.__name__, Gate.__name__):
                    self.mailboxes.add(one.arg)
                one.annotation = None
        given.args = [one for one in given.args if one.arg != "see"]
        given.defaults = [self.visit(one) for one in given.defaults]
        given.kw_defaults = [one and self.visit(one) for one in given.kw_defaults]
        return given


def _makes_a_box(value: ast.expr) -> bool:
    return any(word(each) in _BOXES for each in ast.walk(value))
