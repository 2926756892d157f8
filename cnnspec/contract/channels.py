"""Shapes that look as if their channels stood last, as Keras and pictures in memory have them."""

from cnnspec.contract.values import Shape

PICTURE = (1, 3, 4)
"""Channels of grey, of colours, and of colours with transparency."""
LEAST = 64
"""Pixels that a side of a picture has which is not square."""
LONGEST = 4
"""So many times its short side the long side of a picture is, at most."""


def picture_turned(shape: Shape) -> Shape | None:
    """`28x28x1` and `480x640x3` with the channels first; None where a shape does not look like that at first sight."""
    if len(shape) != 3 or shape[-1] not in PICTURE:
        return None
    high, wide, last = shape
    return (last, high, wide) if high == wide > max(PICTURE) or _are_sides((high, wide), LEAST) else None


def may_be_turned(shape: Shape) -> Shape | None:
    """The same for what may be channels that stand last, where more than the looks says so: few of them behind long
    axes, those of volumes (`32x32x32x1`) and pictures with bands (`128x128x13`) too. A signal's looks say nothing:
    `768x12` may well be 768 features of 12 steps."""
    *sides, last = shape
    match len(sides):
        case 2:
            found = last <= 16 and _are_sides(sides, 4 * max(LONGEST, last))
        case 3:
            found = last in PICTURE and _are_sides(sides, 2 * max(PICTURE), 2 * LONGEST)
        case _:
            found = False
    return (last, *sides) if found else picture_turned(shape)


def without_batch(shape: Shape) -> Shape | None:
    """`1x3x224x224` without the batch, and `1x224x224x3` with the channels first, too."""
    if len(shape) != 4 or shape[0] != 1:
        return None
    picture = shape[1:]
    turned = picture_turned(picture)
    return turned or (picture if picture[0] in PICTURE and _are_sides(picture[1:], LEAST) else None)


def _are_sides(sides: tuple[int, ...] | list[int], least: int, longest: int = LONGEST) -> bool:
    return min(sides) >= least and max(sides) <= longest * min(sides)
