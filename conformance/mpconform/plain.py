"""The vocabulary of observation in plain Python: what a clause says with `see`, as a person would write it.

Works on the syntax of a clause's body. Waits become plain calls, since the script that they end up in is ended as a
whole where it hangs; mailboxes and gates become a pair of ends of a Pipe, which needs no lock and no context.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Any

from mpspec.observation import waits

from mpconform.stand_ins import SETTLED

ROOM = 100
"""Columns for a statement, which may be indented."""
_WAITS = {name: value for name, value in vars(waits).items() if isinstance(value, float)}
_RENAMED = {"NotKept": "AssertionError", "Missing": "AttributeError"}
_ENDS = {"post": (1, "send"), "take": (0, "recv")}
"""What a mailbox is asked -> which end of a Pipe is asked what."""


class NotPlain(Exception):
    """Something of the clause that cannot be said without the engine; the text says what."""


class Plain(ast.NodeTransformer):
    """Rewrites the syntax of functions. modules: names of `mp.x` that are modules of their own, for `mp_x`.

    Afterwards imports: modules that the result needs (concurrent.futures for its ThreadPoolExecutor); stand_ins:
    names of STAND_INS that it needs; submodules: those of `modules` that it needs; imported: names that functions
    import of the spec themselves, with module and name there.
    """

    def __init__(self, modules: Sequence[str] = ()) -> None:
        self.modules = set(modules)
        self.imports: set[str] = set()
        self.stand_ins: set[str] = set()
        self.submodules: set[str] = set()
        self.imported: dict[str, tuple[str, str]] = {}
        self.seen = "seen"
        self._letters: set[str] = set()  # the names of mailboxes and gates
        self._caught: set[str] = set()
        self._expecting = 0

    # Statements

    def definition(self, one: ast.stmt) -> ast.stmt:
        """A definition, rewritten."""
        names = {node.id for node in ast.walk(one) if isinstance(node, ast.Name)}
        self._letters.clear()
        self.seen = next(name for name in ("seen", "got", "observed") if name not in names)
        (plain,) = self.statements([one])
        return plain

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
            case ast.Expr(value=ast.Call(func=ast.Name(id="remove_leftovers" | "testify"))):
                return []  # for the engine
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id="see"), attr=word)) as call):
                say = _WORDS.get(word)
                return say(self, call) if say else self._whole(one)
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=blocked, attr="still"), args=[])):
                return [*self._lines("time.sleep(0.05)"), *self._assert(f"not {self._text(blocked)}.done()", "")]
            case ast.With(items=[first, *rest]) if self._is_see(first.context_expr):
                inner: list[ast.stmt] = [ast.With(items=rest, body=one.body)] if rest else one.body
                return self._with(first, inner)
            case ast.With(items=items) if any(self._is_see(item.context_expr) for item in items):
                outer, *rest = items
                inner = self._statement(ast.With(items=rest, body=one.body))
                return [ast.With(items=[self.visit(outer)], body=inner)]
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call() as call) if self._is_see(call, "blocks"):
                started = f"{name} = {self._submitted(call)}"
                return [*self._lines(started, f"time.sleep({SETTLED})"), *self._assert(f"not {name}.done()", "blocks")]
            case ast.ImportFrom(module=str(module)) if module.startswith("mpspec."):
                self.imported |= {each.asname or each.name: (module, each.name) for each in one.names}
                return []
            case ast.Assign(targets=[target], value=value) if self._has_letters(value):
                pairs = [(target, value)]
                if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
                    pairs = list(zip(target.elts, value.elts, strict=True))
                self._letters |= {ast.unparse(name) for name, made in pairs if self._has_letters(made)}
                return self._whole(one)
            case ast.AnnAssign(value=None):
                return []
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                return self._whole(ast.Assign(targets=[target], value=value, lineno=one.lineno))
            case _:
                return self._whole(one)

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
            one.decorator_list = [each for each in one.decorator_list if ast.unparse(each) != "target"]
        return [one]

    def _part(self, part: Any) -> Any:
        if not isinstance(part, ast.AST):
            return part  # a name
        if isinstance(part, (ast.ExceptHandler, ast.match_case)):
            part.body = self.statements(part.body)
            return part
        return self.visit(part)

    # Blocks

    def _with(self, item: ast.withitem, body: list[ast.stmt]) -> list[ast.stmt]:
        call = item.context_expr
        assert isinstance(call, ast.Call)
        assert isinstance(call.func, ast.Attribute)
        match call.func.attr:
            case "raises":
                return self._raises(call, item.optional_vars, body)
            case "takes":
                return self._takes(call, body)
            case "warns":
                return self._warns(call, body)
            case "output":
                if item.optional_vars is None:
                    return self.statements(body)  # nobody looks at it
                self.stand_ins.add("Output")
                self.imports |= {"os", "tempfile"}
                item.context_expr = self._expression("Output()")
                return [ast.With(items=[item], body=self.statements(body))]
            case word:
                raise NotPlain(_WHY.get(word, f"see.{word}"))

    def _raises(self, call: ast.Call, name: ast.expr | None, body: list[ast.stmt]) -> list[ast.stmt]:
        kinds = ", ".join(self._text(kind) for kind in call.args)
        matched = _argument(call, "match", 99)
        caught = name.id if isinstance(name, ast.Name) else ""
        self._caught.add(caught)
        handling = []
        if matched is not None:
            self.imports.add("re")
            handling.append(f"assert re.search({self._text(matched)}, str(error)), error")
        if caught:
            handling.append(f"{caught} = error")
        several = len(call.args) > 1 or isinstance(call.args[0], ast.Starred)
        (block,) = self._lines(
            f"try:\n    pass\nexcept {f'({kinds},)' if several else kinds}{' as error' if handling else ''}:\n"
            f"    {'; '.join(handling) or 'pass'}\nelse:\n    raise AssertionError({f'{kinds} is not raised'!r})"
        )
        assert isinstance(block, ast.Try)
        self._expecting += 1
        block.body = self.statements(body)
        self._expecting -= 1
        return [block]

    def _takes(self, call: ast.Call, body: list[ast.stmt]) -> list[ast.stmt]:
        self.imports.add("time")
        least = self._text(_required(call, "at_least", 0))
        began = self._lines("began = time.monotonic()")
        check = self._assert(f"time.monotonic() - began >= {least} - 0.005", "it took less time")
        inner = self.statements(body)
        if self._expecting:  # the time counts although the block raises
            return [*began, ast.Try(body=inner, handlers=[], orelse=[], finalbody=check)]
        return [*began, *inner, *check]

    def _warns(self, call: ast.Call, body: list[ast.stmt]) -> list[ast.stmt]:
        self.imports |= {"warnings", "re"}
        kind, matched = self._text(_required(call, "kind", 0)), _argument(call, "match", 1)
        told = f" and re.search({self._text(matched)}, str(w.message))" if matched is not None else ""
        (block,) = self._lines(
            "with warnings.catch_warnings(record=True) as told:\n    warnings.simplefilter('always')"
        )
        assert isinstance(block, ast.With)
        block.body += self.statements(body)
        return [block, *self._assert(f"any(issubclass(w.category, {kind}){told} for w in told)", "nothing warns")]

    # Words that are statements

    def _equal(self, call: ast.Call) -> list[ast.stmt]:
        seen = self._text(_required(call, "seen", 0))
        promised = self._text(_required(call, "promised", 1), comparing=True)
        what = _argument(call, "what", 2)
        told = str(what.value).replace("{", "{{").replace("}", "}}") if isinstance(what, ast.Constant) else ""
        if seen.isidentifier():
            return self._assert(f"{seen} == {promised}", f"{told}: {{{seen}!r}}" if told else "", seen)
        if len(f"assert (seen := {seen}) == {promised}, seen") > ROOM:
            return [*self._lines(f"{self.seen} = {seen}"), *self._assert(f"{self.seen} == {promised}", "", self.seen)]
        told = f"{told}: {{{self.seen}!r}}" if told else ""
        return self._assert(f"({self.seen} := {seen}) == {promised}", told, self.seen)

    def _true(self, call: ast.Call) -> list[ast.stmt]:
        promised = self._text(_required(call, "promised", 1))
        return self._lines(f"assert {self._text(_required(call, 'condition', 0))}, {promised}")

    def _returns(self, call: ast.Call) -> list[ast.stmt]:
        promised, function, *args = call.args
        inner = self._text(ast.Call(func=function, args=args, keywords=call.keywords))
        promised_text = self._text(promised, comparing=True)
        return self._assert(f"({self.seen} := {inner}) == {promised_text}", "", self.seen)

    def _exits(self, call: ast.Call) -> list[ast.stmt]:
        process, status = self._text(_required(call, "process", 0)), self._text(_required(call, "status", 1))
        return self._lines(f"{process}.join()", f"assert {process}.exitcode == {status}, {process}.exitcode")

    def _signature(self, call: ast.Call) -> list[ast.stmt]:
        function, promised = call.args
        if not isinstance(promised, ast.Constant):
            raise NotPlain("a signature that is computed")
        self.imports.add("inspect")
        return self._lines(
            f"def documented{promised.value!s}: pass",
            f"given = inspect.signature({self._text(function)}).parameters.values()",
            "given = [p.replace(annotation=p.empty) for p in given if p.name != 'self']",
            "assert given == [*inspect.signature(documented).parameters.values()], given",
        )

    def _eventually(self, call: ast.Call) -> list[ast.stmt]:
        holds = _required(call, "holds", 0)
        inline = isinstance(holds, ast.Lambda) and not holds.args.args
        test = self._text(holds.body) if isinstance(holds, ast.Lambda) and inline else f"({self._text(holds)})()"
        self.imports.add("time")
        return self._lines(f"while not ({test}): time.sleep(0.01)")

    def _sleeps(self, call: ast.Call) -> list[ast.stmt]:
        self.imports.add("time")
        return self._lines(f"time.sleep({SETTLED})")

    def _gone(self, call: ast.Call) -> list[ast.stmt]:
        self.stand_ins.add("state")
        self.imports.add("time")
        return self._lines(f"while state({self._text(call.args[0])}) not in (None, 'Z', 'X'): time.sleep(0.01)")

    def _records(self, call: ast.Call) -> list[ast.stmt]:
        pairs = ", ".join(f"{k.arg!r}: {self._text(k.value)}" for k in call.keywords if k.arg)
        return self._lines(f"print({{{pairs}}})")

    # Expressions

    def visit_Call(self, call: ast.Call) -> ast.expr:
        """Words that have a value, and what is asked of mailboxes, gates and blocked calls."""
        match call.func:
            case ast.Attribute(value=ast.Name(id="see"), attr=word):
                return self._value(word, call)
            case ast.Attribute(value=owner, attr="take_all") if len(call.args) == 1:
                return self._expression(f"[{self._text(owner)}[0].recv() for _ in range({self._text(call.args[0])})]")
            case ast.Attribute(value=ast.Name(id=owner), attr="empty") if owner in self._letters:
                within = [self._text(each) for each in (*call.args, *(k.value for k in call.keywords))]
                return self._expression(f"not {owner}[0].poll({', '.join(within)})")
            case ast.Attribute(value=owner, attr="ends") if not call.args:
                return self._expression(f"{self._text(owner)}.result()")
            case ast.Attribute(value=owner, attr="open") if not call.args:
                return self._expression(f"{self._text(owner)}[1].send('open')")
            case ast.Attribute(value=ast.Name(id=owner), attr="wait") if owner in self._letters:
                return self._expression(f"{owner}[0].poll(None)")
            case ast.Attribute(attr="take"):
                call.args = []
            case ast.Attribute(value=ast.Name(id="kernel"), attr="state"):
                self.stand_ins.add("state")
                call.func = ast.Name("state", ast.Load())
        call.args = [each for each in call.args if not (isinstance(each, ast.Name) and each.id == "see")]
        self.generic_visit(call)
        return call

    def _value(self, word: str, call: ast.Call) -> ast.expr:
        match word:
            case "mailbox" | "gate":
                return self._expression("mp.Pipe(False)")
            case "comes_back":
                return self._expression(f"{self._submitted(call)}.result()")  # of another thread, as it is promised to
            case "in_thread":
                return self._expression(self._submitted(call))
            case "blocks":
                self.stand_ins.add("blocks")
                self.imports |= {"time", "concurrent.futures"}
                return self.visit_Call(
                    ast.Call(func=ast.Name("blocks", ast.Load()), args=call.args, keywords=call.keywords)
                )
            case "alive" | "zombie":
                self.stand_ins.add("state")
                test = "not in (None, 'Z', 'X')" if word == "alive" else "== 'Z'"
                return self._expression(f"state({self._text(call.args[0])}) {test}")
            case _:
                raise NotPlain(_WHY.get(word, f"see.{word} amid an expression"))

    def visit_Attribute(self, one: ast.Attribute) -> ast.expr:
        """Modules of the implementation, and the error that a block has caught."""
        match one:
            case ast.Attribute(value=ast.Name(id="mp"), attr=name) if name in self.modules:
                self.submodules.add(name)
                return ast.Name(f"mp_{name}", ast.Load())
            case ast.Attribute(value=ast.Name(id=name), attr="error") if name in self._caught:
                return ast.Name(name, ast.Load())
            case ast.Attribute(value=ast.Name(id="see"), attr=name):
                raise NotPlain(_WHY.get(name, f"see.{name}"))
            case ast.Attribute(attr="thread"):
                raise NotPlain("the thread of a call that blocks")
            case ast.Attribute(attr=asked) if asked in _ENDS:
                place, name = _ENDS[asked]
                return self._expression(f"{self._text(one.value)}[{place}].{name}")
        self.generic_visit(one)
        return one

    def visit_Name(self, name: ast.Name) -> ast.expr:
        """Exceptions of the spec by what they stand for, and its waits by their seconds."""
        if name.id == "see":
            raise NotPlain("an observation that is handed on")
        if name.id in _WAITS:
            return self._expression(f"{_WAITS[name.id]:g}")
        return ast.Name(_RENAMED.get(name.id, name.id), name.ctx)

    def visit_arguments(self, given: ast.arguments) -> ast.arguments:
        """Parameters without `see`, and without annotations."""
        for one in (*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg):
            if one is not None and one.annotation is not None:
                if ast.unparse(one.annotation) in ("Mailbox", "Gate"):
                    self._letters.add(one.arg)
                one.annotation = None
        given.args = [one for one in given.args if one.arg != "see"]
        given.defaults = [self.visit(one) for one in given.defaults]
        given.kw_defaults = [one and self.visit(one) for one in given.kw_defaults]
        return given

    # Small change

    def _submitted(self, call: ast.Call) -> str:
        self.imports |= {"time", "concurrent.futures"}
        inner = ast.Call(func=ast.Name("submit", ast.Load()), args=call.args, keywords=call.keywords)
        return f"ThreadPoolExecutor().{self._text(inner)}"

    def _assert(self, test: str, told: str, seen: str = "") -> list[ast.stmt]:
        message = f", f{told!r}" if seen and told else f", {told!r}" if told else f", {seen}" if seen else ""
        text = f"assert {test}{message}"
        return self._lines(text if len(text) <= ROOM or not seen else f"assert {test}, {seen}")

    def _text(self, node: ast.expr, *, comparing: bool = False) -> str:
        text = ast.unparse(self.visit(node))
        return f"({text})" if comparing and isinstance(node, (ast.Compare, ast.BoolOp, ast.IfExp, ast.Lambda)) else text

    def _has_letters(self, value: ast.expr) -> bool:
        return any(self._is_see(each, word) for each in ast.walk(value) for word in ("mailbox", "gate"))

    @staticmethod
    def _lines(*lines: str) -> list[ast.stmt]:
        return ast.parse("\n".join(lines)).body

    @staticmethod
    def _expression(text: str) -> ast.expr:
        return ast.parse(text, mode="eval").body

    @staticmethod
    def _is_see(node: ast.AST, word: str | None = None) -> bool:
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="see"), attr=name)):
                return word in (None, name)
        return False


def _argument(call: ast.Call, name: str, place: int) -> ast.expr | None:
    if place < len(call.args):
        return call.args[place]
    return next((each.value for each in call.keywords if each.arg == name), None)


def _required(call: ast.Call, name: str, place: int) -> ast.expr:
    found = _argument(call, name, place)
    assert found is not None, name
    return found


_WORDS: dict[str, Callable[[Plain, ast.Call], list[ast.stmt]]] = {
    "equal": Plain._equal,
    "true": Plain._true,
    "returns": Plain._returns,
    "exits": Plain._exits,
    "signature": Plain._signature,
    "eventually": Plain._eventually,
    "sleeps": Plain._sleeps,
    "gone": Plain._gone,
    "records": Plain._records,
}
"""Word -> how it is said as a statement of its own."""

_WHY = {
    "program": "a program of its own is run",
    "start_program": "a program of its own is run",
    "folder": "the folder of a host",
}
"""Word that is not said plainly -> why, in words that go behind "it needs the engine: "."""
