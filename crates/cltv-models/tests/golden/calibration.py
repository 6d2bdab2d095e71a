"""Simulated forecasts and outcomes: python3 calibration.py writes calibration_forecasts.csv and
calibration_transactions.csv beside this file.

80 customers with negative binomial forecasts (to p12, which has the tail) and outcomes of other ones, so that
no figure is 0 or 1; every fourth forecast is tied with another. calibration.json has the figures of the
benchmark script score.py (numpy 2.4.6), whose header defines each: score.py calibration_transactions.csv
calibration_forecasts.csv --after 2020-06-30 --until 2020-12-31 --json
"""

import csv
import pathlib
import random
from datetime import date, timedelta
from math import exp, lgamma, log

CUSTOMERS, LAST = 80, 12
AFTER = date(2020, 6, 30)
HERE = pathlib.Path(__file__).parent


def negative_binomial(shape, mean):
    z = mean / (shape + mean)
    pmf = [exp(lgamma(shape + n) - lgamma(shape) - lgamma(n + 1) + shape * log(1 - z) + n * log(z)) for n in range(LAST)]
    return pmf + [1 - sum(pmf)]


def quantile(pmf, share):
    total = 0.0
    for n, p in enumerate(pmf):
        total += p
        if total >= share:
            return n
    return LAST


def main():
    random.seed(20_240_131)
    forecasts, transactions, tied = [], [], None
    for i in range(CUSTOMERS):
        shape, mean = random.uniform(0.4, 3), random.expovariate(0.6) + 0.02
        if i % 4 == 3:
            shape, mean = tied
        tied = (shape, mean)
        pmf = negative_binomial(shape, mean)
        outcome = random.choices(range(LAST + 1), negative_binomial(0.8 * shape, 1.3 * mean))[0] + (4 if i == 7 else 0)
        name, first = f"c{i:02}", AFTER - timedelta(days=random.randrange(60, 170))
        forecasts.append([name, repr(mean), repr(1 - pmf[0]), quantile(pmf, 0.025), quantile(pmf, 0.975), *map(repr, pmf)])
        days = [first] + ([first + timedelta(days=20)] if i % 3 else [])
        days += [AFTER + timedelta(days=1 + k) for k in random.sample(range(180), outcome)]
        transactions += [[name, day.isoformat()] for day in sorted(days)]
    header = ["customer_id", "expected", "p_return", "low", "high"] + [f"p{n}" for n in range(LAST + 1)]
    for file, head, rows in (("forecasts", header, forecasts), ("transactions", ["customer_id", "date"], transactions)):
        with open(HERE / f"calibration_{file}.csv", "w", newline="") as f:
            csv.writer(f, lineterminator="\n").writerows([head, *rows])


if __name__ == "__main__":
    main()
