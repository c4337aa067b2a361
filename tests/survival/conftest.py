"""What of the survival tests a machine can run: the kernel of Linux alone tells what was written when (strace)."""

import sys

collect_ignore = [] if sys.platform == "linux" else ["test_durability.py"]
