"""Fits and predictions of cltv and of its peers, on the same files, one after the other.

usage: bench_models.py EXAMPLES FOLDER CDNOW [PYMC_PYTHON] [--sizes N,N]
       bench_models.py --peer lifetimes|pymc|nuts FILE

EXAMPLES is the folder of cltv-models' examples bench_fits and nuts, FOLDER keeps the simulated files, CDNOW is the customer summary that the published
figures belong to, with spends. Simulated files hold BG/NBD customers with r = .243, alpha = 4.414, a = .793, b = 2.426 (weeks), T
uniform on 27 to 39 weeks in days, purchases merged by day, spends of Gamma-Gamma customers with p = 6.25, q = 3.74,
v = 15.44.

Every program reads the file, then times each step in memory: the fastest of its repeats, after one that warms up.
A ratio counts only where both found the same optimum. Posteriors of the BG/NBD are compared by the time of an
effective draw. What is printed is Markdown. The program ends with 1 when optima differ, or when a ratio that the
project has set itself is missed.
"""

import json
import pathlib
import subprocess
import sys
import time

import numpy as np

SIZES = (2_357, 100_000, 1_000_000)
STEPS = ("bg_nbd", "gamma_gamma", "pareto_nbd", "mbg_nbd", "clv", "expected_purchases", "p_alive")
# How much faster than lifetimes, by step and customers; everything else: ten times the faster peer.
GOALS = {("bg_nbd", 2_357): 50, ("bg_nbd", 1_000_000): 100, ("pareto_nbd", 100_000): 200,
         ("gamma_gamma", 1_000_000): 50, ("clv", 1_000_000): 50, ("expected_purchases", 1_000_000): 5}
EVERYWHERE = 10
MEMORY = 4  # our peak at a million, at most a quarter of theirs
SLOWEST = {("pareto_nbd", 1_000_000)}  # more than three minutes in a peer
# How much faster than pymc-marketing an effective draw of a posterior is, and its most seconds.
NUTS = {2_357: (8, 4.0), 100_000: (10, None)}
YEARLY = 0.10


def simulate(customers, file):
    """Writes one simulated file; the same seed, the same file."""
    rng = np.random.default_rng(7)
    rate = rng.gamma(0.243, 1 / 4.414, customers) / 7
    dropout = rng.beta(0.793, 2.426, customers)
    age = rng.integers(27 * 7, 39 * 7 + 1, customers)
    x, t_x, now = np.zeros(customers, int), np.zeros(customers, int), np.zeros(customers)
    alive = np.ones(customers, bool)
    while alive.any():
        who = np.flatnonzero(alive)
        now[who] += rng.exponential(1 / np.maximum(rate[who], 1e-300))
        gone = now[who] > age[who]
        alive[who[gone]] = False
        bought = who[~gone]
        day = np.minimum(np.ceil(now[bought]).astype(int), age[bought])
        new = day > t_x[bought]
        x[bought] += new
        t_x[bought] = np.where(new, day, t_x[bought])
        alive[bought[rng.random(len(bought)) < dropout[bought]]] = False
    of_one = rng.gamma(np.maximum(6.25 * x, 1e-9), 1) / (rng.gamma(3.74, 1 / 15.44, customers) * np.maximum(x, 1))
    spend = np.where(x > 0, np.maximum(np.round(of_one, 6), 0.01), 0.0)
    write(file, x, t_x / 7, age / 7, spend)


def write(file, x, t_x, age, spend):
    with open(file, "w") as out:
        out.write("frequency,recency,T,monetary_value\n")
        out.writelines(f"{a},{b!r},{c!r},{d!r}\n" for a, b, c, d in zip(x.tolist(), t_x.tolist(), age.tolist(), spend.tolist()))


def of_cdnow(source, file):
    """The published summary under the names of all files."""
    rows = np.genfromtxt(source, delimiter=",", names=True)
    write(file, rows["x"].astype(int), rows["t_x"], rows["T"], rows["zbar"])


def read(file):
    import pandas

    return pandas.read_csv(file)


