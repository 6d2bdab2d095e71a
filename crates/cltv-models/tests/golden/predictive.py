"""Reference figures of predictive distributions with 50 digits (integrals for n purchases with 25): python3 predictive.py > predictive.json

The return probability is 1 - L(x, t_x, T + t) / L(x, t_x, T): no purchase in (T, T + t] is the history with the
age T + t. The crate has other formulas, without the difference. L is a hypergeometric function for the
Pareto/NBD, an incomplete gamma function for the Exponential/NBD, an integral over the dropout time for the
GGompertz/NBD. Probabilities of n purchases are integrals over the purchase rate of a customer alive (Poisson
counts), where the crate sums negative binomial probabilities. Money is a sum of incomplete beta functions.
"""

import json
from functools import lru_cache

from mpmath import beta, betainc, binomial, exp, factorial, gamma, gammainc, hyp2f1, inf, log, loggamma, mp, mpf, quad, workdps

mp.dps = 50

POINTS = [(0, 0, "38.86"), (1, "10.0", "30.0"), (2, "30.43", "38.86"), (7, "3.0", "39.0"), (26, "30.0", "31.0"), (3, "39.0", "39.0")]
HORIZONS = ["0.000001", "1", "39", "520"]
COUNTS = [0, 1, 2, 5, 20]
MONTH = mpf(39)


class Dropout:
    """Dropout after purchases: BG (chances 0), MBG (chances 1), each purchase after k Poisson events."""

    def __init__(self, k, at_start, r, alpha, a, b):
        self.k, self.at_start = k, at_start
        self.r, self.alpha, self.a, self.b = map(mpf, (r, alpha, a, b))

    def parts(self, x, t_x, end):
        shape, chances = self.r + self.k * x, x + self.at_start
        alive = sum(gamma(shape + j) / gamma(shape) / factorial(j) * (end - t_x) ** j * (self.alpha + end) ** -(shape + j) for j in range(self.k))
        gone = self.a / (self.b + chances - 1) * (self.alpha + t_x) ** -shape if chances else mpf(0)
        return alive, gone

    def ever(self, x, t_x):
        """The contribution of never buying again: only that of having dropped out."""
        return self.parts(x, t_x, t_x)[1]

    def pmf(self, n, t, x, t_x, end):
        """P(n purchases in t, alive): E over p and, phase by phase, over the rate."""
        chances, k = x + self.at_start, self.k
        b = self.b + chances
        stay = lambda m: beta(self.a, b + m) / beta(self.a, b)
        shape = self.r + k * x
        weights = [gamma(shape + j) / gamma(shape) / factorial(j) * ((end - t_x) / (self.alpha + end)) ** j for j in range(k)]
        total = mpf(0)
        for j, weight in enumerate(weights):
            own, scale = shape + j, self.alpha + end
            events = lambda m: mixed_poisson(m, own, scale, t)
            exactly = sum(events(m) for m in range(max(n * k - j, 0), (n + 1) * k - j))
            if n == 0:
                total += weight * exactly
                continue
            at_least = betainc(n * k - j, own, 0, t / (scale + t), regularized=True)
            total += weight * (stay(n) * exactly + (stay(n - 1) - stay(n)) * at_least)
        return total / sum(weights)


@lru_cache(maxsize=None)
def mixed_poisson(m, shape, scale, t):
    """P(m events in t): Poisson counts at a Gamma(shape, scale) rate, by quadrature over the rate."""
    def density(y):
        rate = exp(y)
        return exp(shape * log(scale * rate) - (scale + t) * rate - loggamma(shape) + m * log(rate * t) - loggamma(m + 1))

    # In y = ln rate: below the middle the integrand falls as e^((shape + m) y).
    middle, low = log((shape + m) / (scale + t)), 1 + 60 / (shape + m)
    high = log(2 + 80 / (shape + m))
    with workdps(25):
        return quad(density, [middle - low, middle - low / 4, middle - low / 16, middle, middle + high / 2, middle + high])


