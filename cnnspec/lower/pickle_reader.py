"""Reads a pickle without running it: an interpreter of the few instructions that tensors and plain data need.

Python's own unpickler imports and calls whatever the file names. Here a name is looked up in a closed table that the
caller hands over, nothing is imported, and an instruction outside the list ends the reading. Every bound is checked
before memory is taken, and values are never walked or compared, so that a small file cannot grow large.
The instructions are those of Python's pickletools; see docs/decisions/0004-weights-without-unpickling.md.
"""

import struct
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO

from cnnspec.lower.errors import WeightsError, shown

MOST_STEPS = 1_000_000
MOST_BYTES = 64 << 20
LONGEST_TEXT = 1 << 20
LONGEST_INTEGER = 16
STATE_DICT_HINT = "in torch, `torch.save(model.state_dict(), path)` writes a file that holds tensors only"

KEYS = (str, int, float, bytes, type(None))
_MARK = object()
_END = object()


class Known:
    """A global that the table lists. `call` makes a value of the arguments; None where it only stands for itself."""

    __slots__ = ("call", "name")

    def __init__(self, name: str, call: Callable[[tuple[Any, ...]], Any] | None = None) -> None:
        self.name = name
        self.call = call


class PickleReader:
    """One pickle from a stream, read to its end by `read`.

    `known` maps (module, name) to what stands for it, `persistent` resolves a persistent id. `remaining` is what the
    file still holds: no length in the pickle may exceed it.
    """

    def __init__(
        self,
        stream: BinaryIO,
        remaining: int,
        known: Mapping[tuple[str, str], Known],
        persistent: Callable[[Any], Any],
    ) -> None:
        self.stream = stream
        self.left = min(remaining, MOST_BYTES)
        self.known = known
        self.persistent = persistent
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}

    def read(self) -> Any:
        """The value; WeightsError where the pickle is broken or asks for more than data."""
        for _ in range(MOST_STEPS):
            code = self.take(1)[0]
            instruction = INSTRUCTIONS.get(code)
            if instruction is None:
                raise WeightsError(self._refusal(code), STATE_DICT_HINT)
            instruction(self)
            if self.stack and self.stack[-1] is _END:
                self.stack.pop()
                return self.pop()
        raise WeightsError(f"its pickle has more than {MOST_STEPS:,} instructions", STATE_DICT_HINT)

    def _refusal(self, code: int) -> str:
        if code == ord("i"):  # INST carries the name of what it would call
            wanted = shown(f"{self.line()}.{self.line()}")
            return f"it wants to run `{wanted}`; nothing was executed"
        return f"its pickle has an instruction (0x{code:02x}) that tensors and plain data do not need"

    # -- the stream and the stack ---------------------------------------------------------------------------------

    def take(self, count: int) -> bytes:
        """The next `count` bytes, never more than the file has."""
        if count > self.left:
            raise WeightsError("it ends in the middle of its pickle; the file is truncated or damaged")
        self.left -= count
        found = self.stream.read(count)
        if len(found) != count:
            raise WeightsError("it ends in the middle of its pickle; the file is truncated or damaged")
        return found

    def number(self, form: str) -> Any:
        return struct.unpack(form, self.take(struct.calcsize(form)))[0]

    def line(self) -> str:
        """A name as GLOBAL holds it: bytes up to a line end."""
        found = bytearray()
        while (byte := self.take(1)) != b"\n":
            found += byte
            if len(found) > 1000:
                raise WeightsError("its pickle has a name of more than 1,000 characters")
        return found.decode("utf-8", "backslashreplace")

    def text(self, form: str) -> str:
        try:
            return self.blob(form).decode("utf-8")
        except UnicodeDecodeError:
            raise WeightsError("its pickle has a text that is not UTF-8; the file is damaged") from None

    def blob(self, form: str) -> bytes:
        length = self.number(form)
        if not 0 <= length <= LONGEST_TEXT:
            raise WeightsError(f"its pickle has a text of {length:,} bytes; at most {LONGEST_TEXT:,} are read")
        return self.take(length)

    def push(self, value: Any) -> None:
        self.stack.append(value)

    def pop(self) -> Any:
        if not self.stack or self.stack[-1] is _MARK:
            raise WeightsError("its pickle is damaged: it takes a value that is not there")
        return self.stack.pop()

    def since_mark(self) -> list[Any]:
        for at in range(len(self.stack) - 1, -1, -1):
            if self.stack[at] is _MARK:
                found = self.stack[at + 1 :]
                del self.stack[at:]
                return found
        raise WeightsError("its pickle is damaged: a list has no beginning")

    def top(self, kind: type, what: str) -> Any:
        """The value on top, which must be a `kind`; it stays there."""
        if not self.stack or not isinstance(self.stack[-1], kind):
            raise WeightsError(f"its pickle is damaged: {what} is expected")
        return self.stack[-1]

    # -- what the longer instructions do --------------------------------------------------------------------------

    def protocol(self) -> None:
        version = self.take(1)[0]
        if version > 5:
            raise WeightsError(f"its pickle has protocol {version}; 2 to 5 are read")

    def frame(self) -> None:
        if self.number("<Q") > self.left:
            raise WeightsError("it ends in the middle of its pickle; the file is truncated or damaged")

    def integer(self, form: str) -> None:
        length = self.number(form)
        if not 0 <= length <= LONGEST_INTEGER:
            raise WeightsError(f"its pickle has an integer of {length:,} bytes; at most {LONGEST_INTEGER} are read")
        self.push(int.from_bytes(self.take(length), "little", signed=True))

    def tuple_of(self, count: int) -> None:
        values = [self.pop() for _ in range(count)]
        self.push(tuple(reversed(values)))

    def append(self, values: list[Any]) -> None:
        self.top(list, "a list").extend(values)

    def set_items(self, values: list[Any]) -> None:
        mapping = self.top(dict, "a mapping")
        if len(values) % 2:
            raise WeightsError("its pickle is damaged: a key has no value")
        for key, value in zip(values[::2], values[1::2], strict=True):
            if not isinstance(key, KEYS):
                raise WeightsError("it holds a mapping whose keys are neither texts nor numbers", STATE_DICT_HINT)
            mapping[key] = value

    def set_item(self) -> None:
        value, key = self.pop(), self.pop()
        self.set_items([key, value])

    def put(self, place: int) -> None:
        self.memo[place] = self.top(object, "a value")

    def get(self, place: int) -> None:
        if place not in self.memo:
            raise WeightsError("its pickle is damaged: it recalls a value that was never kept")
        self.push(self.memo[place])

    def find(self, module: str, name: str) -> None:
        found = self.known.get((module, name))
        if found is None:
            wanted = shown(f"{module}.{name}")
            raise WeightsError(f"it wants to run `{wanted}`; nothing was executed", STATE_DICT_HINT)
        self.push(found)

    def find_on_stack(self) -> None:
        name, module = self.pop(), self.pop()
        if not isinstance(module, str) or not isinstance(name, str):
            raise WeightsError("its pickle is damaged: the name of a global is no text")
        self.find(module, name)

    def reduce(self) -> None:
        arguments, function = self.pop(), self.pop()
        if not isinstance(function, Known) or function.call is None or not isinstance(arguments, tuple):
            raise WeightsError("its pickle calls a value that is no function; nothing was executed", STATE_DICT_HINT)
        self.push(function.call(arguments))

    def build(self) -> None:
        """The state that torch hangs on a state_dict (`_metadata`) says nothing about tensors: it is dropped."""
        self.pop()
        self.top(dict, "a mapping that takes a state")


