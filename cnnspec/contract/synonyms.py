"""What other tools call the arguments that have these names here; a word's own names come before them."""

from collections.abc import Mapping

from cnnspec.contract.fields import Field

_ELSEWHERE: Mapping[str, tuple[str, ...]] = {
    "kernel": ("kernel_size", "kernel_shape", "pool_size", "filter_size", "window_size", "ksize", "size", "k"),
    "channels": ("out_channels", "filters", "num_filters", "num_output", "output_channels", "planes", "out"),
    "features": ("out_features", "units", "num_output", "num_hidden", "neurons", "outputs", "out"),
    "stride": ("strides", "s"),
    "pad": ("padding", "pads", "p"),
    "dilation": ("dilation_rate", "dilations", "dil", "rate", "d"),
    "groups": ("group", "num_groups", "g"),
    "bias": ("use_bias", "bias_term"),
    "rate": ("p", "prob", "drop_prob", "drop_rate", "dropout_ratio", "ratio"),
    "eps": ("epsilon",),
    "slope": ("negative_slope", "alpha"),
    "ceil_mode": ("ceil",),
    "count_pad": ("count_include_pad",),
    "output_pad": ("output_padding",),
    "factor": ("scale_factor", "upscale_factor", "scale", "block_size", "size"),
    "to": ("output_size", "size"),
    "multiplier": ("depth_multiplier", "channel_multiplier"),
    "mode": ("interpolation", "padding_mode"),
    "padding": ("pad", "pads"),
    "cropping": ("crop",),
    "init": ("kernel_initializer", "initializer", "weight_filler"),
    "axes": ("dims", "perm"),
}


def called_elsewhere(name: str, fields: Mapping[str, Field]) -> str | None:
    """The field that another tool calls so."""
    name = name.lower()
    return next((each for each in fields if name in _ELSEWHERE.get(each, ())), None)