class Lifetime:
    """Dropout in continuous time with a survival function and a density."""

    def parts(self, x, t_x, end):
        shape = self.r + x
        alive = self.survival(end) * (self.alpha + end) ** -shape
        return alive, self.gone(shape, t_x, end)

    def gone(self, shape, t_x, end):
        f = lambda t: self.density(t) * (self.alpha + t) ** -shape
        points = [t_x] + [t_x + (end - t_x) * mpf(2) ** -k for k in range(12, -1, -1)] if end != inf else [t_x, t_x + 1, t_x + 8, t_x + 64, t_x + 512, t_x + 4096, inf]
        return quad(f, points) if end > t_x else mpf(0)

    def ever(self, x, t_x):
        return self.gone(self.r + x, t_x, inf)

    def pmf(self, n, t, x, t_x, end):
        shape, scale = self.r + x, self.alpha + end
        later = lambda u: self.survival(end + u) / self.survival(end)
        dropping = lambda u: self.density(end + u) / self.survival(end)
        count = lambda u: binomial(shape + n - 1, n) * (scale / (scale + u)) ** shape * (u / (scale + u)) ** n
        with workdps(25):
            gone = quad(lambda u: dropping(u) * count(u), [0, t / 8, t / 2, t])
        return later(t) * count(t) + gone


class Nothing(Lifetime):
    """The NBD: nobody drops out."""

    def __init__(self, r, alpha):
        self.r, self.alpha = mpf(r), mpf(alpha)

    def survival(self, t):
        return mpf(1)

    def gone(self, shape, t_x, end):
        return mpf(0)

    def pmf(self, n, t, x, t_x, end):
        return mixed_poisson(n, self.r + x, self.alpha + end, t)


class Pareto(Lifetime):
    def __init__(self, r, alpha, s, beta):
        self.r, self.alpha, self.s, self.beta = map(mpf, (r, alpha, s, beta))

    def survival(self, t):
        return (self.beta / (self.beta + t)) ** self.s

    def density(self, t):
        return self.s / (self.beta + t) * self.survival(t)

    def gone(self, shape, t_x, end):
        """The integral from t to infinity is a hypergeometric function, on either side of alpha = beta."""
        s, power = self.s, shape + self.s

        def tail(t):
            if t == inf:
                return mpf(0)
            if self.alpha >= self.beta:
                z = (self.alpha - self.beta) / (self.alpha + t)
                return s * self.beta**s / power * (self.alpha + t) ** -power * hyp2f1(power, s + 1, power + 1, z)
            z = (self.beta - self.alpha) / (self.beta + t)
            return s * self.beta**s / power * (self.beta + t) ** -power * hyp2f1(power, shape, power + 1, z)

        return tail(t_x) - tail(end)


class Exponential(Lifetime):
    def __init__(self, r, alpha, mu):
        self.r, self.alpha, self.mu = map(mpf, (r, alpha, mu))

    def survival(self, t):
        return exp(-self.mu * t)

    def density(self, t):
        return self.mu * exp(-self.mu * t)

    def gone(self, shape, t_x, end):
        tail = lambda t: mpf(0) if t == inf else gammainc(1 - shape, self.mu * (self.alpha + t))
        return self.mu * exp(self.mu * self.alpha) * self.mu ** (shape - 1) * (tail(t_x) - tail(end))


class Gompertz(Lifetime):
    def __init__(self, r, alpha, b, s, beta):
        self.r, self.alpha, self.b, self.s, self.beta = map(mpf, (r, alpha, b, s, beta))

    def survival(self, t):
        return (self.beta / (self.beta - 1 + exp(self.b * t))) ** self.s

    def density(self, t):
        return self.s * self.b * exp(self.b * t) / (self.beta - 1 + exp(self.b * t)) * self.survival(t)


