"""Who makes a search, and how often a person has seen a campaign: caps and fatigue.

Persons are numbered kind by kind, so that the persons of a kind are a range. A *counter* counts the
impressions of a campaign with a cap or with fatigue, person by person: SEEN in the running period
of the cap, EVER since the history began.
"""

from __future__ import annotations

from .jit import kernel

SEEN, EVER = 0, 1
MOST_COUNTED = 65535  # EVER counts up to here


@kernel
def pick_person(kinds, first, last, u):
    """The person who makes a search, by a uniform; the kinds of the cell are first .. last - 1."""
    low = first
    high = last
    while high - low > 1:
        middle = (low + high) >> 1
        if kinds.before[middle] <= u:
            low = middle
        else:
            high = middle
    place = int((u - kinds.before[low]) / kinds.chance[low])
    return kinds.first[low] + min(place, kinds.persons[low] - 1)


@kernel
def open_periods(exposure, day, seen):
    """Forget what was SEEN in periods that end before `day`; `seen` is uint16[persons, n, 2]."""
    for counter in range(exposure.cap.size):
        if day % exposure.days[counter] == 0:
            for person in range(seen.shape[0]):
                seen[person, counter, SEEN] = 0


@kernel
def is_capped(exposure, seen, campaign, person):
    """Whether a person has had all impressions of a campaign that its cap allows."""
    counter = exposure.counter[campaign]
    return counter >= 0 and seen[person, counter, SEEN] >= exposure.cap[counter]


@kernel
def tiredness(exposure, seen, campaign, person):
    """The CTR factor of a person who has seen a campaign before."""
    counter = exposure.counter[campaign]
    if counter < 0:
        return 1.0
    return exposure.tired[counter, min(seen[person, counter, EVER], exposure.tired.shape[1] - 1)]


@kernel
def count_impression(exposure, seen, campaign, person):
    """Count an impression of a campaign."""
    counter = exposure.counter[campaign]
    if counter >= 0:
        seen[person, counter, SEEN] = min(seen[person, counter, SEEN] + 1, MOST_COUNTED)
        seen[person, counter, EVER] = min(seen[person, counter, EVER] + 1, MOST_COUNTED)
