"""The script that trains a network by its own recipe, as a Python file beside `model.py`.

facts      what is known of the network and how it is trained
filling    templates: lines that stand there or not, and values in them
settings   the constants at the top, and the command line that takes their place
data       IDX, folders of pictures and .npz; who is held out
pictures   how a picture becomes the input
augment    what happens to training pictures
optimise   loss, optimizer, learning rate
chance     numbers drawn, files written, signals heard
judge      who is in an update, the mean of the weights, judging
epoch      an epoch's end: judged, told, the best kept
loop       update after update, checkpoints
script     the whole file
signature  whether somebody has changed it since
"""
