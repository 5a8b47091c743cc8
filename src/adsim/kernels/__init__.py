"""Numbers only: numpy and numba, nothing of ours above this room.

`doors.py` holds the only compiled functions that the rest of adsim calls and the only ones that
numba caches on disk; every other module here is a helper of theirs.
"""
