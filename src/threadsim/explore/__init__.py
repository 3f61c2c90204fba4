"""Many executions of one program: the search for one that fails, its shrinking, and what may be said of it.

- `settings`: what is wanted, one value.
- `searches`, `auto`: which schedules are tried, and in which order.
- `loop`: execution after execution; `tally`: what came of them so far.
- `defects`: what counts as a failure, and which failures are the same.
- `ctrl_c`: when Ctrl-C may be heeded.
- `verdict`: the one place that may say *exhausted*.
- `determinism`: notices a program that does not do the same under the same schedule.
- `directed`, `shrink`: from a failing execution to the smallest that fails the same way.
- `part`, `workers`, `work`: the same search spread over processes.
- `run`, `exploration`, `failure`, `api`: what a person gets.

How one execution is run, and how one strategy chooses, is not known here.
"""