def peak_kib():
    text = pathlib.Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) for line in text.splitlines() if line.startswith("VmHWM"))


def timed(out, name, repeats, step):
    """The fastest of some repeats; one that takes long is not repeated."""
    seconds = []
    for _ in range(repeats + 1):
        begin = time.perf_counter()
        result = step()
        seconds.append(time.perf_counter() - begin)
        if sum(seconds) > 20:
            break
    out[name] = {"fastest": min(seconds)}
    return result


def lifetimes(file):
    """lifetimes 0.11.3: plain maximum likelihood from its own start."""
    import warnings

    import lifetimes as peer

    warnings.filterwarnings("ignore")
    table = read(file)
    x, t_x, age, spend = (table[name].to_numpy() for name in table.columns)
    again = x > 0
    customers, out = len(table), {"fits": {}}
    repeats = 5 if customers < 10_000 else 1

    def fit(name, fitter, *columns):
        fitted = timed(out, name, repeats, lambda: fitter().fit(*columns))
        names = {"bg_nbd": "r alpha a b", "mbg_nbd": "r alpha a b", "pareto_nbd": "r alpha s beta", "gamma_gamma": "p q v"}
        out["fits"][name] = {"estimates": [float(fitted.params_[key]) for key in names[name].split()]}
        return fitted

    bg = fit("bg_nbd", peer.BetaGeoFitter, x, t_x, age)
    spent = fit("gamma_gamma", peer.GammaGammaFitter, x[again], spend[again])
    fit("mbg_nbd", peer.ModifiedBetaGeoFitter, x, t_x, age)
    if ("pareto_nbd", customers) not in SLOWEST:
        fit("pareto_nbd", peer.ParetoNBDFitter, x, t_x, age)
    monthly = (1 + YEARLY) ** (1 / 12) - 1
    timed(out, "clv", repeats, lambda: spent.customer_lifetime_value(
        bg, table["frequency"], table["recency"], table["T"], table["monetary_value"], time=12, discount_rate=monthly, freq="W"))
    timed(out, "expected_purchases", repeats, lambda: bg.conditional_expected_number_of_purchases_up_to_time(52, x, t_x, age))
    timed(out, "p_alive", repeats, lambda: bg.conditional_probability_alive(x, t_x, age))
    out["peak_kib"] = peak_kib()
    return out


def pymc(file):
    """pymc-marketing: the maximum of the posterior under flat priors, after one fit that compiles."""
    import logging
    import warnings

    warnings.filterwarnings("ignore")
    logging.disable(logging.WARNING)
    import pandas
    from pymc_extras.prior import Prior
    from pymc_marketing import clv as peer

    table = read(file)
    data = pandas.DataFrame({"customer_id": np.arange(len(table)), "frequency": table["frequency"],
                             "recency": table["recency"], "T": table["T"], "monetary_value": table["monetary_value"]})
    flat = lambda *names: {name: Prior("HalfFlat") for name in names}
    out = {"fits": {}}

    def fit(name, model, data, names):
        def once():
            built = model(model_config=flat(*names))
            built.fit(data=data, method="map", progressbar=False)
            return built

        fitted = timed(out, name, 1, once)
        values = fitted.fit_result
        out["fits"][name] = {"estimates": [float(values[key].mean()) for key in names]}
        return fitted

    bg = fit("bg_nbd", peer.BetaGeoModel, data.drop(columns="monetary_value"), ("r", "alpha", "a", "b"))
    again = data[data["frequency"] > 0][["customer_id", "frequency", "monetary_value"]]
    spent = fit("gamma_gamma", peer.GammaGammaModel, again, ("p", "q", "v"))
    if ("pareto_nbd", len(table)) not in SLOWEST:
        fit("pareto_nbd", peer.ParetoNBDModel, data.drop(columns="monetary_value"), ("r", "alpha", "s", "beta"))
    monthly = (1 + YEARLY) ** (1 / 12) - 1
    timed(out, "clv", 1, lambda: spent.expected_customer_lifetime_value(
        transaction_model=bg, data=data, future_t=12, discount_rate=monthly, time_unit="W"))
    timed(out, "expected_purchases", 1, lambda: bg.expected_purchases(data, future_t=52))
    timed(out, "p_alive", 1, lambda: bg.expected_probability_alive(data))
    out["peak_kib"] = peak_kib()
    return out


