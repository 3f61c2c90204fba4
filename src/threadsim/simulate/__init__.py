"""One execution: the kernel, the twin of ``_thread``, virtual time, the console, the patches."""
