"""Which lints speak: the one place that decides it, from options and from settings of a project."""

from collections.abc import Iterable
from typing import NamedTuple

from cnnspec.rules.catalogue import ids, is_lint, rule_of
from cnnspec.rules.rule import GROUPS, OFF
from cnnspec.source.nearest import nearest


class Selection(NamedTuple):
    """`select` are the only lints that speak, if there are any; `ignore` those that do not; ids or groups. `pedantic`
    and `perf` wake the groups of that name. Errors are always told."""

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    pedantic: bool = False
    perf: bool = False

    def active(self) -> tuple[str, ...]:
        """The ids of the lints that speak, sorted."""
        return tuple(id for id in ids() if is_lint(id) and self._speaks(id))

    def _speaks(self, id: str) -> bool:
        group = rule_of(id).group
        if id in self.ignore or group in self.ignore:
            return False
        if self.select and (id in self.select or group in self.select):
            return True
        is_awake = group not in OFF or getattr(self, group)
        return is_awake and (not self.select or group in OFF)


EVERYTHING_USUAL = Selection()


def selection(
    select: Iterable[str] = (), ignore: Iterable[str] = (), pedantic: bool = False, perf: bool = False
) -> Selection:
    """A selection of names as they are typed, several of them with commas; ValueError where one is no lint and no
    group."""
    return Selection(_names(select), _names(ignore), pedantic, perf)


def _names(given: Iterable[str]) -> tuple[str, ...]:
    names = tuple(name.strip() for each in given for name in each.split(",") if name.strip())
    for name in names:
        if (id_or_group := why_no_lint(name)) is not None:
            raise ValueError(id_or_group)
    return names


def why_no_lint(name: str) -> str | None:
    """What is wrong with a name that is to be a lint or a group of lints; None if it is one."""
    lints = [id for id in ids() if is_lint(id)]
    groups = [group for group in GROUPS if any(rule_of(id).group == group for id in lints)]
    if name in lints or name in groups:
        return None
    if name in ids():
        return f"`{name}` is no lint, and is always told"
    near = nearest(name, (*lints, *groups))
    meant = f"did you mean `{near}`?" if near else f"`cnnspec rule` lists them; the groups are {', '.join(groups)}"
    return f"there is no rule `{name}`; {meant}"
