"""What layers and their arguments refuse, and what they say then: the field, the message, the hint."""

import pytest

from cnnspec.contract.errors import ArgumentError, LayerError
from tests.judges.examples import bind


@pytest.mark.parametrize(
    ("text", "inputs", "about", "message", "hint"),
    [
        ("avgpool 40x40", [(3, 32, 32)], "kernel", "the 40x40 kernel is larger than the 32x32 input", "`gap`"),
        ("maxpool 2x2", [(3, 1, 1)], "kernel", "the 2x2 kernel is larger than the 1x1 input", "down to one position"),
        ("maxpool 5x5 /2 ceil_mode=yes", [(3, 3, 2)], "kernel", "the 5x5 kernel is larger than the 3x2 input", "4x3"),
        ("maxpool 4 /2 dilation=3 ceil_mode=yes", [(3, 3)], "kernel", "the kernel of 4, dilated to 10", "at most 2"),
        ("conv 7x7 8 pad=1", [(3, 4, 8)], "kernel", "the 7x7 kernel is larger than the 6x10 padded input", "6x10"),
        ("conv 5 8", [(3, 4)], "kernel", "the kernel of 5 is larger than the input of 4", "4"),
        ("conv 3x3 8 dilation=2", [(3, 4, 9)], "kernel", "the 3x3 kernel, dilated to 5x5, is larger than", "2x5"),
        ("conv 3x3 64 groups=2", [(3, 8, 8)], "groups", "groups=2 does not divide 3 input channels", "3 and 64: 1"),
        ("conv 3x3 6 groups=4", [(8, 8, 8)], "groups", "groups=4 does not divide 6 output channels", "8 and 6: 1, 2"),
        ("conv 4x4 8 pad=same", [(3, 8, 8)], "pad", "no symmetric `same` padding", "`pad=1`"),
        ("conv 3x3 8", [(3, 8)], "kernel", "`kernel` has 2 numbers (3x3), but the input has 1 spatial axis", "`3`"),
        ("conv 3x3 8 pad=1,1", [(3, 8, 8)], "pad", "`pad` lists 2 numbers", "top, left, bottom, right"),
        ("conv 3x3 8", [(3072,)], None, "got a vector of 3072", "`flatten` behind"),
        ("maxpool 2x2 pad=2", [(3, 8, 8)], "pad", "padding of 2 is not smaller than the kernel of 2", "`pad=1`"),
        ("maxpool 2 pad=1 dilation=5", [(3, 4)], "dilation", "a dilation of 5 steps over", ""),
        ("avgpool 3x3 pad=1", [(3, 8, 8)], "pad", "must say whether the padding counts", "`count_pad=no`"),
        (
            "linear 10",
            [(8, 32, 32)],
            None,
            "`linear` takes a vector, got 8x32x32",
            "(90 parameters) or `flatten` (81,930)",
        ),
        ("add", [(64, 16, 16), (3, 32, 32)], 1, "of different shapes: 64x16x16 and 3x32x32", ""),
        ("add", [(4, 5), (4, 5), (4, 6)], 2, "4x5 and 4x6", ""),
        ("concat", [(8, 32, 32), (3, 30, 30)], 1, "concat needs equal sizes: 32x32 and 30x30", ""),
        ("concat", [(8, 4, 4), (10,)], 1, "cannot concatenate 8x4x4 and 10", ""),
        ("mul", [(8, 4, 4), (4, 1, 1)], 1, "cannot multiply 8x4x4 and 4x1x1", "Cx1x1"),
        ("mul", [(4, 1, 1), (8, 4, 4)], 1, "cannot multiply 4x1x1 and 8x4x4", "Cx1x1"),
        ("mul", [(8, 4, 4), (8, 4, 1)], 1, "cannot multiply 8x4x4 and 8x4x1", "Cx1x1"),
        ("mul", [(8, 4, 4), (8,)], 1, "cannot multiply 8x4x4 and 8", "Cx1x1"),
        ("padc 2", [(3, 4, 4)], "channels", "cannot pad 3 channels to 2", "`conv 1x1 2`"),
        ("sub", [(4, 5), (4, 5), (4, 6)], 2, "cannot subtract tensors of different shapes: 4x5 and 4x6", ""),
        ("max", [(8, 4, 4), (8, 1, 1)], 1, "cannot take the maximum of tensors of different shapes", ""),
        ("conv_transpose 4x4 8 /2 pad=same", [(3, 8, 8)], "pad", "no symmetric `same`", "`pad=same_upper` makes 16"),
        ("conv_transpose 3 8 /5 pad=same_lower", [(3, 8)], "pad", "makes 40 of 8, but the kernel spreads over 38", "2"),
        ("conv_transpose 3x3 8 /2 output_pad=2", [(3, 8, 8)], "output_pad", "is not smaller than the stride of 2", "1"),
        ("conv_transpose 3x3 8 pad=3", [(3, 4, 8)], "pad", "the padding cuts everything off", ""),
        ("conv_transpose 3x3 6 groups=4", [(8, 8, 8)], "groups", "does not divide 6 output channels", "8 and 6: 1, 2"),
        ("conv_transpose 3x3 8", [(3072,)], None, "got a vector of 3072", "`flatten` behind"),
        ("groupnorm 32", [(48, 4, 4)], "groups", "groups=32 does not divide 48 channels", "1, 2, 3, 4, 6, 8, 12, 16"),
        ("groupnorm 4", [(4, 1, 1)], None, "`groupnorm` of 4x1x1 would take means of single values", ""),
        ("instancenorm", [(8, 1)], None, "`instancenorm` of 8x1 would take means of single values", ""),
        ("instancenorm", [(8,)], None, "got a vector of 8", ""),
        ("channel_shuffle 3", [(8, 4, 4)], "groups", "groups=3 does not divide 8 channels", "1, 2, 4, 8"),
        ("pixel_shuffle 2", [(6, 4, 4)], "factor", "makes one channel of 4, which does not divide 6", "`conv 3x3 4*c"),
        ("pixel_shuffle 2", [(8, 4)], None, "`pixel_shuffle` takes CxHxW, got 8x4", ""),
        ("slice 2 9", [(8, 4, 4)], "stop", "there are 8 channels, but the slice ends at 9", "`slice 2 8`"),
        ("slice 4 4", [(8, 4, 4)], "start", "no channel stands from 4 up to 4", "left out"),
        ("reshape 3 -1", [(8, 4, 4)], "shape", "8x4x4 are 128 values, which do not make 3x-1", ""),
        ("reshape 8 4 5", [(8, 4, 4)], "shape", "8x4x4 are 128 values, which do not make 8x4x5", ""),
        ("reshape -1 -1", [(8, 4, 4)], "shape", "only one extent may be -1", ""),
        ("reshape 2 2 2 2 8", [(8, 4, 4)], "shape", "at most channels and three spatial axes", ""),
        ("permute 1 2 3", [(8, 4, 4)], "axes", "`permute 1 2 3` is no order of the 3 axes", "0 1 2 in another order"),
        ("permute 0 1", [(8, 4, 4)], "axes", "is no order of the 3 axes", ""),
        ("pad 4 mode=reflect", [(2, 4, 9)], "padding", "needs more than 4 pixels, and there are 4", "3 at most"),
        ("pad 1 mode=edge value=1", [(2, 4, 4)], "value", "takes its values from the map", "mode=constant"),
        ("pad 1,1", [(2, 4, 4)], "padding", "`padding` lists 2 numbers", "top, left, bottom, right"),
        ("crop 2", [(2, 4, 9)], "cropping", "nothing is left of 4x9", ""),
        ("crop to=5", [(2, 4, 9)], "to", "5x5 cannot be cut from 4x9", ""),
        ("crop like=@x1", [(2, 4, 9), (2, 5, 5)], "like", "5x5 cannot be cut from 4x9", ""),
        ("crop like=@x1", [(2, 4, 9), (2, 5)], "like", "2x4x9 cannot become as large as 2x5", ""),
        ("crop 1 to=3", [(2, 9, 9)], "to", "takes one of `cropping`, `to` or `like`, not `cropping` and `to`", ""),
        ("upsample", [(2, 4, 4)], None, "`upsample` needs one of `factor`, `to` or `like`", "`upsample 2`"),
        ("upsample 2 align_corners=yes", [(2, 4, 4)], "align_corners", "is for mode=bilinear", ""),
        ("upsample 2x2", [(2, 4)], "factor", "`factor` has 2 numbers (2x2), but the input has 1 spatial axis", ""),
        ("adaptive_maxpool 2x2", [(2, 4)], "to", "`to` has 2 numbers", ""),
    ],
)
def test_what_a_layer_refuses(text: str, inputs: list, about: str | int | None, message: str, hint: str) -> None:
    with pytest.raises(LayerError) as caught:
        bind(text).infer(tuple(inputs))
    assert message in caught.value.message
    assert caught.value.about == about
    assert hint in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("conv 3x3 0", "the number of channels must be at least 1, got 0", ""),
        ("conv 3x3 2.5", "must be a whole number, got 2.5", "`round`"),
        ("conv 3x3 64x2", "`64x2` is a size, but the number of channels must be one number", "`64 x2`"),
        ("conv 3,3 64", "the kernel must be a size, got a list", "`3x3`"),
        ("conv 3x3 64 /0", "the stride must be at least 1, got 0", ""),
        ("conv 3x3 64 pad=valid", "must be a size or one of same, same_upper, same_lower, got valid", ""),
        ("conv 3x3 64 bias=1", "the bias must be yes or no, got 1", ""),
        ("conv 3x3 99999999999", "is too large", ""),
        ("dropout 2", "the rate must be 0 <= p < 1, got 2", "it is the share that is dropped"),
        ("dropout 1", "the rate must be 0 <= p < 1", ""),
        ("dropout yes", "the rate must be 0 <= p < 1, got yes", ""),
        ("bn eps=0", "eps must be more than 0", ""),
        ("lrn 4", "must be odd, got 4", "use 3 or 5"),
        ("padc 64 side=left", "side must be end or both, got left", ""),
        ("pad same", "the border must be a whole number, got same", ""),
        ("reshape 8x4x4", "the shape is written with spaces", "`8 4 4`"),
        ("reshape 8,4", "the shape is written with spaces", "`8 4`"),
        ("reshape 8 0", "an extent must be at least 1, got 0", ""),
        ("reshape 8 -2", "an extent must be at least 1, got -2", ""),
        ("permute 0 -1", "an axis must be at least 0, got -1", ""),
        ("upsample 1.5", "the factor must be a whole number, got 1.5", ""),
        ("upsample like=2x2", "like must be a reference such as `@skip`, got 2x2", ""),
        ("layernorm over=channels", "over must be one of channel, last, all, got channels", ""),
        ("prelu per=pixel", "per must be layer or channel, got pixel", ""),
        ("drop_path 1", "the rate must be 0 <= p < 1", "it is the share that is dropped"),
        ("scale init=1e40", "the first value is too large", ""),
    ],
)
def test_what_an_argument_refuses(text: str, message: str, hint: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        bind(text)
    assert message in caught.value.message
    assert hint in (caught.value.hint or "")
