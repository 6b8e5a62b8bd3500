"""The toolbox's `sh`: runs lists of simple commands, from `-c` or line by line from stdin."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from pullscope.runtime import lookup
from pullscope.runtime.toolbox import grammar, interactive, programs
from pullscope.runtime.toolbox.context import Context
from pullscope.runtime.toolbox.stdin import LineTooLongError

_NOT_FOUND = 127
_NOT_EXECUTABLE = 126


class _Exit(Exception):  # noqa: N818 (not an error: the shell's way out)
    def __init__(self, code: int) -> None:
        super().__init__()
        self.code = code


@dataclass
class Shell:
    """One shell. `arguments` are $0, $1 and so on."""

    context: Context
    arguments: Sequence[str] = ("sh",)
    status: int = 0
    variables: dict[str, str] = field(default_factory=dict)

    async def run(self, text: str) -> int:
        """Run a script; returns the last command's exit code."""
        try:
            return await self.execute(text)
        except _Exit as leaving:
            return leaving.code

    async def interact(self) -> int:
        """Run stdin until it ends or `exit` is said: from a terminal with prompts, else line by line."""
        try:
            if self.context.terminal is not None:
                return await interactive.run(self, self.context.terminal)
            while line := await self.context.stdin.line():
                await self.execute(line.decode(errors="surrogateescape"))
        except _Exit as leaving:
            return leaving.code
        except LineTooLongError:
            self.context.complain("sh: line too long")
            return 2
        return self.status

    async def execute(self, text: str) -> int:
        """Run commands; returns the last one's exit code, which `status` is too."""
        await self.context.clock.sleep(0)  # a flood of lines leaves the others their turn
        try:
            commands = grammar.parse(text)
        except grammar.GrammarError as error:
            self.context.complain(f"sh: {error}")
            self.status = 2
            return self.status
        for command in commands:
            if command.joint == ";" or (command.joint == "&&") == (self.status == 0):
                self.status = await self._command(command)
        return self.status

    async def _command(self, command: grammar.Command) -> int:
        words = [field for word in command.words for field in self._fields(word)]
        assigned = {name: "".join(self._fields(value)) for name, value in command.assignments}
        if not words:
            self.assign(assigned)
            return 0
        builtins = {"cd": self._cd, "exit": self._exit, "export": self._export, ":": self._nothing}
        if words[0] in builtins:
            self.assign(assigned)
            return builtins[words[0]](words[1:])
        return await self._word(words, assigned)

    async def _word(self, words: Sequence[str], assigned: Mapping[str, str]) -> int:
        env = {**self.context.env, **assigned}
        found = lookup.program(
            self.context.root, words[0], search=env.get("PATH", ""), directory=self.context.directory
        )
        if found is None:
            self.context.complain(f"sh: {words[0]}: not found")
            return _NOT_FOUND
        word = lookup.word(found, self.context.extra)
        if word is None:
            self.context.complain(f"sh: {words[0]}: the toolbox starts its own words only")
            return _NOT_EXECUTABLE
        return await run(word, replace(self.context, env=env), words[1:])

    def _fields(self, word: grammar.Word) -> list[str]:
        """A word's variables replaced; an unquoted one's value is split at white space."""
        fields, open_field = [""], any(part.quoted or not part.variable for part in word)
        for part in word:
            value = self._value(part.text) if part.variable else part.text
            if not part.variable or part.quoted:
                fields[-1] += value
                continue
            pieces = value.split()
            if pieces:
                fields[-1] += pieces[0]
                fields += pieces[1:]
                open_field = True
        return fields if open_field else []

    def _value(self, name: str) -> str:
        if name == "?":
            return str(self.status)
        if name == "#":
            return str(len(self.arguments) - 1)
        if name == "@":
            return " ".join(self.arguments[1:])
        if name.isdecimal():
            return self.arguments[int(name)] if int(name) < len(self.arguments) else ""
        return self.variables.get(name, self.context.env.get(name, ""))

    def assign(self, values: Mapping[str, str]) -> None:
        """Set variables; those of the environment stay in it."""
        for name, value in values.items():
            target = self.context.env if name in self.context.env else self.variables
            target[name] = value

    def _nothing(self, _arguments: Sequence[str]) -> int:
        return 0

    def _cd(self, arguments: Sequence[str]) -> int:
        path = arguments[0] if arguments else self.context.env.get("HOME", "/")
        try:
            found = self.context.root.find(path, self.context.directory)
        except OSError:
            found = None
        if found is None or not found.host.is_dir():
            self.context.complain(f"sh: cd: can't cd to {path}")
            return 2
        self.context.directory = found.path
        return 0

    def _exit(self, arguments: Sequence[str]) -> int:
        if arguments and not arguments[0].isdecimal():
            self.context.complain(f"sh: exit: Illegal number: {arguments[0]}")
            raise _Exit(2)
        raise _Exit(int(arguments[0]) & 0xFF if arguments else self.status)

    def _export(self, arguments: Sequence[str]) -> int:
        for text in arguments:
            name, assigned, value = text.partition("=")
            self.context.env[name] = value if assigned else self.variables.pop(name, self.context.env.get(name, ""))
        return 0


async def run(word: str, context: Context, arguments: Sequence[str]) -> int:
    """Run any word of the toolbox, the shell included; returns its exit code. A failed write raises OSError."""
    if word != "sh":
        return await programs.run(word, context, arguments)
    match list(arguments):
        case []:
            return await Shell(context).interact()
        case ["-c", text, *rest]:
            return await Shell(context, rest or ["sh"]).run(text)
        case [first, *_]:
            context.complain(f"sh: {first}: only `sh` and `sh -c TEXT` are supported by the toolbox")
            return 2
    raise AssertionError("a list is empty or has a first item")
