"""Which field each argument of a word is for: by place, by name, as `/n`; and what is said of one that fits none."""

import re
from collections.abc import Mapping

from cnnspec.build.arguments_elsewhere import as_step_behind, called_here, numbers_apart, plain_value, without_quotes
from cnnspec.build.expressions import SPELT_OTHERWISE, Expressions
from cnnspec.build.scope import Context
from cnnspec.build.troubles import Joined
from cnnspec.contract.fields import Field
from cnnspec.contract.register import plain
from cnnspec.contract.synonyms import called_elsewhere
from cnnspec.source.diagnostic import Edit, Fix, Label
from cnnspec.source.nearest import nearest
from cnnspec.source.text import Span
from cnnspec.syntax import tree


class Placing(Expressions):
    def check_spaced(self, word: tree.Ident, args: tuple[tree.Arg, ...], ctx: Context) -> None:
        """`maxpool(2)`: the grammar reads an expression in parentheses, but nobody should have to wonder."""
        if args and args[0].span.start == word.span.end:
            inner = args[0].span.text.removeprefix("(").removesuffix(")")
            fix = Fix(
                "leave the parentheses out",
                (Edit(args[0].span, f" {inner}"),),
                safe=bool(re.fullmatch(r"[\w.]+", inner)),
            )
            message = "arguments are separated by spaces"
            id = "parentheses-around-arguments"
            raise self.troubles.error(id, message, args[0].span, help=fix.title, fix=fix, trace=ctx.trace)

    def _places(
        self, word: tree.Ident, fields: Mapping[str, Field], args: tuple[tree.Arg, ...], ctx: Context
    ) -> list[tuple[Field, tree.Arg]]:
        """Which field each argument is for; what fits none is told."""
        by_place = [field for field in fields.values() if field.positional]
        found: list[tuple[Field, tree.Arg]] = []
        taken: dict[str, tree.Arg] = {}
        place = 0
        for arg in args:
            if arg.name is not None:
                field = self._named(word, fields, arg, ctx, args)
                is_other = field is not None and arg.name.name not in fields
                place += is_other and field in by_place[place : place + 1]  # what follows may stand by its place
                right = self._value_here(field, arg, ctx) if field and is_other else None
                if right is not None:  # told with the name
                    arg = arg._replace(value=plain_value(right, arg.value.span))
            elif arg.slash:
                field = self._slashed(word, fields, arg, ctx)
            elif place < len(by_place):
                field = by_place[place]
                place += not field.kind.many
            else:
                self._too_many(word, fields, args, arg, ctx)
                break
            if field is None:
                continue
            if field.name in taken and not field.kind.many:
                message, first = f"`{field.name}` is given twice", (Label(taken[field.name].span, "first here"),)
                self.troubles.error(
                    "repeated-argument", message, arg.span, "again here", secondary=first, trace=ctx.trace
                )
                continue
            taken[field.name] = arg
            found.append((field, arg))
        return found

    def _named(
        self,
        word: tree.Ident,
        fields: Mapping[str, Field],
        arg: tree.Arg,
        ctx: Context,
        args: tuple[tree.Arg, ...] = (),
    ) -> Field | None:
        """The field that an argument names; of a name that is none, the one that was likely meant. `args` are those of
        the step, which has some by place."""
        assert arg.name is not None
        name = arg.name.name
        field = fields.get(name)
        if field is None:
            near, fix = called_elsewhere(name, fields) or nearest(name, fields), None
            field, meant = fields.get(near or ""), near
            help = _arguments_of(word.name, fields)
            if field is not None and (field.slash or field.name == called_elsewhere(name, fields)):
                help, meant = "", None
                if not isinstance(arg.value, tree.Ref):
                    value = self._value_here(field, arg, ctx) or without_quotes(arg.value, field.kind.words)
                    right, by_place = called_here(field, value, fields, arg, args)
                    help = f"`{right}` is the {near}" if field.slash else f"here it is `{right}`"
                    help = f"{field.kind.what or near} is `{right}`, by its place" if by_place else help
                    fix = Fix(help, (Edit(arg.span, right),), safe=field.name == called_elsewhere(name, fields))
            if name == "init" and word.name in self.words:
                help = f"`{word.name}` has no weights"
            if name == "activation" and isinstance(arg.value, (tree.Name, tree.Text)) and args:
                help, fix = as_step_behind(arg, args)
            message, span = f"`{word.name}` has no argument `{name}`", arg.name.span
            self.troubles.error("unknown-argument", message, span, help=help, fix=fix, meant=meant, trace=ctx.trace)
        return field

    def _value_here(self, field: Field, arg: tree.Arg, ctx: Context) -> str | None:
        """What is written here for a value that another tool calls so: `padding=valid`."""
        name = arg.value.name if isinstance(arg.value, tree.Name) else ""
        if not name or ctx.env.find(name)[0]:
            return None
        flag = SPELT_OTHERWISE.get(name.lower()) if isinstance(field.default, bool) else None
        return flag or field.kind.also.get(plain(name))

    def _slashed(self, word: tree.Ident, fields: Mapping[str, Field], arg: tree.Arg, ctx: Context) -> Field | None:
        field = next((each for each in fields.values() if each.slash), None)
        if field is None:
            message = f"`{word.name}` has no stride"
            self.troubles.error("unknown-argument", message, arg.span, trace=ctx.trace)
        return field

    def _too_many(
        self,
        word: tree.Ident,
        fields: Mapping[str, Field],
        args: tuple[tree.Arg, ...],
        arg: tree.Arg,
        ctx: Context,
    ) -> None:
        takes = ", then ".join(f"`{each.name}`" for each in fields.values() if each.positional)
        message = (
            f"`{word.name}` takes {takes} by place, nothing more" if takes else f"`{word.name}` takes nothing by place"
        )
        apart = numbers_apart(fields, args)
        if apart is not None:
            raise self.troubles.error(
                "too-many-arguments", message, arg.span, help=apart.title, fix=apart, trace=ctx.trace
            )
        spelled = _by_name_apart(fields, args, arg)
        help, right = spelled or self._for_one_too_many(word, fields, arg, ctx)
        is_step = right is not None and right.startswith("-> ")
        before = args[args.index(arg) - 1].span if args.index(arg) else word.span
        if before.end == arg.span.start:  # `3(5+classes)`
            help, right = f"a product is written with `*`: `{before.text}*{arg.span.text}`", f"*{arg.span.text}"
        if help is None and not takes and word.name in self.words and not isinstance(arg.value, (tree.Ref, tree.Name)):
            help, right = "leave it out: channels and sizes are those of what comes in", ""
        if help is None and "kernel" in fields and "channels" not in fields:
            stride = f"a stride is `/{arg.span.text}`, " if isinstance(arg.value, tree.Number) else ""
            help = f"`{word.name}` keeps the channels; {stride}other arguments are given by name: `pad=1`"
        elif help is None and takes and isinstance(arg.value, tree.Number):
            help = "what comes in is known and needs no number; other arguments are given by name: `pad=1`"
        elif help is None and takes:
            help = "other arguments are given by name: `pad=1`"
        span = arg.span.to(args[args.index(arg) + 1].span) if spelled and arg.span.text.isalpha() else arg.span
        if right == "":
            span = Span(span.source, args[args.index(arg) - 1].span.end if args.index(arg) else word.span.end, span.end)
        fix = Fix(help, (Edit(span, right),), safe=False) if help and right is not None else None
        self.troubles.error("too-many-arguments", message, arg.span, help=help, fix=fix, trace=ctx.trace)
        if is_step:
            raise Joined(args.index(arg))

    def _for_one_too_many(
        self, word: tree.Ident, fields: Mapping[str, Field], arg: tree.Arg, ctx: Context
    ) -> tuple[str | None, str | None]:
        """What may have been meant by a further argument, and what would stand in its place then."""
        if isinstance(arg.value, tree.Ref):
            return f"a chain begins with a reference: `{arg.value.span.text} -> {word.name} …`", None
        if not isinstance(arg.value, tree.Name):
            return None, None
        name = arg.value.name
        if self._is_repeat(name, ctx):
            return f"to repeat by a name: `x {name[1:]}`", f"x {name[1:]}"
        if owner := _listing(name, fields):
            return f"by name: `{owner}={name}`", f"{owner}={name}"
        known, value = ctx.env.find(name)
        if known and not isinstance(value, str):
            return None, None
        help = f"steps are joined with `->`: `-> {name}`; other arguments are given by name"
        if "\n" in arg.span.source.text[word.span.end : arg.span.start]:
            help = f"inside `( )` a new line joins nothing: `-> {name}`; in `{{ }}` each line follows the one above"
        return help, f"-> {name}" if self.is_word(name, ctx) else None

    def _is_repeat(self, name: str, ctx: Context) -> bool:
        """`xn`, where somebody meant `x n`."""
        return name[0] == "x" and (len(name) == 2 or ctx.env.find(name[1:])[0])


