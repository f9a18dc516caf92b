"""Which tests a change touches, for `make quick`: those of the changed modules and of all that import them."""

import subprocess
from collections.abc import Iterable
from pathlib import Path

from launch.common import ROOT

# These import everything by their trade: a change below them says nothing of their own tests.
COMPOSITION = frozenset({"urls", "apps", "celery", "wsgi", "demo", "load_demo"})
# Whatever stands here may change any test.
EVERYTHING = ("tests/conftest.py", "tests/plugin.py", "tests/factories/", "launch/testbed.py", "requirements/")
ALWAYS = ("tests/house",)


def files() -> list[str]:
    """What differs from the main branch, committed or not; from the last commit where there is no other."""
    base = next((found for name in ("origin/main", "main") if (found := _git("merge-base", "HEAD", name))), "HEAD")
    if base == _git("rev-parse", "HEAD"):
        base = "HEAD"
    named = _git("diff", "--name-only", base).splitlines() + _git("ls-files", "-o", "--exclude-standard").splitlines()
    return sorted(set(named))


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""


def tests(changed: Iterable[str], apps: Iterable[str]) -> list[str]:
    """Files and folders for pytest. Every test where what changed may touch any."""
    apps = tuple(apps)
    chosen: set[str] = set(ALWAYS)
    modules: set[str] = set()
    for name in changed:
        head, _, rest = name.partition("/")
        if name.startswith(EVERYTHING) or "/settings/" in name or "/migrations/" in name:
            return ["tests"]
        if head == "tests" and name.endswith(".py"):
            chosen |= {name} & _existing(name)
        elif head in apps and name.endswith(".py"):
            modules.add(_module(name))
        elif head == "templates":
            folder = rest.partition("/")[0]
            chosen |= _existing(f"tests/{folder}" if folder in apps else "tests/portals")
        elif head == "launch":
            chosen |= _existing("tests/launch")
    if modules:
        for module in _affected(modules, apps):
            chosen |= _beside(module)
    return sorted(chosen)


def _module(name: str) -> str:
    return name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _affected(modules: set[str], apps: tuple[str, ...]) -> set[str]:
    import grimp

    graph = grimp.build_graph(*apps)
    for module in [each for each in graph.modules if each.rpartition(".")[2] in COMPOSITION]:
        graph.remove_module(module)
    found = set(modules)
    for module in modules & graph.modules:
        found |= graph.find_downstream_modules(module)
    return found


def _beside(module: str) -> set[str]:
    """The tests of a module: those of its room, or the flat ones of its app."""
    parts = module.split(".")
    while len(parts) > 1:
        parts.pop()
        folder = ROOT / "tests" / Path(*parts)
        if folder.is_dir():
            if len(parts) > 1:
                return {folder.relative_to(ROOT).as_posix()}
            return {path.relative_to(ROOT).as_posix() for path in folder.glob("test_*.py")}
    return set()


def _existing(name: str) -> set[str]:
    return {name} if (ROOT / name).exists() else set()
