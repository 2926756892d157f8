"""`train { … }`: recipes as papers have them, what comes of them, and what is said of those that cannot be.

Snippets stand in the section of a model with `input 3x32x32` and ten outputs; ⏎ is a new line.
"""

import json
from typing import Any

import jsonschema
import pytest

import cnnspec
from cnnspec.api.recipe import Asked, with_recipe
from cnnspec.build.options import Options
from cnnspec.contract.register import words
from cnnspec.contract.settings import Setting
from cnnspec.contract.training.augment import Crop, Cutout, Flip, Mixup
from cnnspec.contract.training.losses import BinaryCrossEntropy, CrossEntropy, MeanSquaredError
from cnnspec.contract.training.optimizers import L1, L2, Adadelta, AdamW, Decay, Optimizer, RMSProp, Sgd
from cnnspec.contract.training.recipe import Batch, Clip, Ema, Epochs, Recipe, Steps, Stop, Train
from cnnspec.contract.training.schedules import Cosine, Exponential, OneCycle, Plateau, Polynomial, Step, WarmUp
from cnnspec.contract.training.transfer import Freeze, Rate, named
from cnnspec.reports.network.json import report_record
from tests import ROOT
from tests.texts import compiled, findings, good, model

NET = "model Net(classes=10{more}) {{\n  input {shape}\n  {section}\n  {body}\n}}\n"
BODY = "flatten -> linear classes"
PARTS = f"features: {{ conv 3x3 4 -> bn affine=no -> relu }} -> a: conv 3x3 4 -> relu -> reuse a -> gap -> {BODY}"


def net(lines: str, shape: str = "3x32x32", body: str = BODY, more: str = "") -> str:
    section = f"train {{\n{lines.replace(' ⏎ ', chr(10))}\n}}"
    return NET.format(section=section, shape=shape, body=body, more=more)


def recipe(lines: str, **more: Any) -> Recipe:
    built = good(net(lines, **more)).built
    assert built is not None
    assert built.recipe is not None
    return built.recipe


# -- good ones


def test_a_recipe_as_a_paper_has_it() -> None:
    """He et al. on CIFAR-10, with the steps of the paper, and a few things more."""
    made = recipe(
        "loss cross_entropy smoothing=0.1 weights=balanced ⏎ optimizer sgd 0.1 momentum=0.9 nesterov=yes ⏎"
        " l2 1e-4 of=weights ⏎ warmup 400 steps start=0.1 ⏎ schedule step 0.1 at=32000,48000 steps ⏎ steps 64000 ⏎"
        " batch 128 accumulate=2 ⏎ augment { crop 32 pad=4 -> flip ⏎ cutout 16 holes=2 -> mixup 0.2 } ⏎"
        " clip 5 by=value ⏎ ema 0.999 ⏎ stop patience=10 metric=accuracy min_delta=0.001"
    )
    assert made == Recipe(
        loss=CrossEntropy(smoothing=0.1, weights="balanced"),
        optimizer=Sgd(lr=0.1, momentum=0.9, nesterov=True),
        l2=L2(amount=1e-4, of="weights"),
        warmup=WarmUp(length=400, unit="step", start=0.1),
        schedule=Step(factor=0.1, unit="step", at=(32000, 48000)),
        steps=Steps(number=64000),
        batch=Batch(size=128, accumulate=2),
        augment=(Crop(size=32, pad=4), Flip(), Cutout(size=16, holes=2), Mixup(alpha=0.2)),
        clip=Clip(bound=5.0, by="value"),
        ema=Ema(decay=0.999),
        stop=Stop(patience=10, metric="accuracy", min_delta=0.001),
    )
    assert made.length == (64000, "step")