Instruction = Callable[[PickleReader], None]
INSTRUCTIONS: Mapping[int, Instruction] = {
    0x80: PickleReader.protocol,
    0x95: PickleReader.frame,
    ord("."): lambda reader: reader.push(_END),
    ord("("): lambda reader: reader.push(_MARK),
    ord("N"): lambda reader: reader.push(None),
    0x88: lambda reader: reader.push(True),
    0x89: lambda reader: reader.push(False),
    ord("J"): lambda reader: reader.push(reader.number("<i")),
    ord("K"): lambda reader: reader.push(reader.number("<B")),
    ord("M"): lambda reader: reader.push(reader.number("<H")),
    0x8A: lambda reader: reader.integer("<B"),
    0x8B: lambda reader: reader.integer("<i"),
    ord("G"): lambda reader: reader.push(reader.number(">d")),
    ord("U"): lambda reader: reader.push(reader.text("<B")),  # texts of Python 2
    ord("T"): lambda reader: reader.push(reader.text("<i")),
    0x8C: lambda reader: reader.push(reader.text("<B")),
    ord("X"): lambda reader: reader.push(reader.text("<I")),
    0x8D: lambda reader: reader.push(reader.text("<Q")),
    ord("C"): lambda reader: reader.push(reader.blob("<B")),
    ord("B"): lambda reader: reader.push(reader.blob("<I")),
    ord("]"): lambda reader: reader.push([]),
    ord("a"): lambda reader: reader.append([reader.pop()]),
    ord("e"): lambda reader: reader.append(reader.since_mark()),
    ord(")"): lambda reader: reader.push(()),
    ord("t"): lambda reader: reader.push(tuple(reader.since_mark())),
    0x85: lambda reader: reader.tuple_of(1),
    0x86: lambda reader: reader.tuple_of(2),
    0x87: lambda reader: reader.tuple_of(3),
    ord("}"): lambda reader: reader.push({}),
    ord("s"): PickleReader.set_item,
    ord("u"): lambda reader: reader.set_items(reader.since_mark()),
    ord("q"): lambda reader: reader.put(reader.number("<B")),
    ord("r"): lambda reader: reader.put(reader.number("<I")),
    0x94: lambda reader: reader.put(len(reader.memo)),
    ord("h"): lambda reader: reader.get(reader.number("<B")),
    ord("j"): lambda reader: reader.get(reader.number("<I")),
    ord("c"): lambda reader: reader.find(reader.line(), reader.line()),
    0x93: PickleReader.find_on_stack,
    ord("Q"): lambda reader: reader.push(reader.persistent(reader.pop())),
    ord("R"): PickleReader.reduce,
    ord("b"): PickleReader.build,
}
