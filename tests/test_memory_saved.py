"""What backward keeps, beside torch's own count: bytes equal, for every word, every example and random networks."""

import os
from collections import Counter
from itertools import product

import pytest

pytestmark = pytest.mark.torch
torch = pytest.importorskip("torch")

from cnnspec.build.options import Options  # noqa: E402
from cnnspec.contract.register import words  # noqa: E402
from cnnspec.contract.values import dress  # noqa: E402
from cnnspec.passes.memory.backward.room import room  # noqa: E402
from cnnspec.passes.memory.backward.rules import RULES, rule_of  # noqa: E402
from cnnspec.passes.memory.backward.saved import forward  # noqa: E402
from cnnspec.passes.memory.backward.training import Setup, Training  # noqa: E402
from cnnspec.passes.memory.backward.values import Kind  # noqa: E402
from cnnspec.pipeline import Compiled  # noqa: E402
from tests.judges.examples import Case, cases  # noqa: E402
from tests.judges.kept import exported, kept_by_torch, kept_by_us, samples, total  # noqa: E402
from tests.judges.random_networks import network as drawn  # noqa: E402
from tests.networks import ZOO, file_of, network  # noqa: E402
from tests.networks import compiled as compiled_file  # noqa: E402
from tests.random_networks import SEED  # noqa: E402
from tests.texts import compiled, good  # noqa: E402

NETS = int(os.environ.get("CNNSPEC_MEMORY_NETS", "12"))
BATCH, BATCHES = 3, (1, 2, 3)
SMALL = {
    "unet": (1, 188, 188),
    "retinanet": (3, 64, 64),
    "c3d": (3, 16, 32, 32),
    "m5_audio": (1, 4000),
    "googlenet_paper": (3, 224, 224),
}
LARGE = {"resnet101", "resnet152", "vgg13", "vgg16", "vgg16_bn", "vgg19"}


def small(name: str) -> Compiled:
    """An example on a small input, where it takes another than its own."""
    own = network(name)
    assert own.built is not None
    shapes = [own.built.shapes[id] for id in own.built.graph.inputs]
    size = SMALL.get(name, (3, 64, 64) if shapes == [(3, 224, 224)] else None)
    return compiled_file(file_of(name), Options(inputs={None: size} if size else {}))


def check(result: Compiled, *, mixed: bool = False, batch: int = BATCH) -> None:
    """Not only the sum: storage by storage. Those with room behind them are of either size."""
    assert result.built is not None
    graph, shapes = result.built.graph, result.built.shapes
    found = forward(graph, shapes, mixed=mixed, single=batch == 1)
    ours = kept_by_us(found, batch)
    torchs = kept_by_torch(exported(result), samples(result, batch), mixed)
    for each, more in room(graph, shapes, (each for kept in found.saved().values() for each in kept)).items():
        own, larger = each.bytes(batch), each.bytes(batch) + more * batch
        if torchs[larger] > ours[larger]:
            ours[own] -= 1
            ours[larger] += 1
    assert +ours == torchs, f"torch has {torchs - ours} besides, we {ours - torchs}"


@pytest.mark.parametrize(("batch", "mixed"), [(1, False), (BATCH, False), (BATCH, True)], ids=["one", "fp32", "mixed"])
@pytest.mark.parametrize("name", sorted(set(ZOO) - LARGE))
def test_examples(name: str, batch: int, mixed: bool) -> None:
    result = small(name)
    if not lonely(result, batch):
        check(result, mixed=mixed, batch=batch)
    else:
        assert batch == 1


def program(case: Case, trained: bool) -> Compiled:
    """A word between an input and an output; with `trained` there is something to learn before it."""
    places = range(len(case.inputs))
    lines = [f"input a{place}: {dress(shape)}" for place, shape in enumerate(case.inputs)]
    text = case.text
    if trained:
        lines += [f"@a{place} -> b{place}: scale" for place in places]
    for place in places:
        text = text.replace(f"@x{place}", f"@{'b' if trained else 'a'}{place}")
    first = "" if case.layer.merges else f"@{'b' if trained else 'a'}0 -> "
    body = "\n".join([*lines, f"output end: {first}{text}"])
    result = compiled(f"model Word {{\n{body}\n}}\n")
    assert result.ok, [each.message for each in result.diagnostics]
    return result


@pytest.mark.parametrize("word", words())
def test_words(word: str) -> None:
    """Each example of each word: behind something that is trained, and on the bare input; in both precisions; for few
    samples, as torch takes other kernels for one."""
    for case, trained, batch in product(cases(), (True, False), (1, BATCH)):
        if case.layer.word == word and case.size == 0:
            result = program(case, trained)
            if batch > 1 or not lonely(result, batch):
                for mixed in (False, True):
                    check(result, mixed=mixed, batch=batch)


@pytest.mark.parametrize("mixed", [False, True], ids=["fp32", "mixed"])
def test_random_networks(mixed: bool) -> None:
    judged = 0
    for case in range(NETS):
        net = drawn(SEED, case)
        for name in net.models:
            result = compiled(net.text, Options(model=name if len(net.models) > 1 else None), files=net.files)
            for batch in BATCHES if result.ok else ():
                if not lonely(result, batch):
                    check(result, mixed=mixed, batch=batch)
                    judged += batch == BATCH
    assert judged >= 0.8 * NETS