@pytest.mark.parametrize(
    ("line", "field", "setting"),
    [
        ("loss cross_entropy weights=9,8,7,6,5,4,3,2,1,0.5", "loss", CrossEntropy(weights=(*range(9, 0, -1), 0.5))),
        ("loss binary_cross_entropy positive=3", "loss", BinaryCrossEntropy(positive=(3.0,))),
        ("loss mse", "loss", MeanSquaredError()),
        ("optimizer adadelta", "optimizer", Adadelta(lr=1.0, rho=0.9, eps=1e-6)),
        ("optimizer rmsprop 0.045 alpha=0.9 momentum=0.9", "optimizer", RMSProp(lr=0.045, alpha=0.9, momentum=0.9)),
        ("optimizer adamw 4e-3 betas=0.9,0.99 ⏎ decay 0.05", "optimizer", AdamW(lr=0.004, betas=(0.9, 0.99))),
        ("l1 1e-5", "l1", L1(amount=1e-5)),
        ("decay 0.05", "decay", Decay(amount=0.05)),
        ("schedule step 0.1 every=1 epoch", "schedule", Step(factor=0.1, unit="epoch", every=1)),
        ("schedule exponential 0.98 per=epoch", "schedule", Exponential(factor=0.98, per="epoch")),
        ("schedule polynomial power=2 per=step", "schedule", Polynomial(power=2.0, per="step")),
        ("schedule cosine to=1e-6 per=step", "schedule", Cosine(to=1e-6, per="step")),
        ("schedule one_cycle", "schedule", OneCycle(pct_start=0.3, div_factor=25.0, final_div_factor=1e4)),
        ("schedule plateau 0.1 patience=5", "schedule", Plateau(factor=0.1, patience=5)),
        ("epochs 90", "epochs", Epochs(number=90)),
        ('rate "linear1" 0.1', "rate", (Rate(patterns=("linear1",), factor=0.1),)),
        ("", "loss", None),
    ],
)  # fmt: skip
def test_a_line(line: str, field: str, setting: Setting) -> None:
    assert getattr(recipe(line), field) == setting


def test_values_come_from_the_models_parameters() -> None:
    text = net(
        "optimizer opt lr ⏎ epochs epochs ⏎ schedule step 0.1 every=epochs//3 epochs",
        more=', epochs=90, lr=0.1, opt="sgd"',
    )
    model = cnnspec.loads(text, opt="adam", epochs=30)
    assert model.recipe is not None
    assert model.recipe.optimizer is not None
    assert (model.recipe.optimizer.word, model.recipe.length) == ("adam", (30, "epoch"))
    assert isinstance(model.recipe.schedule, Step)
    assert model.recipe.schedule.every == 10
    assert cnnspec.loads(net("", more="").replace("train {\n\n}", "")).recipe is None


def test_a_section_of_the_file_belongs_to_its_one_model() -> None:
    text = f"train {{ epochs 5 -> batch 8 }}\n{net('').replace('train {', '{')}"
    built = good(text.replace("{\n\n}\n", "\n")).built
    assert built is not None
    assert built.recipe == Recipe(epochs=Epochs(number=5), batch=Batch(size=8))


def test_a_layers_defaults_are_not_a_sections() -> None:
    """`crop` is a layer, too: what `set` gives to that is not for the step of a section."""
    text = net("augment { crop 32 }", body=f"image {{ crop 32 }}\n{BODY}").replace(
        "model Net", "set crop to=3x3\nmodel Net"
    )
    assert findings(text) == []


def test_the_report_has_the_recipe() -> None:
    schema = json.loads((ROOT / "docs" / "report-schema.json").read_text(encoding="utf-8"))
    result = good(net("optimizer sgd 0.1 ⏎ augment { flip -> jitter hue=0.1 }"))
    record = json.loads(json.dumps(report_record(result)))
    jsonschema.validate(record, schema)
    assert record["recipe"]["optimizer"] == {"word": "sgd", "lr": 0.1, "momentum": 0, "nesterov": False}
    assert [each["word"] for each in record["recipe"]["augment"]] == ["flip", "jitter"]
    assert record["recipe"]["loss"] is None


def every_setting() -> list[type[Setting]]:
    found: list[type[Setting]] = []
    waiting: list[type[Setting]] = [Train]
    while waiting:
        kind = waiting.pop()
        found.append(kind)
        waiting += [*kind.steps.values(), *kind.kinds.values()]
    return found


def test_every_line_has_its_place_in_the_recipe() -> None:
    assert set(Train.steps) == set(Recipe._fields)


@pytest.mark.parametrize("kind", every_setting(), ids=lambda kind: kind.__name__)
def test_every_word_is_explained_and_its_example_is_one(kind: type[Setting]) -> None:
    assert f"`{kind.word}" in (kind.__doc__ or "")
    named = set(kind.also) & {*kind.steps, *kind.kinds}
    assert named == set(), "what others call a word is no word of its own"
    if kind.usage and kind.word in Train.steps:
        assert recipe(kind.usage, body=PARTS) != Recipe()
    elif kind.usage.startswith(("schedule", "optimizer")) and kind is not AdamW:
        line = kind.usage.split()[0]
        assert isinstance(getattr(recipe(kind.usage), line), kind)


