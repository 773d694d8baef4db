"""An implementation that has a part of the API is judged on that part; one that is started in its own way, by that."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from mpconform import presented
from mpconform.adapters.adapter import Adapter
from mpconform.adapters.interpreters import interpreter
from mpconform.adapters.offers import Offers
from mpconform.driver import greeting
from mpconform.driver.not_offered import declared
from mpconform.driver.zygotes import Zygote

Command = Callable[..., subprocess.CompletedProcess[str]]
POOL = "from multiprocessing.pool import ThreadPool as Pool\n"
OFFERS = '[offers]\nchapters = ["pool"]\nnames = ["Pool"]\nreason = "it replaces Pool alone"\n'
CHECK = "pool.apply.one-worker"


@pytest.fixture
def part(tmp_path: Path) -> Callable[..., str]:
    """Write an implementation and its adapter, with some lines; the option that names it."""

    def write(text: str, keys: str = "", tables: str = "") -> str:
        (tmp_path / "part.py").write_text(text)
        head = 'name = "part"\nimplementation = "part"\nexpose = ["./part.py"]\n'
        (tmp_path / "part.toml").write_text(f"{head}{keys}\n{tables}")
        return "--impl=part.toml"

    return write


def outcomes(report: Path) -> dict[str, tuple[str, str]]:
    """Check -> outcome, and the reason."""
    rows = json.loads(report.read_text())["checks"]
    return {row["check"]: (row["outcome"], row["evidence"].get("promised", "")) for row in rows}


def test_a_pool_alone_is_judged_on_its_chapter_and_all_else_is_not_offered(
    part: Callable[..., str], mpconform: Command, tmp_path: Path
) -> None:
    impl = part(POOL, "methods = []", OFFERS)
    ran = mpconform("run", impl, CHECK, "log.logger.one", "process.join.again", "--report=run.json")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    found = outcomes(tmp_path / "run.json")
    assert {found.pop(check)[0] for check in list(found) if check.startswith("pool")} == {"kept"}
    assert found
    assert set(found.values()) == {("not offered", "it replaces Pool alone")}


def test_a_chapter_that_is_not_offered_is_told_as_such_and_has_no_floor(
    part: Callable[..., str], mpconform: Command
) -> None:
    ran = mpconform("run", part(POOL, "methods = []", OFFERS), "--chapter=log")
    assert "0 of 0 MUST clauses kept; none broken; 0 not run; 1 chapter not offered" in ran.stdout
    assert "no floor is recorded" not in ran.stdout


def test_without_an_adapter_a_pool_alone_is_asked_for_what_its_chapter_needs(
    mpconform: Command, tmp_path: Path
) -> None:
    (tmp_path / "alone.py").write_text(
        "from multiprocessing import Pool, get_context, get_start_method, set_start_method\n"
    )
    assert mpconform("run", "--impl=alone", CHECK, "--start-method=fork").returncode == 0
    refused = mpconform("run", "--impl=alone", "process.join.again")
    assert refused.returncode == 3
    assert "lacks, or cannot call, Process, current_process" in refused.stderr


def test_a_pool_that_does_not_work_is_told_before_any_verdict(part: Callable[..., str], mpconform: Command) -> None:
    ran = mpconform("run", part("def Pool(*arguments):\n    1 / 0\n", "methods = []", OFFERS))
    assert ran.returncode == 3
    assert "A pool of one worker was made" in ran.stderr
    assert "ZeroDivisionError" in ran.stderr


def test_without_a_start_method_each_clause_stands_once_and_unbound(
    part: Callable[..., str], mpconform: Command, tmp_path: Path
) -> None:
    impl = part("from multiprocessing import *", "methods = []")
    ran = mpconform("run", impl, "process.join", "process.start", "--report=run.json")
    assert "process.join.again" in outcomes(tmp_path / "run.json")
    assert not any(f"[{method}" in ran.stdout for method in ("fork", "spawn", "forkserver"))
    refused = mpconform("run", impl, "process.join", "--start-method=fork")
    assert refused.returncode == 2
    assert "part has none" in refused.stderr


def test_what_is_below_an_offered_name_is_missing_and_what_is_beside_it_is_not_offered() -> None:
    offers = Offers(("pool",), ("Pool", "pool.AsyncResult"), "by design")
    assert declared(["multiprocessing.Queue"], {}, offers) == "by design"
    assert declared(["Pool.map"], {}, offers) is None
    assert declared(["Connection.recv_bytes_into"], {}, offers) is None, "the part has handed out what lacks it"
    assert declared(["multiprocessing.pool.AsyncResult.get", "AsyncResult.get"], {}, offers) is None
    assert declared(["Pool.map"], {"Pool.map": "not yet"}, offers) == "not yet"
    assert declared([], {}, offers) is None


OPENS = f"""
{POOL}
import os, threading
EVER, KEPT = os.pipe(), []
threading.Thread(target=threading.Event().wait, daemon=True).start()
make = Pool
def Pool(*arguments):
    KEPT.append(KEPT[0] if KEPT else os.pipe())
    return make(*arguments)