@pytest.mark.parametrize(
    ("steps", "more"),
    [
        ("input 8x9x9x9\n conv_transpose 3x3x3 2 pad=1 -> conv 1x1x1 2", {"conv_transpose1": 4 * (8 - 2) * 729}),
        ("input 8x9x9x9\n conv_transpose 3x3x3 2 /2 -> conv 1x1x1 2", {}),
        ("input 2x9x9x9\n conv_transpose 3x3x3 2 pad=1 -> conv 1x1x1 2", {}),
        ("input 8x9x9\n conv_transpose 3x3 2 pad=1 -> conv 1x1 2", {}),
        ("input 8x4x4x4\n conv_transpose 1x1x1 2 -> relu -> conv_transpose 1x1x1 1 -> gelu", {"conv_transpose2": 256}),
    ],
)
def test_room_behind_a_result(steps: str, more: dict[str, int]) -> None:
    """On one thread and on two, as torch takes other kernels; for one sample it is there, else `room` is of no use."""
    result = good(f"model M {{\n {steps}\n}}\n")
    assert result.built is not None
    graph, shapes = result.built.graph, result.built.shapes
    training = Training(graph, shapes, Setup())
    assert training.room == more
    threads = torch.get_num_threads()
    try:
        for count, batch in product((1, 2), BATCHES):
            torch.set_num_threads(count)
            check(result, batch=batch)
            torchs = total(kept_by_torch(exported(result), samples(result, batch)))
            assert 0 <= torchs - training.kept.at(batch) <= sum(more.values()) * batch
            if batch == 1 == count:
                assert torchs - training.kept.at(1) == sum(more.values())
    finally:
        torch.set_num_threads(threads)


def lonely(result: Compiled, batch: int = BATCH) -> bool:
    """torch refuses to normalize one value a channel."""
    try:
        exported(result)(*samples(result, batch))
    except ValueError as error:
        if "Expected more than 1" in str(error):
            return True
        raise
    return False


def test_every_step_of_torch_has_a_rule() -> None:
    """And every rule is of some step."""
    targets = {step.target for case in cases() for step in case.layer.torch(case.inputs)}
    assert {each for each in targets if rule_of(each) is None} == set()
    used = {id(rule_of(each)) for each in targets}
    assert {name for name, rule in RULES.items() if id(rule) not in used} == set()


def test_a_part_of_the_channels_of_one_sample_has_no_gaps() -> None:
    """It is normalized where it stands; of several samples torch copies it."""
    behind = "conv 1x1 64 -> relu -> conv 1x1 64 -> relu"
    steps = f"input 3x6x6\n  conv 3x3 4 -> relu -> slice 1 3 -> instancenorm -> {behind}"
    result = good(f"model M {{\n  {steps}\n}}\n")
    assert result.built is not None
    graph, shapes = result.built.graph, result.built.shapes
    one, any_batch = Training(graph, shapes, Setup(), single=True), Training(graph, shapes, Setup())
    assert any_batch.kept.at(1) - one.kept.at(1) == 4 * 2 * 4 * 4
    assert one.largest_batch(10**6) == any_batch.largest_batch(10**6)
    assert one.total(1) < any_batch.total(1)
    assert one.largest_batch(one.total(1)) == any_batch.largest_batch(one.total(1)) == 1
    for batch in (1, 2):
        check(result, batch=batch)


def test_an_activation_is_kept_once() -> None:
    """A ReLU keeps its result, the convolution behind it the same; a flatten is a view of it."""
    result = good("model M {\n  input 3x8x8\n  conv 3x3 4 -> relu -> conv 3x3 5 -> relu -> flatten -> linear 2\n}\n")
    assert result.built is not None
    found = forward(result.built.graph, result.built.shapes)
    assert {id: [each.bytes(2) for each in kept] for id, kept in found.saved().items()} == {
        "conv1": [2 * 3 * 64 * 4],
        "relu1": [2 * 4 * 36 * 4],
        "relu2": [2 * 5 * 16 * 4],
    }
    check(result)


def test_frozen_steps_keep_less() -> None:
    """As `train` runs them: no gradients for their weights, batch norms with running statistics, no dropout."""
    from cnnspec.training.network import Network

    lines = "bn -> conv 3x3 4 -> bn -> relu -> dropout -> conv 3x3 5 -> drop_path 0.1 -> gap -> flatten -> linear 3"
    result = good(f"model M {{\n  input 3x8x8\n  {lines}\n}}\n")
    assert result.built is not None
    graph, shapes = result.built.graph, result.built.shapes
    nodes = [each for each in graph.nodes if each != "input"]
    for frozen in ([], nodes[:1], nodes[:3], nodes[:6], nodes[1:3], nodes[4:7], nodes[:-1], nodes[-1:], nodes):
        net = Network(graph, shapes).train()
        net.freeze(frozenset(frozen))
        for mixed in (False, True):
            ours = kept_by_us(forward(graph, shapes, frozenset(frozen), mixed), BATCH)
            assert ours == kept_by_torch(net, samples(result, BATCH), mixed), frozen


def test_kinds_add_up() -> None:
    result = small("resnet18")
    assert result.built is not None
    found = forward(result.built.graph, result.built.shapes)
    kinds: Counter[Kind] = Counter()
    for kept in found.saved().values():
        for each in kept:
            kinds[each.kind] += each.bytes(2)
    assert kinds.total() == total(kept_by_us(found, 2))
    assert set(kinds) == {Kind.INPUT, Kind.ACTIVATION, Kind.INDEX, Kind.STATISTIC}
    assert kinds[Kind.INPUT] == 2 * 3 * 64 * 64 * 4
