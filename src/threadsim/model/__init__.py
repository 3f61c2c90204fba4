"""What everything else reads and writes: events, sites, schedules, traces, and their file.

Values only. Nothing here runs a program, and nothing here imports another room.
"""
