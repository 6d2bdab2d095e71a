"""Reference figures of the Exponential/NBD with 50 digits: python3 exponential_nbd.py > exponential_nbd.json

Closed forms by the incomplete gamma function, where the crate integrates numerically.
With c = r + x: the integral of exp(-mu t) (alpha + t)^-c over (t_x, T) is
exp(mu alpha) mu^(c-1) [Gamma(1-c, mu (alpha+t_x)) - Gamma(1-c, mu (alpha+T))].
"""

import csv
import json
import pathlib
from collections import Counter

from mpmath import (binomial, exp, gammainc, inverse, log, loggamma, matrix, mp, mpf, quad,
                    sqrt)

mp.dps = 50

FIXED = (mpf("0.5"), mpf(10), mpf("0.01"))
POINTS = [(0, 0, 38.86), (1, 10.0, 30.0), (2, 30.43, 38.86), (7, 3.0, 39.0), (26, 30.0, 31.0), (3, 39.0, 39.0)]


def rows():
    """Distinct (x, t_x, T) with their counts."""
    path = pathlib.Path(__file__).with_name("cdnow_customers_summary_with_transactions.csv")
    with open(path) as file:
        table = list(csv.reader(file))[1:]
    return Counter((int(row[1]), mpf(row[2].strip()), mpf(row[3].strip())) for row in table)


def parts(params, point):
    """The contributions of being alive at T and of having dropped out, without what both share."""
    r, alpha, mu = params
    x, t_x, end = point
    c = r + x
    alive = exp(-mu * end) * (alpha + end) ** -c
    tail = lambda t: gammainc(1 - c, mu * (alpha + t))
    gone = mu * exp(mu * alpha) * mu ** (c - 1) * (tail(mpf(t_x)) - tail(mpf(end)))
    return alive, gone


def log_likelihood(params, point):
    r, alpha, _ = params
    alive, gone = parts(params, point)
    return loggamma(r + point[0]) - loggamma(r) + r * log(alpha) + log(alive + gone)


def p_alive(params, point):
    alive, gone = parts(params, point)
    return alive / (alive + gone)


def expected(params, point, t):
    r, alpha, mu = params
    rate = (r + point[0]) / (alpha + mpf(point[2]))
    return p_alive(params, point) * rate * (1 - exp(-mu * t)) / mu


def pmf(params, n, t):
    r, alpha, mu = params
    count = lambda s: binomial(r + n - 1, n) * (alpha / (alpha + s)) ** r * (s / (alpha + s)) ** n
    return exp(-mu * t) * count(t) + quad(lambda s: mu * exp(-mu * s) * count(s), [0, t / 8, t])


def optimum(data):
    """The maximum by Newton's method in logarithms, from a rounded start."""
    mp.dps = 30
    total = lambda *logs: sum(n * log_likelihood([exp(v) for v in logs], point) for point, n in data.items())
    at = [log(mpf(v)) for v in START]
    step = mpf(10) ** -8
    for _ in range(STEPS):
        gradient, hessian = derivatives(total, at, step)
        move = inverse(hessian) * gradient
        at = [v - move[k] for k, v in enumerate(at)]
    gradient, hessian = derivatives(total, at, step)
    covariance = -inverse(hessian)
    params = [exp(v) for v in at]
    errors = [params[k] * sqrt(covariance[k, k]) for k in range(3)]
    return params, errors, total(*at)


def derivatives(f, at, h):
    """Central differences; with 30 digits their errors are of h^2 = 1e-16."""
    moved = lambda i, a, j, b: f(*[v + (a * h if k == i else 0) + (b * h if k == j else 0) for k, v in enumerate(at)])
    n, middle = len(at), f(*at)
    gradient, hessian = matrix(n, 1), matrix(n, n)
    for i in range(n):
        up, down = moved(i, 1, i, 0), moved(i, -1, i, 0)
        gradient[i] = (up - down) / (2 * h)
        hessian[i, i] = (up - 2 * middle + down) / h**2
        for j in range(i):
            crossed = moved(i, 1, j, 1) - moved(i, 1, j, -1) - moved(i, -1, j, 1) + moved(i, -1, j, -1)
            hessian[i, j] = hessian[j, i] = crossed / (4 * h**2)
    return gradient, hessian


START = ("0.48935", "10.0583", "0.02577")
STEPS = 2


def main():
    data = rows()
    f = float
    sums = lambda figure: sum(n * figure(point) for point, n in data.items())
    customers = sum(data.values())
    alive = sums(lambda point: p_alive(FIXED, point))
    fixed = {
        "params": dict(zip(("r", "alpha", "mu"), map(f, FIXED))),
        "points (x,t_x,T)": POINTS,
        "probability_alive": [f(p_alive(FIXED, point)) for point in POINTS],
        "conditional_expected": {str(t): [f(expected(FIXED, point, t)) for point in POINTS] for t in (1, 39, 520)},
        "expected_new_customer": {
            str(t): f(FIXED[0] / FIXED[1] * (1 - exp(-FIXED[2] * t)) / FIXED[2]) for t in (1, 39, 520)
        },
        "pmf(t=39)": {str(n): f(pmf(FIXED, n, mpf(39))) for n in (0, 1, 2, 5, 20)},
        "log_likelihood_sum": f(sums(lambda point: log_likelihood(FIXED, point))),
        "cdnow_all_customers": {
            "sum_cond_expected_39": f(sums(lambda point: expected(FIXED, point, 39))),
            "sum_p_alive": f(alive),
            "mean_p_alive": f(alive / customers),
        },
    }
    params, errors, top = optimum(data)
    names = ("r", "alpha", "mu")
    best = {
        "params": dict(zip(names, map(f, params))),
        "standard_errors": dict(zip(names, map(f, errors))),
        "log_likelihood": f(top),
    }
    print(json.dumps({"fixed": fixed, "optimum": best}, indent=1))


if __name__ == "__main__":
    main()