def nuts(file):
    """pymc-marketing's posterior of the BG/NBD under its default priors, after a short run that compiles."""
    import logging
    import warnings

    warnings.filterwarnings("ignore")
    logging.disable(logging.WARNING)
    import arviz
    import pandas
    from pymc_marketing import clv as peer

    table = read(file)
    data = pandas.DataFrame({"customer_id": np.arange(len(table)), "frequency": table["frequency"],
                             "recency": table["recency"], "T": table["T"]})

    def sample(draws, tune, chains):
        model = peer.BetaGeoModel()
        begin = time.perf_counter()
        model.fit(data=data, method="mcmc", draws=draws, tune=tune, chains=chains, cores=2, random_seed=7, progressbar=False)
        return model.idata, time.perf_counter() - begin

    names = ["r", "alpha", "a", "b"]
    sample(5, 5, 2)
    # What a hundred thousand customers take allows no more.
    idata, seconds = sample(500, 1000 if len(table) < 10_000 else 500, 2)
    least = lambda figures: float(min(figures[name].item() for name in names))
    ess = min(least(arviz.ess(idata, var_names=names, method=method)) for method in ("bulk", "tail"))
    rhat = arviz.rhat(idata, var_names=names)
    return {"seconds": seconds, "ess": ess, "r_hat": max(rhat[name].item() for name in names),
            "divergences": int(idata.sample_stats["diverging"].sum()),
            "means": [float(idata.posterior[name].mean()) for name in names]}


def ask(command):
    """What a program printed last, as JSON; None where it failed."""
    print("==>", " ".join(map(str, command)), file=sys.stderr, flush=True)
    done = subprocess.run(list(map(str, command)), stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout.splitlines()[-1]) if done.returncode == 0 else None


def same(ours, theirs):
    """Whether two fits are the same optimum: the peers' optimisers stop short of it by up to a hundredth of a
    parameter. Their log-likelihoods are of scaled data and without constants, so they say nothing."""
    return all(abs(a / b - 1) < 0.02 for a, b in zip(ours["estimates"], theirs["estimates"]))


def milliseconds(entry):
    return f"{1000 * entry['fastest']:.2f}" if entry else "-"


def compare(size, ours, peers):
    """Prints one file's table; gives what was missed."""
    missed = []
    names = list(peers)
    print(f"\n### {size:,} customers, {ours['fits']['bg_nbd']['distinct_rows']:,} distinct histories\n")
    print("| step | cltv ms | " + " | ".join(f"{name} ms | ratio" for name in names) + " | goal |")
    print("|---|" + "---|" * (2 * len(names) + 2))
    for step in STEPS:
        cells, faster = [], None
        for name in names:
            entry = (peers[name] or {}).get(step)
            if entry is None:
                cells += ["-", "-"]
                continue
            ratio = entry["fastest"] / ours[step]["fastest"]
            fit = (peers[name]["fits"] or {}).get(step)
            differs = fit is not None and not same(ours["fits"][step], fit)
            if differs:
                missed.append(f"{name} found another optimum of {step} at {size:,}: {fit} against {ours['fits'][step]}")
            cells += [milliseconds(entry), f"{ratio:.0f}x" + (" (another optimum)" if differs else "")]
            faster = min(faster or ratio, ratio)
            goal = GOALS.get((step, size))
            if name == "lifetimes" and goal and ratio < goal:
                missed.append(f"{step} at {size:,}: {ratio:.0f}x lifetimes, the goal is {goal}x")
        if faster is not None and faster < EVERYWHERE:
            missed.append(f"{step} at {size:,}: {faster:.1f}x the faster peer, the goal is {EVERYWHERE}x")
        goal = GOALS.get((step, size))
        print(f"| {step} | {milliseconds(ours[step])} | " + " | ".join(cells) + f" | {f'{goal}x' if goal else f'{EVERYWHERE}x'} |")
    peaks = {"cltv": ours["peak_kib"]} | {name: peer["peak_kib"] for name, peer in peers.items() if peer}
    print("\nPeak memory: " + ", ".join(f"{name} {peak / 1024:.0f} MiB" for name, peak in peaks.items()) + ".")
    if size == max(SIZES):
        for name, peak in peaks.items():
            if peak < MEMORY * peaks["cltv"] and name != "cltv":
                missed.append(f"peak memory at {size:,}: {peak / peaks['cltv']:.1f} times less than {name}, the goal is {MEMORY}")
    return missed


