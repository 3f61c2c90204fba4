"""The objects of one execution: who is who, and what they are called.

An object is known by its identity, and nothing of that reaches a trace: it gets its number when the trace
is made, in the order of the events, and its name from the source. So that an identity is not used again
while it counts, an object that cannot be referred to weakly is kept alive to the end of the execution; for
the others a weak reference tells of their death.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from types import CodeType, FrameType, ModuleType
from weakref import ref

from threadsim.instrument.access import Access, Namespace
from threadsim.instrument.names import name_of_new, name_of_receiver
from threadsim.instrument.passage import ModuleView
from threadsim.instrument.sites import caller_frame, site_at
from threadsim.model.site import Site
from threadsim.simulate.identities import Identities

WITH_MEMBERS = frozenset({"instance", "class", "namespace"})
"""Kinds of entries whose attributes or globals, not they themselves, are what threads share."""


class Entry:
    """What is known of one object.

    Attributes:
        kind: As in a trace; or one of `WITH_MEMBERS`.
        name: As in the source, not yet unique; None until it is known.
        site: Where it was made or first seen.
        key: Tells it from all others, in each execution of the program the same.
    """

    __slots__ = ("_members", "has_members", "key", "kind", "name", "site")

    def __init__(self, kind: str, name: str | None, site: Site | None) -> None:
        self.kind = kind
        self.name = name
        self.site = site
        self.key: Hashable = (kind, name)
        self.has_members = kind in WITH_MEMBERS
        self._members: dict[str, Entry] = {}

    def location(self, member: str) -> Entry:
        """The entry of an attribute or a global; of anything else, the entry itself."""
        if not self.has_members:
            return self
        found = self._members.get(member)
        if found is None:
            found = self._members[member] = self._member(member)
        return found

    def _member(self, member: str) -> Entry:
        if self.kind == "namespace":
            found = Entry("global", f"{self.name}.{member}" if self.name else member, None)
        else:
            found = Entry("attribute", f"{self.name}.{member}", None)
        found.key = self.key, member
        return found


class Registry:
    """The entries of one execution.

    Args:
        views: What is known of the modules in scope, by file.
        identities: Gives the entries their keys.

    Attributes:
        views: The same.
    """

    def __init__(self, views: Mapping[str, ModuleView], identities: Identities) -> None:
        self.views = views
        self.identities = identities
        self._entries: dict[int, Entry] = {}
        self._kept: dict[int, object] = {}  # the objects, or the references to them
        self._ordinals: dict[int, tuple[int, object]] = {}
        self._instances: dict[str, int] = {}

    @property
    def files(self) -> list[str]:
        """The source files of the modules in scope."""
        return list(self.views)

    def ordinal(self, obj: object) -> int:
        """A number for an object, in the order in which they are asked about."""
        return self._ordinals.setdefault(id(obj), (len(self._ordinals), obj))[0]

    def let_go(self) -> None:
        """Keep no object of the program's any more; the entries stay good."""
        self._entries.clear()
        self._kept.clear()
        self._ordinals.clear()
        self.identities.let_go()

    def entry(self, obj: object, kind: str) -> Entry:
        """The entry of an object that threads share, made when it is first asked for."""
        found = self._entries.get(id(obj))
        if found is None:
            found = self.add(obj, Entry(kind, None, None))
        return found

    def add(self, obj: object, entry: Entry, *, made: bool = False) -> Entry:
        """Have `entry` stand for `obj`, which perhaps is just being made, until that dies."""
        entry.key = self.identities.key(obj, entry.kind, made=made)
        return self.stand_for(obj, entry)

    def stand_for(self, obj: object, entry: Entry) -> Entry:
        """Have an entry that there is already stand for `obj`, too."""
        key = id(obj)
        entries = self._entries
        try:
            self._kept[key] = ref(obj, lambda _: entries.pop(key, None))
        except TypeError:
            self._kept[key] = obj
        entries[key] = entry
        return entry

    def add_lasting(self, obj: object, entry: Entry) -> None:
        """The same for an object that outlives the execution."""
        self._entries[id(obj)] = entry

    def owner(self, obj: object) -> Entry:
        """The entry of an instance or a class, whose attributes are shared: ``Account``, ``Account#2``."""
        found = self._entries.get(id(obj))
        if found is not None:
            return found
        if isinstance(obj, type):
            return self.add(obj, Entry("class", obj.__name__, None))
        return self.add(obj, Entry("instance", self._ordinal(type(obj).__name__), None))

    def _ordinal(self, name: str) -> str:
        count = self._instances[name] = self._instances.get(name, 0) + 1
        return name if count == 1 else f"{name}#{count}"

    def namespace(self, namespace: Namespace) -> Entry:
        """The entry of a module's globals, whether seen from inside or as ``module.name``."""
        found = self._entries.get(id(namespace.globals))
        return self.add(namespace.globals, Entry("namespace", None, None)) if found is None else found

    def module(self, module: ModuleType, name: str) -> Entry | None:
        """The entry of the globals of a module in scope, seen as ``module.name``; None if not shared."""
        view = self.views.get(module.__dict__.get("__file__", ""))
        if view is None or name not in view.shared.globals:
            return None
        return self.namespace(view.namespace)

    def cell(self, cell: object, name: str) -> Entry:
        """The entry of a closure's variable."""
        found = self._entries.get(id(cell))
        return self.add(cell, Entry("cell", name, None)) if found is None else found

    def made(self, obj: object, kind: str, depth: int) -> Entry:
        """Note an object as it is made, with the name that the line which makes it gives it.

        Args:
            obj: What is being made.
            kind: As in a trace.
            depth: Of the frame to look from; 0 is the caller.
        """
        frame = caller_frame(depth + 1)
        if frame is None:
            return self.add(obj, Entry(kind, None, None), made=True)
        entry = Entry(kind, self._name_of_new(frame), site_at(frame.f_code, frame.f_lasti))
        return self.add(obj, entry, made=True)

    def _name_of_new(self, frame: FrameType) -> str | None:
        code = frame.f_code
        key = id(code), frame.f_lasti
        known = _names_of_new.get(key)
        if known is None:
            found = name_of_new(frame)
            text = None if found is None else found.text
            known = _names_of_new[key] = code, text, found is not None and found.owner is not None
        _, text, has_owner = known
        if text is None or not has_owner:
            return text
        owner = frame.f_locals.get(code.co_varnames[0]) if code.co_varnames else None
        return self._owned(text, owner)

    def _owned(self, text: str, owner: object) -> str:
        """``Account._lock`` of the second account is ``Account#2._lock``."""
        if owner is None:
            return text
        _, hash_sign, ordinal = (self.owner(owner).name or "").partition("#")
        name, dot, attribute = text.partition(".")
        return f"{name}{hash_sign}{ordinal}{dot}{attribute}"

    def name_from_use(self, entry: Entry, frame: FrameType | None, site: Site | None) -> None:
        """Give an object that has no name the one by which it is used here."""
        entry.site = entry.site or site
        found = name_of_receiver(frame, site) if frame is not None else None
        entry.name = entry.kind.lower() if found is None else self._owned(found.text, found.owner)

    def container(self, obj: object, kind: str, access: Access) -> Entry:
        """The entry of a list, a dict …, named by the expression with which it is first touched.

        To be called by a hook that the function itself calls.
        """
        found = self._entries.get(id(obj))
        if found is not None:
            return found
        known = _names_of_use.get(id(access))
        entry = self.add(obj, Entry(kind, known[1] if known is not None else None, access.site))
        if known is None:
            frame = caller_frame()
            name = None if frame is None else name_of_receiver(frame, access.site)
            if name is None or name.owner is None:
                _names_of_use[id(access)] = access, kind if name is None else name.text
            entry.name = kind if name is None else self._owned(name.text, name.owner)
        return entry


_names_of_new: dict[tuple[int, int], tuple[CodeType, str | None, bool]] = {}
"""By code and instruction: the code (kept alive), the name, and whether it is an attribute of `self`."""

_names_of_use: dict[int, tuple[Access, str]] = {}
"""By access (kept alive): the name of the container there, if it is no attribute of `self`."""
