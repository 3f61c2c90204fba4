"""``python -m threadsim``."""

import sys

from _threadsim_main import main

sys.exit(main())