def posterior(size, ours, theirs):
    """Prints the posteriors of one file; gives what was missed."""
    goal, most = NUTS[size]
    missed = []
    print(f"\n### Posterior of the BG/NBD, {size:,} customers\n")
    print("| program | seconds | smallest effective sample | effective draws a second | largest R-hat | divergences | means of r, alpha, a, b |")
    print("|---|---|---|---|---|---|---|")
    for name, one in (("cltv, 4 x 1,000 after 1,000", ours), ("pymc-marketing, 2 x 500", theirs)):
        if one is None:
            continue
        means = ", ".join(f"{mean:.4g}" for mean in one["means"])
        print(f"| {name} | {one['seconds']:.2f} | {one['ess']:.0f} | {one['ess'] / one['seconds']:.1f} | {one['r_hat']:.4f} | {one['divergences']} | {means} |")
    if ours["r_hat"] > 1.01 or ours["divergences"] > 0 or (most and ours["seconds"] > most):
        missed.append(f"posterior at {size:,}: {ours}, the goal is R-hat 1.01, no divergence and {most} s")
    if theirs:
        ratio = (ours["ess"] / ours["seconds"]) / (theirs["ess"] / theirs["seconds"])
        print(f"\nAn effective draw takes {ratio:.0f} times less than pymc-marketing's; the goal is {goal}.")
        if ratio < goal:
            missed.append(f"posterior at {size:,}: {ratio:.1f}x pymc-marketing, the goal is {goal}x")
        apart = max(abs(a / b - 1) for a, b in zip(ours["means"], theirs["means"]))
        if apart > 0.1:
            missed.append(f"posterior means at {size:,} differ by {apart:.0%}")
    return missed


def main(examples, folder, cdnow, pymc_python=None, sizes=SIZES):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    examples = pathlib.Path(examples)
    program, missed = examples / "bench_fits", []
    for size in sizes:
        file = folder / f"{size}.csv"
        if not file.exists():
            of_cdnow(cdnow, file) if size == SIZES[0] else simulate(size, file)
        ours = ask([program, file, 20 if size < 10_000 else 5])
        if ours is None:
            sys.exit(f"{program} failed on {file}")
        ours["peak_kib"] = ask([program, file, 0])["peak_kib"]
        peers = {"lifetimes": ask([sys.executable, __file__, "--peer", "lifetimes", file])}
        if pymc_python:
            peers["pymc-marketing"] = ask([pymc_python, __file__, "--peer", "pymc", file])
        missed += compare(size, ours, peers)
        if size in NUTS:
            theirs = pymc_python and ask([pymc_python, __file__, "--peer", "nuts", file])
            missed += posterior(size, ask([examples / "nuts", file]), theirs)
    print("\nAll goals are met." if not missed else "\nMissed:\n- " + "\n- ".join(missed))
    sys.exit(bool(missed))


if __name__ == "__main__":
    if sys.argv[1] == "--peer":
        print(json.dumps({"lifetimes": lifetimes, "pymc": pymc, "nuts": nuts}[sys.argv[2]](sys.argv[3])))
    else:
        arguments, sizes = sys.argv[1:], SIZES
        if arguments[-2:-1] == ["--sizes"]:
            sizes = tuple(int(size) for size in arguments[-1].split(","))
            arguments = arguments[:-2]
        main(*arguments, sizes=sizes)