def test_torch_has_what_is_named_after_it() -> None:
    """Optimizers and their arguments are torch's, names and defaults."""
    torch = pytest.importorskip("torch")
    from inspect import signature

    names = {"rmsprop": "RMSprop", "sgd": "SGD", "adamw": "AdamW"}
    for word, kind in Train.steps["optimizer"].kinds.items():
        theirs = signature(getattr(torch.optim, names.get(word, word.capitalize()))).parameters
        assert issubclass(kind, Optimizer)
        for name, field in kind.fields.items():
            assert name in theirs
            if not field.required:
                assert theirs[name].default == field.default, f"{word} {name}"


# -- bad ones

CONTRADICTION, IDLE = "recipe-contradiction", "recipe-without-effect"
ROWS = [
    # words
    ("lr 0.1", "unknown-word", "lr", "`train` has no line `lr`", "did you mean `optimizer sgd 0.1`?"),
    ("sgd 0.1", "unknown-word", "sgd", "`train` has no line `sgd`", "did you mean `optimizer sgd`?"),
    ("weight_decay 1e-4", "unknown-word", "weight_decay", "has no line", "did you mean `l2`?"),
    ("epoch 5", "unknown-word", "epoch", "`train` has no line `epoch`", "did you mean `epochs`?"),
    ("early_stopping patience=3", "unknown-word", "early_stopping", "", "did you mean `stop`?"),
    ("music 5", "unknown-word", "music", "`train` has no line `music`", "its lines are loss, optimizer, l2"),
    ("optimizer adamax 0.1", "unknown-word", "adamax", "`optimizer` is never `adamax`", "did you mean `adam`?"),
    ("optimizer lion 0.1", "unknown-word", "lion", "`optimizer` is never `lion`", "it is one of sgd, adagrad"),
    ("loss ce", "unknown-word", "ce", "`loss` is never `ce`", "did you mean `cross_entropy`?"),
    ("schedule linear per=step", "unknown-word", "linear", "", "did you mean `polynomial`?"),
    ("augment { random_crop 32 }", "unknown-word", "random_crop", "`augment` has no step", "did you mean `crop`?"),
    ("optimizer", "missing-argument", "optimizer", "`optimizer` does not say which: sgd, ada", "`optimizer sgd 0.1"),
    ("optimizer 0.1", "bad-argument", "0.1", "`optimizer` begins with one of sgd", "`optimizer sgd 0.1"),
    ("optimizer lr=0.1", "missing-argument", "optimizer", "`optimizer` does not say which", ""),
    # arguments
    ("optimizer sgd", "missing-argument", "sgd", "`sgd` needs its learning rate", "`optimizer sgd 0.1`"),
    ("optimizer sgd 0", "bad-argument", "0", "the learning rate must be more than 0, got 0", ""),
    ("optimizer sgd 0.1 momentm=0.9", "unknown-argument", "momentm", "`sgd` has no", "did you mean `momentum`?"),
    ("optimizer adam 0.1 momentum=0.9", "unknown-argument", "momentum", "`adam` has no argument `momentum`", ""),
    ("optimizer sgd 0.1 momentum=1", "bad-argument", "1", "the momentum must be from 0 to below 1, got 1", ""),
    ("optimizer sgd 0.1 nesterov=yes", "bad-argument", "yes", "nesterov=yes needs a momentum", "`momentum=0.9`"),
    ("optimizer adam 0.1 betas=0.9", "bad-argument", "0.9", "the betas must be two numbers such as", ""),
    ("loss cross_entropy smoothing=1", "bad-argument", "1", "the smoothing must be from 0 to below 1", ""),
    ("loss cross_entropy weights=balance", "unknown-name", "balance", "unknown name", "did you mean `balanced`?"),
    ("loss cross_entropy weights=1,-2", "bad-argument", "1,-2", "a class weight must be more than 0, got -2", ""),
    ("schedule step 0.1 every=30", "missing-argument", "step", "`step` needs its unit", "every=30 epochs"),
    ("schedule step 0.1 epochs", "missing-argument", "step", "`step` does not say when", "`every=30 epochs`"),
    ("schedule step 0.1 every=3 at=4 epochs", "bad-argument", "4", "`every` and `at` both say when", "one of them"),
    ("schedule step 0.1 at=30,20 epochs", "bad-argument", "30,20", "the times must be whole numbers, each larger", ""),
    ("schedule step 10 every=3 epochs", "bad-argument", "10", "the factor must be between 0 and 1, got 10", ""),
    ("schedule step 0.1 every=3 weeks", "unknown-name", "weeks", "", ""),
    ("schedule cosine", "missing-argument", "cosine", "`cosine` needs `per=epoch` or `per=step`", "`schedule cosine"),
    ("schedule cosine epoch", "too-many-arguments", "epoch", "takes nothing by place", "by name: `per=epoch`"),
    ("schedule cosine per=epochs", "unknown-name", "epochs", "", "did you mean `epoch`?"),
    ("warmup 5", "missing-argument", "warmup", "`warmup` needs its unit", "`warmup 5 epochs`"),
    ("warmup 0 epochs", "bad-argument", "0", "the length must be at least 1", ""),
    ("epochs 1.5", "bad-argument", "1.5", "the number of epochs must be a whole number", ""),
    ("epochs 5 steps", "too-many-arguments", "steps", "`epochs` takes `number` by place, nothing more", ""),
    ("batch 256 accumulate=3", "bad-argument", "3", "a batch of 256 does not fall into 3 equal parts", ""),
    ("stop", "missing-argument", "stop", "`stop` needs its patience", "`stop patience=10`"),
    ("stop patience=3 metric=val_loss", "unknown-name", "val_loss", "", "did you mean `loss`?"),
    ("augment { flip diagonal }", "unknown-name", "diagonal", "", ""),
    ("augment { jitter }", "missing-argument", "jitter", "this jitter changes nothing", "`jitter brightness=0.4"),
    ("augment { jitter hue=0.6 }", "bad-argument", "0.6", "the hue must be from 0 to 0.5, got 0.6", ""),
    ("augment { rotate 270 }", "bad-argument", "270", "the angle must be more than 0 and at most 180", ""),
    ("augment", "missing-body", "augment", "`augment` needs a body", "`augment { flip -> crop 32 pad=4 }`"),
    ("augment { augment { flip } }", "unknown-word", "augment", "`augment` has no step `augment`", ""),
    ("epochs 5 { flip }", "unexpected-body", "{ flip }", "`epochs` takes no body", ""),
    ("epochs 5 x2", "bad-section", "epochs 5 x2", "`train` holds plain steps", ""),
    ("let a = 5", "bad-section", "let a = 5", "`train` holds plain steps", ""),
    # lines that do not go together
    ("epochs 5 ⏎ epochs 6", "repeated-argument", "epochs", "`epochs` is given twice", ""),
    ("optimizer sgd 0.1 ⏎ optimizer adam 0.1", "repeated-argument", "adam", "`optimizer` is given twice", ""),
    ("epochs 5 ⏎ steps 6", CONTRADICTION, "steps", "`epochs` and `steps` both say how long", "one of them"),
    ("optimizer adamw 0.1", CONTRADICTION, "adamw", "nothing says by how much", "`decay 0.01`"),
    ("optimizer adamw 0.1 ⏎ l2 0.1", CONTRADICTION, "l2", "adamw takes the decay of weights out", "`decay 0.05`"),
    ("optimizer adam 0.1 ⏎ decay 0.1", CONTRADICTION, "adam", "is adamw", "`optimizer adamw` goes with"),
    ("warmup 5 epochs ⏎ schedule one_cycle", CONTRADICTION, "warmup", "`one_cycle` has a warm-up", "`pct_start`"),
    ("augment { mixup 0.2 -> flip -> mixup 0.1 }", CONTRADICTION, "mixup", "`mixup` is given twice", ""),
    # what would never happen
    ("epochs 9 ⏎ schedule step 0.1 at=3,9 epochs", IDLE, "3,9", "after 9 epochs, and training ends after 9 epochs", ""),
    ("steps 9 ⏎ schedule step 0.1 every=10 steps", IDLE, "10", "after 10 steps, and training ends after 9 steps", ""),
    ("epochs 9 ⏎ warmup 9 epochs", IDLE, "9", "the rate would rise for 9 epochs, and training ends", ""),
    ("epochs 9 ⏎ stop patience=9", IDLE, "9", "it would never stop early", ""),
    ("epochs 9 ⏎ schedule plateau 0.1 patience=9", IDLE, "9", "the rate would change later", ""),
    ("schedule plateau 0.1 patience=5 ⏎ stop patience=5", IDLE, "5", "training stops after 5 epochs without", ""),
    # what does not go with the network
    ("loss cross_entropy weights=1,2", CONTRADICTION, "1,2", "2 class weights, but the output has 10 classes", ""),
    ("augment { crop 28 }", CONTRADICTION, "28", "pictures are cropped to 28x28, and the input is 3x32x32", ""),
    ("augment { flip -> cutout 33 }", CONTRADICTION, "33", "a square of 33 is larger than the input of 3x32x32", ""),
]  # fmt: skip


