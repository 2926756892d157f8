"""The shape of an input that was meant by one that it cannot have."""

from cnnspec.contract.channels import may_be_turned
from cnnspec.contract.values import Shape


def likely(asked: Shape, own: Shape) -> Shape | None:
    """For an input of `own` shape: 224 and 3x224 are 3x224x224, 300x200 is 3x300x200; 8x3x224x224 has the batch before
    it and 224x224x3 the channels behind. Other channels stay as they are asked for. None where nothing comes near."""
    channels, *axes = own
    if not axes or min(asked) < 1:
        return None
    if len(asked) == 1 or (len(asked) == 2 < len(own) and asked[0] == channels):
        return (channels, *asked[-1:] * len(axes))
    if len(asked) == len(axes):
        return (channels, *asked)
    one = asked[1:] if len(asked) == len(own) + 1 else asked
    if len(one) != len(own):
        return None
    is_last = one[0] != channels and (one[-1] == channels or may_be_turned(one))
    return (channels, *one[:-1]) if is_last else one


def is_turned(asked: Shape, own: Shape) -> bool:
    """Whether a shape for an input of `own` has its channels behind: `64x64x3` for `3x32x32`. Other channels on purpose
    are none of that: `1x32x32`, and `64x8x8` for `8x8x8`, which leaves the axes as they are."""
    if not len(asked) == len(own) > 1 or asked[0] == own[0] or asked[1:] == own[1:]:
        return False
    return asked[-1] == own[0] < min(asked[:-1])
