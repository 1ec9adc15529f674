"""Trio's tasks as a tree for people, and their stacks. It reads what Trio tells of itself and changes nothing, so a
thread may use it while the event loop is blocked."""

import sys
import threading
import traceback
from collections.abc import Iterator, Sequence
from inspect import currentframe
from pathlib import Path
from types import CodeType, FrameType
from typing import NamedTuple
from weakref import WeakKeyDictionary

import trio

from triochat.net.connection import Connection
from triochat.observations import Stack, TaskRow

_TOLD_OF_A_KIND = 10
"""Siblings of the same name that are told of one by one."""
_DEEPEST = 40
_SOURCES = ("triochat", "triochat_admin")
_STEPS = "unrolled_run"
"""The function of Trio that gives tasks their turn."""


class Tasks:
    """The tasks below *root*."""

    def __init__(self, root: trio.lowlevel.Task) -> None:
        self._root = root
        self._ids: WeakKeyDictionary[trio.lowlevel.Task, int] = WeakKeyDictionary()
        self._last_id = 0

    def tree(self) -> list[TaskRow]:
        """All tasks, parents before children; of many of a kind only the first."""
        return list(self._rows(self._root, 0))

    def stack(self, task_id: int) -> Stack | None:
        """Where the task with this number is."""
        for task in self._all():
            if self._ids.get(task) == task_id:
                return self._stack(task)
        return None

    def stacks_of(self, connections: Sequence[Connection]) -> list[Stack]:
        """Where the tasks of these connections are."""
        wanted = set(map(id, connections))
        return [self._stack(task) for task in self._all() if id(_owner(task)) in wanted]

    def _rows(self, task: trio.lowlevel.Task, depth: int) -> Iterator[TaskRow]:
        yield self._row(task, depth)
        if depth >= _DEEPEST:
            return
        for nursery in list(task.child_nurseries):
            kinds: dict[str, list[trio.lowlevel.Task]] = {}
            for child in list(nursery.child_tasks):
                kinds.setdefault(child.name, []).append(child)
            for children in kinds.values():
                shown = sorted(children[:1000], key=self._id_of)[:_TOLD_OF_A_KIND]
                for child in shown[:-1]:
                    yield from self._rows(child, depth + 1)
                more = len(children) - len(shown)
                first, *rest = self._rows(shown[-1], depth + 1)
                yield TaskRow(first.id, first.depth, first.name, first.about, first.waits, more)
                yield from rest

    def _all(self) -> Iterator[trio.lowlevel.Task]:
        waiting = [self._root]
        while waiting:
            task = waiting.pop()
            yield task
            for nursery in list(task.child_nurseries):
                waiting += list(nursery.child_tasks)

    def _id_of(self, task: trio.lowlevel.Task) -> int:
        if task not in self._ids:
            self._last_id += 1
            self._ids[task] = self._last_id
        return self._ids[task]

    def _row(self, task: trio.lowlevel.Task, depth: int = 0) -> TaskRow:
        name = task.name.removeprefix("triochat.").removeprefix("triochat_admin.")
        places = list(_places(task))
        told = [place for place in places if place.ours] or [p for p in places if not p.file.startswith("_core/")]
        waits = str(told[-1]) if told else "" if places else "about to run"
        return TaskRow(self._id_of(task), depth, name, _about(_owner(task)), waits, 0)

    def _stack(self, task: trio.lowlevel.Task) -> Stack:
        return Stack(self._row(task), tuple(map(str, _places(task))))


class _Place(NamedTuple):
    """A line of code."""

    file: str
    line: int
    function: str
    ours: bool

    def __str__(self) -> str:
        return f"{self.file}:{self.line} in {self.function}"


def _places(task: trio.lowlevel.Task) -> Iterator[_Place]:
    """Where *task* is, the outermost place first."""
    for frame, line in task.iter_await_frames():
        yield _place(frame.f_code, line)


def _place(code: CodeType, line: int) -> _Place:
    parts = Path(code.co_filename).parts
    ours = next((i for i, part in enumerate(parts) if part in _SOURCES), None)
    shown = "/".join(parts[ours:] if ours is not None else parts[-2:])
    return _Place(shown, line, code.co_qualname, ours is not None)


def _owner(task: trio.lowlevel.Task) -> object:
    """The object whose method the task runs; it holds it all the time, so nothing needs to be kept beside."""
    frame = getattr(task.coro, "cr_frame", None)
    return frame.f_locals.get("self") if isinstance(frame, FrameType) else None


def _about(owner: object) -> str:
    if not isinstance(owner, Connection):
        return ""
    session = owner.session
    who = session.user.nick if session.user is not None else session.address
    return f"{who} #{session.id}"


def stack_of_thread(thread: int) -> list[str]:
    """Where a thread is now, the innermost place last; of the one that runs the loop, only what the task does."""
    frame = sys._current_frames().get(thread)
    if frame is None or frame is currentframe():
        return []
    summary = traceback.walk_stack(frame)
    places = [_place(frame.f_code, line) for frame, line in summary]
    below = next((i for i, place in enumerate(places) if place.function == _STEPS), len(places))
    return [str(place) for place in reversed(places[:below])]


def this_thread() -> int:
    """The number of the thread that calls."""
    return threading.get_ident()
