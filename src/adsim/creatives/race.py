"""Who is the best, what a wrong choice costs, and by how much one leads: by quadrature, no luck.

With independent values X_i of distribution functions F_i and densities f_i

    P(i is the best)  = integral of f_i(x) prod_{j != i} F_j(x) dx
    E[best - X_i]     = integral of F_i(x) (1 - prod_{j != i} F_j(x)) dx
    P(X_i / X_j <= r) = integral of f_i(x) (1 - F_j(x / r)) dx

The axis is cut at quantiles of every creative, and every piece has Gauss-Legendre nodes of its own:
so narrow and wide distributions, 10 and 10^9 impressions, are integrated alike.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import betainc, expit

from adsim.creatives.beliefs import Beliefs
from adsim.creatives.spread import Floats

CUTS = np.array(
    [1e-10, 1e-6, 1e-3, 0.02, 0.15, 0.5, 0.85, 0.98, 0.999, 1 - 1e-6, 1 - 1e-10]
)  # fmt: skip
NODES, NODE_WEIGHTS = np.polynomial.legendre.leggauss(8)
RATIO_CUTS = np.array([1e-8, 1e-3, 0.15, 0.85, 1 - 1e-3, 1 - 1e-8])


@dataclass(frozen=True)
class Race:
    """Standing of K creatives, each array (K,).

    Attributes:
        expected: Expected value.
        p_best: Probability that no other one is better.
        loss: Expected loss of choosing it: E[best] - expected.
    """

    expected: Floats
    p_best: Floats
    loss: Floats


def run_race(beliefs: Beliefs) -> Race:
    """Where the creatives stand."""
    n_sets, n_creatives = beliefs.a.shape
    p_best, loss = np.zeros(n_creatives), np.zeros(n_creatives)
    for k in range(n_sets):
        best_k, loss_k = _race_of_set(beliefs, k)
        p_best += beliefs.weights[k] * best_k
        loss += beliefs.weights[k] * loss_k
    return Race(beliefs.weights @ beliefs.means(), p_best / p_best.sum(), loss)


def _race_of_set(beliefs: Beliefs, k: int) -> tuple[Floats, Floats]:
    a, b, shift = beliefs.a[k][:, None], beliefs.b[k][:, None], beliefs.shift[k][:, None]
    one = Beliefs(np.ones(1), a.T, b.T, None if beliefs.scale is None else beliefs.scale[k][None])
    cuts = np.sort(one.quantile_places(CUTS), axis=None)
    places, widths = _spread_nodes(cuts)
    below = betainc(a, b, expit(places - shift))
    others = _product_of_others(below)
    weights = _node_weights(a, b, places - shift, widths)
    p_best = (weights * others).sum(axis=1)
    return p_best, (below * (1.0 - others)) @ (one.slope_at(places) * widths)


def _spread_nodes(cuts: Floats) -> tuple[Floats, Floats]:
    """Places and widths of the nodes of all pieces between neighboring cuts."""
    half = np.diff(cuts, axis=-1)[..., None] / 2.0
    middle = (cuts[..., 1:, None] + cuts[..., :-1, None]) / 2.0
    shape = (*cuts.shape[:-1], -1)
    return (middle + half * NODES).reshape(shape), (half * NODE_WEIGHTS).reshape(shape)


def _node_weights(a: Floats, b: Floats, odds: Floats, widths: Floats) -> Floats:
    """Probability at the nodes, sum 1 over the last axis: density of log odds of Beta(a, b)."""
    logs = -a * np.logaddexp(0.0, -odds) - b * np.logaddexp(0.0, odds)
    weights = np.exp(logs - logs.max(axis=-1, keepdims=True)) * widths
    shares: Floats = weights / weights.sum(axis=-1, keepdims=True)
    return shares


def _product_of_others(below: Floats) -> Floats:
    """(K, N): for each row the product of all other rows."""
    ones = np.ones_like(below[:1])
    before = np.concatenate([ones, np.cumprod(below[:-1], axis=0)])
    after = np.concatenate([np.cumprod(below[:0:-1], axis=0)[::-1], ones])
    product: Floats = before * after
    return product


def ratio_quantiles(beliefs: Beliefs, i: int, j: int, probabilities: Floats) -> Floats:
    """Quantiles of X_i / X_j, shape of `probabilities`, with a relative error of about 1e-7.

    The integral runs over the narrower of the two, so that the other one is smooth there.
    """
    from scipy.optimize import brentq  # late: plans do without it

    mean, deviation = beliefs.log_moments()
    narrow, wide = (i, j) if deviation[0, i] <= deviation[0, j] else (j, i)
    cuts = beliefs.quantile_places(RATIO_CUTS)[:, narrow]
    places, widths = _spread_nodes(cuts)
    a, b, shift = (x[:, narrow, None] for x in (beliefs.a, beliefs.b, beliefs.shift))
    weights = _node_weights(a, b, places - shift, widths) * beliefs.weights[:, None]
    log_values = np.log(beliefs.value_at(places))
    a, b, shift = (x[:, wide, None] for x in (beliefs.a, beliefs.b, beliefs.shift))

    def beyond(log_ratio: float, probability: float) -> float:
        other = log_values - log_ratio if narrow == i else log_values + log_ratio
        below = betainc(a, b, expit(beliefs.place_of(other) - shift))
        share = float((weights * below).sum())
        return (1.0 - share if narrow == i else share) - probability

    middle = mean[:, i] - mean[:, j]
    reach = 7.0 * np.hypot(deviation[:, i], deviation[:, j])  # Cantelli: 2 % are beyond, at most
    bracket = float((middle - reach).min()), float((middle + reach).max())
    return np.exp([brentq(beyond, *bracket, args=(p,), xtol=1e-12) for p in probabilities])
