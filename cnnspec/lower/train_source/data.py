"""The script's part that reads data: IDX, folders of pictures, `.npz`; and who is held out."""

from __future__ import annotations

from cnnspec.lower.train_source.facts import Facts
from cnnspec.lower.train_source.filling import filled, up

DATA = '''
class Split:
    """Pictures and labels. Files are read when asked for; less than 1 GB is kept."""

    def __init__(self, pictures: Array, labels: Array) -> None:
        self.pictures, self.labels, self.pool = pictures, labels, ThreadPoolExecutor()
        self.kept: Array | None = None
        if fit(pictures[0]).nbytes * len(labels) < 2**30:
            self.kept = self.take(np.arange(len(labels)))

    def take(self, places: Array) -> Array:
        if self.kept is not None:
            return self.kept[places]
        return np.stack(list(self.pool.map(fit, self.pictures[places])))


def read(path: Path) -> dict[str, tuple[Array, Array]]:
    """Pictures and labels of `train`, `val` and `test`, as far as there are such."""
    parts: dict[str, tuple[Array, Array]] = {}
    if path.suffix == ".npz":
        with np.load(path, allow_pickle=False) as file:
            held = {name.removesuffix("_train"): file[name] for name in file.files}
        for part, end in (("train", ""), ("val", "_val"), ("test", "_test")):
            if f"x{end}" in held and f"y{end}" in held:
                x, y = held[f"x{end}"], held[f"y{end}"].reshape(-1)
                x = x.clip(max=1) * 255 if x.dtype.kind == "f" and x.max() <= 1.01 else x  # from 0 to 1
                x = x.transpose(0, 2, 3, 1) if x.shape[3:] not in ((), (1,), (3,)) and x.shape[1] in (1, 3) else x
                if x.ndim < 3 or x.shape[3:] not in ((), (1,), (3,)) or not (x.min() >= 0 and x.max() <= 255):
                    raise ValueError(f"x{end} is {x.shape} from {x.min()} to {x.max()}, not grey or RGB from 0 to 255")
                parts[part] = (np.rint(x[..., 0] if x.shape[3:] == (1,) else x).astype(np.uint8), y)
    elif any(path.glob("train-images*")):
        for part, name in (("train", "train"), ("test", "t10k")):
            images, labels = (sorted(path.glob(f"{name}-{what}*")) for what in ("images", "labels"))
            if images and labels:
                parts[part] = (idx(images[0]), idx(labels[0]).astype(np.int64))
    else:
        rooms = [path / part for part in ("train", "val", "test")]
        for room in rooms if rooms[0].is_dir() else [path]:
            files = sorted(file for file in room.glob("*/**/*") if file.suffix.lower() in SUFFIXES)
            names = [file.relative_to(room).parts[0] for file in files]
            if files:
                parts["train" if room == path else room.name] = (np.array(files, dtype=object), np.array(names))
    if "train" not in parts:
        sys.exit(f"{path} holds no data to train on in a known form: see --help")
    return parts


def idx(path: Path) -> Array:
    """Two zeros, a type, how many axes; their extents, big-endian; the bytes."""
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    shape = np.frombuffer(data, ">u4", count=data[3], offset=4)
    return np.frombuffer(data, np.uint8, offset=4 + 4 * len(shape)).reshape(shape)


def load(path: Path) -> tuple[dict[str, Split], list[str]]:
    """The parts with numbers for labels, and what the classes are called."""
    try:
        parts = read(path)
        whole = np.concatenate([np.broadcast_to(y, len(x)) for x, y in parts.values()])
        if whole.dtype.kind not in "iuU" or (whole.dtype.kind == "i" and whole.min() < 0):
            raise ValueError("labels are names, or numbers from 0")
    except (OSError, ValueError, LookupError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        sys.exit(f"{path} cannot be read: {error}")
    classes = list(range(len(NAMES))) if whole.dtype.kind in "iu" else NAMES  #? labels
    names = sorted(set(whole.astype(str).tolist()))  #? !labels
    names.sort(key=lambda name: int(name) if name.isdecimal() and name.isascii() else math.inf)  #? !labels
    classes = list(range(int(whole.max()) + 1)) if whole.dtype.kind in "iu" else names  #? !labels
    if len(classes) != $CLASSES:  #? !labels
        sys.exit(f"the data have {len(classes)} classes, and the network $CLASSES")  #? !labels
    if strange := set(whole.tolist()).difference(classes):  #? labels
        sys.exit(f"the class {min(strange)} is none of {', '.join(NAMES[:20])}")  #? labels
    place = {name: i for i, name in enumerate(classes)}
    for part, (x, y) in parts.items():
        parts[part] = (x, np.array([place[name] for name in y.tolist()]))
    if "val" not in parts and HOLDOUT:  # the same share of each class
        x, y = parts["train"]
        out = np.zeros(len(y), bool)
        for k in np.unique(y):
            places = np.flatnonzero(y == k)
            if len(places) < 2:
                sys.exit(f"class {classes[k]} has one sample alone, and none to hold out: --holdout 0?")
            count = min(max(1, round(HOLDOUT * len(places))), len(places) - 1)
            out[places[shuffled(len(places), "hold out", k)[:count]]] = True
        parts |= {"train": (x[~out], y[~out]), "val": (x[out], y[out])}
    for part, (_, y) in parts.items():
        print(f"{part}: {len(y):,} samples, by class {np.bincount(y)[:20].tolist()}")
    return {part: Split(*each) for part, each in parts.items()}, list(map(str, classes))
'''


def data(facts: Facts) -> str:
    """Its text."""
    return filled(DATA, up(labels=facts.labels), CLASSES=facts.classes)
