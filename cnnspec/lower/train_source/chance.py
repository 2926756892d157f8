"""The script's part that draws numbers, writes files and hears signals: alike for every recipe."""

from __future__ import annotations

CHANCE = '''
def drawn(*what: object) -> np.random.Philox:
    """Random bits for one purpose at one time: who goes on with a run has the same."""
    key = hashlib.sha256("\\n".join(map(str, (SEED, *what))).encode()).digest()[:16]
    return np.random.Philox(key=int.from_bytes(key, "little"))


@functools.lru_cache(maxsize=2)
def shuffled(count: int, *what: object) -> Array:
    return np.argsort(drawn(*what).random_raw(count), kind="stable")


def write(name: str, value: object) -> None:
    """Beside it, then in its place: at any moment what has the name is whole."""
    if rank == 0:
        beside = Path(OUT, f"{name}.tmp")
        with beside.open("wb") as file:
            if isinstance(value, str):
                file.write(value.encode())
            else:
                torch.save(value, file)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(Path(OUT, name))
'''
