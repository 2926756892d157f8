"""All rules: the folders `errors/` and `lints/` are the list. A rule's file is loaded when somebody asks for it."""

import importlib
import os
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType, ModuleType

from cnnspec.rules.rule import GROUPS, Rule

FOLDERS = ("errors", "lints")


@cache
def ids() -> Mapping[str, str]:
    """The id of every rule with the module that holds it; none of them is loaded for that."""
    found = {}
    for folder in FOLDERS:
        for file in os.listdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), folder)):
            if file.endswith(".py") and file[0] != "_":
                name = file.removesuffix(".py")
                found[name.replace("_", "-")] = f"cnnspec.rules.{folder}.{name}"
    return MappingProxyType(dict(sorted(found.items())))


def is_lint(id: str) -> bool:
    """Whether a rule looks for what is likely not meant; it is what can be selected, ignored and allowed."""
    return ids()[id].split(".")[-2] == "lints"


@cache
def module_of(id: str) -> ModuleType:
    """The file of a rule."""
    return importlib.import_module(ids()[id])


def rule_of(id: str) -> Rule:
    found = module_of(id).RULE
    assert isinstance(found, Rule), f"{id} has no RULE"
    return found


@cache
def rules() -> tuple[Rule, ...]:
    """Every rule, by group in the order of GROUPS, then by id."""
    order = list(GROUPS)
    return tuple(sorted(map(rule_of, ids()), key=lambda each: (order.index(each.group), each.id)))