MODELS = {
    "BG/NBD": (Dropout(1, 0, "0.243", "4.414", "0.793", "2.426"), ["0.243", "4.414", "0.793", "2.426"]),
    "MBG/NBD": (Dropout(1, 1, "0.525", "6.183", "0.891", "1.614"), ["0.525", "6.183", "0.891", "1.614"]),
    "Pareto/NBD": (Pareto("0.553", "10.578", "0.606", "11.669"), ["0.553", "10.578", "0.606", "11.669"]),
    "NBD": (Nothing("0.385", "12.07"), ["0.385", "12.07"]),
    "BG/CNBD-k": (Dropout(3, 0, "1.2", "5.0", "0.8", "2.4"), ["1.2", "5.0", "0.8", "2.4"]),
    "MBG/CNBD-k": (Dropout(2, 1, "0.525", "18.5", "0.891", "1.614"), ["0.525", "18.5", "0.891", "1.614"]),
    "GGompertz/NBD": (Gompertz("0.553", "10.578", "0.02", "0.4", "0.3"), ["0.553", "10.578", "0.02", "0.4", "0.3"]),
    "Exponential/NBD": (Exponential("0.5", "10", "0.01"), ["0.5", "10", "0.01"]),
}

# p, q and v of the Gamma-Gamma, and the mean spend of a repeat customer.
SPEND, MEAN = (mpf("6.25"), mpf("3.74"), mpf("15.44")), mpf("22.35")
AMOUNTS = ["1", "20", "100", "1000"]


def figures(name, model, parameters):
    points = [(x, mpf(t_x), mpf(end)) for x, t_x, end in POINTS]
    likelihood = lambda x, t_x, end: sum(model.parts(x, t_x, end))
    alive = lambda point: model.parts(*point)[0] / likelihood(*point)
    returns = lambda x, t_x, end, t: 1 - likelihood(x, t_x, end + t) / likelihood(x, t_x, end)
    never = lambda x, t_x, end: model.ever(x, t_x) / likelihood(x, t_x, end)
    gone = lambda n, point: model.parts(*point)[1] / likelihood(*point) if n == 0 else 0
    pmf = lambda n, point: gone(n, point) + alive(point) * model.pmf(n, MONTH, *point)
    return {
        "params": [float(p) for p in parameters],
        "probability_alive": [float(alive(point)) for point in points],
        "return": {t: [float(returns(*point, mpf(t))) for point in points] for t in HORIZONS},
        "never": [float(never(*point)) for point in points],
        "pmf_future(t=39)": {str(n): [float(pmf(n, point)) for point in points] for n in COUNTS},
    }


def money(model, point):
    """P(money within 39 <= m) of one customer: n amounts are Gamma(p n) at a rate Gamma(q + p x, v + x mean)."""
    (p, q, v), (x, t_x, end) = SPEND, point
    total = sum(model.parts(*point))
    gone, alive = (part / total for part in model.parts(*point)[::-1])
    chances = [alive * model.pmf(n, MONTH, *point) for n in range(60)]
    shape, scale = q + p * x, v + x * MEAN
    within = lambda m: gone + chances[0] + sum(c * betainc(p * n, shape, 0, m / (scale + m), regularized=True) for n, c in enumerate(chances) if n)
    return {amount: float(within(mpf(amount))) for amount in AMOUNTS}


def main():
    models = {name: figures(name, *rest) for name, rest in MODELS.items()}
    pareto = MODELS["Pareto/NBD"][0]
    ends = {str(k): money(pareto, (x, mpf(t_x), mpf(end))) for k, (x, t_x, end) in enumerate(POINTS[:3])}
    spend = {"params": [float(p) for p in SPEND], "mean_spend": float(MEAN), "within(t=39)": ends}
    print(json.dumps({"points (x,t_x,T)": [[x, float(t), float(end)] for x, t, end in POINTS], "models": models, "money of the Pareto/NBD": spend}, indent=1))


if __name__ == "__main__":
    main()