def _by_name_apart(fields: Mapping[str, Field], args: tuple[tree.Arg, ...], arg: tree.Arg) -> tuple[str, str] | None:
    """`stride 2`, `s2` or `pad 1` behind the arguments by place: what is meant, and how it is written."""
    found = re.fullmatch(r"([A-Za-z_]+?)(\d*)", arg.value.span.text) if isinstance(arg.value, tree.Name) else None
    if found is None:
        return None
    name, value = found.groups()
    following = args[args.index(arg) + 1 :]
    if not value and following and isinstance(following[0].value, (tree.Number, tree.Size)) and not following[0].slash:
        value = following[0].span.text
    field = fields.get("stride" if name in ("stride", "strides", "s") else "pad" if name == "padding" else name)
    if not value or field is None or field.positional:
        return None
    right = f"/{value}" if field.slash else f"{field.name}={value}"
    return f"the {field.name} is `{right}`" if field.slash else f"by name: `{right}`", right


def _listing(name: str, fields: Mapping[str, Field]) -> str | None:
    """The argument that lists a word, where it is said by name: `pad=same`."""
    return next((each.name for each in fields.values() if name in each.kind.words and not each.positional), None)


def _arguments_of(word: str, fields: Mapping[str, Field]) -> str | None:
    names = [f"`/{each.name}`" if each.slash else f"`{each.name}`" for each in fields.values()]
    return f"`{word}` takes {', '.join(names)}" if names else f"`{word}` takes no arguments"