PART_ROWS = [
    # how it is written
    ("freeze", "missing-argument", "freeze", "`freeze` needs its pattern", '`freeze "features.*"`'),
    ("freeze features", "unknown-name", "features", "unknown name `features`", 'in quotes: `"features"`'),
    ("freeze conv", "bad-argument", "conv", "must be a pattern in quotes such as", ""),
    ('freeze ""', "bad-argument", '""', "must be a pattern in quotes such as", ""),
    ('freeze "features" until=5', "missing-argument", "5", "`until` needs its unit", "`until=5 epochs`"),
    ('freeze "features" 5', "bad-argument", "5", "the unit must be one of epochs", ""),
    ('freeze "features" epochs', "missing-argument", "epochs", "does not say how long", "`until=5 epochs`"),
    ('rate "features" 0', "bad-argument", "0", "the factor must be more than 0, got 0", ""),
    ('rate "features"', "missing-argument", "rate", "`rate` needs its factor", '`rate "features.*" 0.1`'),
    ('frozen "features"', "unknown-word", "frozen", "has no line `frozen`", "did you mean `freeze`?"),
    # what it names
    ('freeze "feature.*"', CONTRADICTION, '"feature.*"', "names no step of the network", 'mean "features.*"?'),
    ('freeze "Features"', CONTRADICTION, '"Features"', "names no step of the network", 'mean "features"?'),
    ('freeze "a","features.cnv1"', CONTRADICTION, '"a","features.cnv1"', '"features.cnv1" names', '"features.conv1"?'),
    ('freeze "features.x"', CONTRADICTION, '"features.x"', "names no step", "below `features` are conv1, bn1, relu1"),
    ('freeze "zzz*"', CONTRADICTION, '"zzz*"', "names no step", "the outermost names are features, a, relu1"),
    ('freeze "linear1.weight"', CONTRADICTION, '"linear1.weight"', "names no step", "tensors are not named"),
    ('freeze "gap*"', CONTRADICTION, '"gap*"', "only steps without weights: gap1", "features.conv1, a, linear1"),
    ('freeze "a@2"', CONTRADICTION, '"a@2"', "work with the weights of others", "those of `a@2` are called `a`"),
    ('rate "*.bn*" 0.1', CONTRADICTION, '"*.bn*"', "only steps without weights that are trained: features.bn1", ""),
    # what does not go together
    ('freeze "*"', CONTRADICTION, '"*"', "nothing is left to train at first", "the last of them is `linear1`"),
    ('freeze "a" ⏎ freeze "[af]*" until=2 epochs', CONTRADICTION, '"[af]*"', "`a` is in two lines of `freeze`", ""),
    ('rate "a" 0.1 ⏎ rate "[al]*" 0.2', CONTRADICTION, '"[al]*"', "`a` is in two lines of `rate`", "not overlap"),
    ('rate "a" 0.1 ⏎ freeze "a"', IDLE, '"a"', "have a rate, and are frozen from begin to end", ""),
    ('epochs 5 ⏎ freeze "a" until=5 epochs', IDLE, "5", "would be trained after 5 epochs, and training ends", ""),
]  # fmt: skip


