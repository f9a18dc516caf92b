"""`python3 -m launch run|test|quick|deep|bench|lock|messages|clean-data`: what the Makefile calls, on a bare Python."""

import os
import shutil
import sys

SUPPORTED = ((3, 11), (3, 12), (3, 13))

if sys.version_info[:2] not in SUPPORTED:  # this file alone must be readable by an older Python
    for _major, _minor in SUPPORTED:
        _other = shutil.which("python{}.{}".format(_major, _minor))  # noqa: UP032
        if _other:
            os.execv(_other, [_other, "-m", "launch", *sys.argv[1:]])
    sys.exit(f"Stopped: this needs Python 3.11, 3.12 or 3.13; {sys.executable} is {sys.version.split()[0]}.")

from launch.commands import main  # noqa: E402 - only a fit Python may read it

sys.exit(main(sys.argv[1:]))
