"""Data sets as they lie on the disk: IDX files, folders of pictures, npz and npy, CSV; scikit-learn's digits."""
