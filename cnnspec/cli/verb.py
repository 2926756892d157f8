"""A command that takes each option once: nothing that was asked for is passed over in silence."""

from __future__ import annotations

from collections import Counter

import click


class Verb(click.Command):
    """click keeps the last value of an option that is given several times, and forgets the others."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            _, _, given = self.make_parser(ctx).parse_args(list(args))
        except click.NoSuchOption as error:
            from cnnspec.cli.unknown import unknown_option

            raise click.UsageError(unknown_option(self, ctx, error.option_name), ctx) from error
        counts = Counter(each for each in given if isinstance(each, click.Option))
        for option, count in counts.items():
            if count > 1 and not (option.multiple or option.is_flag or option.count):
                name = max(option.opts, key=len)
                raise click.UsageError(f"`{name}` is given {'twice' if count == 2 else f'{count} times'}", ctx)
        return super().parse_args(ctx, args)