"""


def test_what_an_import_opens_and_what_a_pool_alone_keeps_for_life_is_not_left_behind(
    part: Callable[..., str], mpconform: Command
) -> None:
    ran = mpconform("run", part(OPENS, "methods = []\nwarm = false", OFFERS), CHECK)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "part keeps descriptors for life, as measured: 2 pipe" in ran.stdout
    leaks = OPENS.replace("KEPT[0] if KEPT else os.pipe()", "os.pipe()")
    assert "LEAKED" in mpconform("run", part(leaks, "methods = []\nwarm = false", OFFERS), CHECK).stdout


LAUNCHED = "import os\nassert os.environ['LAUNCHED_WITH'] == '--quietly'\nfrom multiprocessing import *\n"
EXECUTED = "class Process: ...\n"
SHELL = '#!/bin/sh\nLAUNCHED_WITH=$1; export LAUNCHED_WITH; shift; exec "$@"\n'
PROGRAM = ("--", "python", "-c", "import os; print(os.environ['LAUNCHED_WITH'])")


def test_a_launcher_starts_the_interpreters(part: Callable[..., str], mpconform: Command, tmp_path: Path) -> None:
    program = tmp_path / "bin" / "launch"
    program.parent.mkdir()
    program.write_text(SHELL)
    program.chmod(0o755)
    impl = part(LAUNCHED, 'launcher = ["launch", "--quietly"]')
    path = f"{program.parent}:/usr/bin:/bin"
    ran = mpconform("run", impl, "process.join.again", "--start-method=spawn", PATH=path)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    impl = part(EXECUTED, 'launcher = ["launch", "--quietly"]')
    assert mpconform("exec", impl, *PROGRAM, PATH=path).stdout == "--quietly\n"


def test_a_launcher_that_is_asleep_for_longer_than_an_import_may_last_is_waited_for(tmp_path: Path) -> None:
    program = tmp_path / "launch"
    program.write_text(f'#!/bin/sh\nsleep {0.1 * greeting.IMPORT + 0.5}; exec "$@"\n')
    program.chmod(0o755)
    slow = Adapter("slow", "json", launcher=(str(program),))
    with Zygote(slow, interpreter(sys.executable), patience=0.1) as zygote:
        assert zygote.start()["ready"]


def test_a_launcher_that_is_not_there_is_told(part: Callable[..., str], mpconform: Command) -> None:
    impl = part(LAUNCHED, 'launcher = ["no-such-launcher"]')
    for words in (("run", impl, CHECK), ("exec", impl, *PROGRAM)):
        ran = mpconform(*words)
        assert ran.returncode == 3
        assert "part is started by no-such-launcher, neither beside" in ran.stderr


def test_the_variables_of_an_adapter_are_those_of_every_process(part: Callable[..., str], mpconform: Command) -> None:
    impl = part(LAUNCHED, tables='[variables]\nLAUNCHED_WITH = "--quietly"')
    ran = mpconform("run", impl, "process.join.again", "--start-method=spawn")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    impl = part(EXECUTED, tables='[variables]\nLAUNCHED_WITH = "--quietly"')
    assert mpconform("exec", impl, *PROGRAM).stdout == "--quietly\n"


def test_a_promise_of_some_start_methods_is_none_of_an_implementation_that_has_none_to_choose(
    part: Callable[..., str], mpconform: Command, tmp_path: Path
) -> None:
    impl = part("from multiprocessing import *\n", "methods = []")
    ran = mpconform(
        "run", impl, "synchronize.inheritance.global", "synchronize.inheritance.nested", "--report=run.json"
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    found = outcomes(tmp_path / "run.json")
    assert found.pop("synchronize.inheritance.nested")[0] == "kept"
    assert found
    why = "promised of fork alone, part has no start method of which one could be chosen"
    assert set(found.values()) == {("not applicable", why)}


STANDS_FOR_RAY = """\
#!/bin/sh
for word; do case $word in --temp-dir=*) folder=${word#--temp-dir=} ;; esac; done
mkdir "$folder"
echo "$RAY_AUTH_MODE $RAY_AUTH_TOKEN" > "$folder/ray_current_cluster"
"""


def test_the_cluster_of_ray_obeys_those_alone_who_know_its_token(tmp_path: Path) -> None:
    """It listens at every address of the machine."""
    (tmp_path / "ray").write_text(STANDS_FOR_RAY)
    (tmp_path / "ray").chmod(0o755)
    environment = {"PATH": f"{tmp_path}:/usr/bin:/bin", "RAY_AUTH_MODE": "disabled", "RAY_AUTH_TOKEN": "another"}
    tells = ["/bin/sh", "-c", 'echo "$RAY_ADDRESS"; echo "$RAY_AUTH_MODE $RAY_AUTH_TOKEN"']
    tokens = set()
    for name in "one", "two":
        (tmp_path / name).mkdir()
        words = [sys.executable, str(Path(presented.__file__).parent / "ray_cluster.py"), *tells]
        out = subprocess.run(words, env=environment, cwd=tmp_path / name, capture_output=True, text=True, check=True)
        of_the_cluster, of_the_command = out.stdout.splitlines()
        assert of_the_cluster == of_the_command
        mode, token = of_the_command.split()
        assert mode == "token"
        tokens.add(token)
    assert len({*tokens, "another"}) == 3