EVERY = [*((BODY, row) for row in ROWS), *((PARTS, row) for row in PART_ROWS)]


@pytest.mark.parametrize(("body", "row"), EVERY, ids=[row[0] for _, row in EVERY])
def test_finding(body: str, row: tuple[str, ...]) -> None:
    lines, id, pointed, message, help = row
    (found,) = compiled(net(lines, body=body)).diagnostics
    assert found.id == id
    assert found.label is not None
    assert found.label.span.text == pointed
    assert message in found.message
    assert help in (found.help or "")
    assert found.is_error is (id != IDLE)


def test_lines_that_may_stand_several_times() -> None:
    lines = 'freeze "features" until=2 epochs ⏎ rate "a" 0.5 ⏎ freeze "a","features.*" until=2 epochs ⏎ rate "f*" 2'
    made = recipe(lines, body=PARTS)
    first, second = (Freeze(patterns=each, unit="epoch", until=2) for each in (("features",), ("a", "features.*")))
    assert made.freeze == (first, second)
    assert made.rate == (Rate(patterns=("a",), factor=0.5), Rate(patterns=("f*",), factor=2.0))


def test_one_wrong_step_is_not_told_again_as_a_name_that_is_missing() -> None:
    assert findings(net('freeze "b"', body="b: conv 3x3 -> flatten -> linear 2")) == [("missing-argument", "conv")]
    assert findings(net('freeze "b"', more=", deep=no", body=f"if deep {{ b: conv 3x3 4 }}\n{BODY}"))[0][1] == '"b"'
    asked = Options(parameters={"classes": 3})
    assert findings(net('freeze "b"', body=BODY), asked) == [], "other parameters than the file's make other steps"


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("a.b", "a.b.c a.b.d"), ("a", "a.b.c a.b.d a.e"), ("a.*", "a.b.c a.b.d a.e"), ("*.[cd]", "a.b.c a.b.d"),
        ("*e", "a.e"), ("?", "a.b.c a.b.d a.e b"), ("a.b.[!c]", "a.b.d"), ("A", ""), ("b.*", ""), ("[a", ""),
    ],
)  # fmt: skip
def test_what_a_pattern_names(pattern: str, found: str) -> None:
    assert " ".join(named((pattern,), ("a.b.c", "a.b.d", "a.e", "b", "ab"))) == found


