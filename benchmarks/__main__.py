"""`make bench`: every measurement of benchmarks/README.md, each in a process of its own.

make bench                          all of them, up to 100 k members
make bench ARGS="--full"            the bill run at 1 M members as well (minutes, and some GB of disk)
make bench ARGS="audited_page"      only those named
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

FOLDER = Path(__file__).parent
ARGUMENTS = {
    "bill_run": ["--members", "10000", "100000", "--two-workers", "--bulk-create"],
    "sign_in": ["--samples", "1000", "--sign-in-samples", "200"],
}
FULL = ARGUMENTS | {"bill_run": ["--members", "10000", "100000", "1000000", "--two-workers", "--bulk-create"]}


def main(arguments: list[str]) -> int:
    existing = sorted(path.stem for path in FOLDER.glob("[a-z]*.py"))
    names = [name for name in arguments if not name.startswith("-")]
    unknown = [name for name in names if name not in existing]
    if unknown or any(name != "--full" for name in arguments if name.startswith("-")):
        print(f"{__doc__}\nThere are: {', '.join(existing)}", file=sys.stderr)
        return 2
    settled = FULL if "--full" in arguments else ARGUMENTS
    failed = []
    for name in names or existing:
        print(f"\n--- {name} {'-' * (70 - len(name))}", flush=True)
        began = time.monotonic()
        command = [sys.executable, "-m", f"benchmarks.{name}", *settled.get(name, [])]
        if subprocess.run(command, cwd=FOLDER.parent, check=False).returncode != 0:
            failed.append(name)
        print(f"({time.monotonic() - began:.0f} s)", flush=True)
    if failed:
        print(f"FAILED: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
