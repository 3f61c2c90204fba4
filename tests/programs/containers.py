"""Threads share containers of each kind, and look while others change them.

Outcomes: passed, failed.
"""

import threading
from collections import defaultdict, deque

words = ["a", "b"]
counts: dict[str, int] = defaultdict(int)
seen: set[str] = set()
last: deque[str] = deque(maxlen=2)


def count() -> None:
    for word in words:
        counts[word] += 1
        seen.add(word)
        last.append(word)
    if "b" in seen and len(last) == 2:
        words[0] = words[0].upper()


def tell() -> str:
    told = ""
    for word, number in counts.items():
        told += f"{word}={number} "
    return told


def frequent() -> list[str]:
    return [word for word, number in counts.items() if number > 1]


threads = [threading.Thread(target=target) for target in (count, tell, count, frequent)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(tell(), *frequent(), *sorted(seen), *last)