@pytest.mark.parametrize(
    ("lines", "shape", "body", "message"),
    [
        ("loss cross_entropy", "3x32x32", "flatten -> linear 1", "the cross-entropy of a single class is always 0"),
        ("augment { flip }", "1x16000", BODY, "`flip` is for pictures, and the input is 1x16000"),
        ("augment { jitter saturation=0.1 }", "1x28x28", BODY, "a grey picture has no saturation"),
        ("augment { jitter hue=0.1 }", "1x28x28", BODY, "a grey picture has no hue"),
    ],
)
def test_what_does_not_go_with_the_network(lines: str, shape: str, body: str, message: str) -> None:
    (found,) = compiled(net(lines, shape, body)).diagnostics
    assert (found.id, found.message) == (CONTRADICTION, message)


@pytest.mark.parametrize("lines", ["augment { mixup 0.2 }", "epochs 9 ⏎ warmup 500 steps", "augment { }"])
def test_what_goes_anywhere(lines: str) -> None:
    assert findings(net(lines, "1x16000")) == []


def test_several_mistakes_are_told_at_once() -> None:
    lines = "loss ce ⏎ optimizer sgd 0.1 nesterov=yes ⏎ augment { flop -> crop } ⏎ epochs 0"
    assert findings(net(lines)) == [
        ("unknown-word", "ce"),
        ("bad-argument", "yes"),
        ("unknown-word", "flop"),
        ("missing-argument", "crop"),
        ("bad-argument", "0"),
    ]


def test_other_numbers_than_the_files_own_are_not_judged_by_it() -> None:
    """As `=>` is not: whoever tries fewer epochs or more classes is not told that the recipe was for others."""
    text = net("epochs epochs ⏎ warmup 5 epochs ⏎ loss cross_entropy weights=1,2,3,4,5,6,7,8,9,10", more=", epochs=90")
    asked = Options(parameters={"epochs": 3, "classes": 5})
    assert findings(text) == findings(text, asked) == []
    assert [id for id, _ in findings(text.replace("epochs=90", "epochs=3"))] == [IDLE]


def test_sections_stand_once_and_in_the_models_own_body() -> None:
    twice = net("epochs 5", body=f"train {{ epochs 6 }}\n{BODY}")
    assert findings(twice) == [("repeated-argument", "train")]
    assert findings(net("", body=f"{{ train {{ epochs 6 }} }}\n{BODY}")) == [("misplaced-line", "train")]
    models = "train { epochs 5 }\n" + "".join(net("epochs 6").replace("Net", name) for name in ("A", "B"))
    assert findings(models, Options(model="A")) == [("misplaced-line", "train")]


def test_no_layer_is_hidden_by_a_section() -> None:
    assert not {"image", "labels", "train"} & set(words())


def test_a_line_that_is_given_in_place_of_the_files_goes_with_the_other_lines() -> None:
    """It is read alone at first, where `adamw` has no decay beside it."""
    text = model("train { loss mse ⏎ optimizer sgd 0.1 ⏎ decay 0.01 } ⏎ flatten -> linear 2".replace(" ⏎ ", "\n"))
    made, origins = with_recipe(compiled(text), Asked(lines=("optimizer=adamw 0.001",)))
    assert made.built
    assert made.built.recipe
    assert isinstance(made.built.recipe.optimizer, AdamW)
    assert origins["optimizer"] == "--set train.optimizer"
