"""What holds for all tests."""

from __future__ import annotations

import signal

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell starts what it runs in the background like that, and so is what a test starts:
    # Ctrl-C would end none of them.
    signal.signal(signal.SIGINT, signal.default_int_handler)
