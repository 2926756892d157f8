"""`cnnspec explain`: the derivation of a layer, in words of texts/ and formulas that the layers state."""
