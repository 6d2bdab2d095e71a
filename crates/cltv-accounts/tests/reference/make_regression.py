"""Reference figures of linear regressions, by scikit-learn and statsmodels.

    python make_regression.py --make-data              writes ../golden/regression_{accounts,deficient}.csv
    python make_regression.py accounts.csv TARGET [--drop a,b] [--keep 50] > accounts.json

The embedded workbook, as prepared for notebook 11, and the same with columns that say nothing new:

    cargo run -p cltv-accounts --example embedded_design > design.csv
    python make_regression.py design.csv realised_ltv --keep 50 > ../golden/regression_embedded.json
    python make_regression.py design.csv realised_ltv --keep 50 --repeat > ../golden/regression_embedded_repeated.json

Any csv without missing cells will do: columns that parse as numbers are numeric, the others
categorical, one-hot encoded as pandas.get_dummies(drop_first=True) does (levels sorted, numeric
columns first). Needs numpy, pandas, scikit-learn, statsmodels, scipy.
"""
import argparse
import json
import pathlib
import platform

import numpy as np
import pandas as pd

GOLDEN = pathlib.Path(__file__).resolve().parent.parent / "golden"
LAMBDAS = {"ridge": [1e-3, 0.1, 3.0], "lasso": [1.0, 40.0, 250.0]}


def make_data():
    """300 simulated accounts, and the same with columns that say nothing new."""
    random = np.random.RandomState(20240517)
    n = 300
    fees = {"Email": 0.1, "Paid search": -0.15, "Partner": 0.3, "Referral": 0.2, "Social": 0.0}
    channel = random.choice(list(fees), n, p=[0.3, 0.25, 0.1, 0.15, 0.2])
    region = random.choice(["East", "North", "South", "West"], n)
    plan = random.choice(["Basic", "Plus", "Pro"], n, p=[0.5, 0.3, 0.2])
    income = np.round(np.exp(random.normal(10.9, 0.45, n)), 2)
    tenure = random.poisson(28, n)
    products = 1 + random.poisson(1.2, n)
    engagement = np.round(random.uniform(0, 100, n), 1)
    lift = pd.Series(plan).map({"Basic": 0.0, "Plus": 0.35, "Pro": 0.8}).to_numpy()
    fee = pd.Series(channel).map(fees).to_numpy()
    log_value = 5.2 + lift + fee + 0.012 * tenure + 0.18 * products + 0.006 * engagement + 1.5e-6 * income
    value = np.round(np.exp(log_value + random.normal(0, 0.45, n)), 2)
    accounts = pd.DataFrame(dict(income=income, tenure_months=tenure, products=products, engagement=engagement,
                                 channel=channel, region=region, plan=plan, ltv=value))
    accounts.to_csv(GOLDEN / "regression_accounts.csv", index=False, lineterminator="\n")
    more = accounts.copy()
    more["income_thousands"] = more.income / 1000
    more["currency"] = 1
    more["tenure_and_products"] = more.tenure_months + 2 * more.products
    more["coast"] = more.region.map({"East": "Yes", "West": "Yes", "North": "No", "South": "No"})
    more.to_csv(GOLDEN / "regression_deficient.csv", index=False, lineterminator="\n")


def metrics(actual, predicted, p):
    from sklearn import metrics as m
    n, r2 = len(actual), m.r2_score(actual, predicted)
    return dict(r2=r2, adj_r2=1 - (1 - r2) * (n - 1) / (n - p - 1),
                rmse=float(np.sqrt(m.mean_squared_error(actual, predicted))), mae=m.mean_absolute_error(actual, predicted),
                medae=m.median_absolute_error(actual, predicted))


def independent(design):
    """Columns kept when each that adds nothing to those before it is left out."""
    unit = (design - design.mean()) / np.maximum(np.sqrt(((design - design.mean()) ** 2).sum()), 1e-300)
    unit[(design.max() - design.min() == 0).pipe(lambda s: s[s].index)] = 0.0
    kept = []
    for name in design:
        if np.linalg.matrix_rank(unit[kept + [name]].to_numpy(), tol=1e-9) > len(kept):
            kept.append(name)
    return kept


def least_squares(x_train, y_train, x_test, y_test, unit, keep):
    import statsmodels.api as sm
    from sklearn.linear_model import LinearRegression
    from statsmodels.stats.diagnostic import het_breuschpagan, linear_reset
    from statsmodels.stats.outliers_influence import variance_inflation_factor
    from statsmodels.stats.stattools import jarque_bera
    kept = independent(x_train)
    fitted = LinearRegression().fit(x_train, y_train)
    # statsmodels' rank tolerance is so small that it keeps directions which are rounding; scikit-learn's is not.
    exog = sm.add_constant(x_train[kept], has_constant="add")
    fit = sm.OLS(y_train, exog).fit()
    p = len(kept)
    assert int(fit.df_model) == p, (fit.df_model, p)
    np.testing.assert_allclose(fit.fittedvalues, fitted.predict(x_train), rtol=1e-9)
    out = dict(kept=kept, dropped=[c for c in x_train if c not in kept],
               train=metrics(y_train, fitted.predict(x_train), p), test=metrics(y_test, fitted.predict(x_test), p),
               r2_statsmodels=fit.rsquared, adj_r2_statsmodels=fit.rsquared_adj, sigma=float(np.sqrt(fit.mse_resid)),
               f=fit.fvalue, f_p=fit.f_pvalue, predicted_test=fitted.predict(x_test)[:keep].tolist(),
               fitted_train=fitted.predict(x_train)[:keep].tolist())
    if p == x_train.shape[1]:
        np.testing.assert_allclose(fit.params.iloc[1:], fitted.coef_, rtol=1e-8)
        interval = fit.conf_int()
        influence = fit.get_influence()
        out["coefficients"] = {
            name: dict(estimate=fit.params[name] / unit[name], std_error=fit.bse[name] / unit[name],
                       t=fit.tvalues[name], p=fit.pvalues[name],
                       low=interval.loc[name, 0] / unit[name], high=interval.loc[name, 1] / unit[name],
                       robust=float(fit.HC3_se[name]) / unit[name],
                       vif=None if name == "const" else float(variance_inflation_factor(exog.to_numpy(), k)))
            for k, name in enumerate(exog)}
        jb, jb_p, skew, kurtosis = jarque_bera(fit.resid)
        bp, bp_p, _, _ = het_breuschpagan(fit.resid, exog)
        # linear_reset with use_f, but for the powers of standardised predictions: its cubes of money lose 7 digits.
        z = ((fit.fittedvalues - fit.fittedvalues.mean()) / fit.fittedvalues.std()).to_numpy()
        reset, reset_p, _ = sm.OLS(y_train, np.column_stack([exog, z**2, z**3])).fit().compare_f_test(fit)
        scaled = sm.OLS(y_train / fit.fittedvalues.std(), exog).fit()
        np.testing.assert_allclose(reset, linear_reset(scaled, power=3, test_type="fitted", use_f=True).fvalue, rtol=1e-4)
        out["diagnostics"] = dict(
            jarque_bera=float(jb), jarque_bera_p=float(jb_p), skewness=float(skew), kurtosis=float(kurtosis),
            breusch_pagan=float(bp), breusch_pagan_p=float(bp_p),
            reset_f=float(reset), reset_p=float(reset_p),
            leverage=influence.hat_matrix_diag[:keep].tolist(), cooks=influence.cooks_distance[0][:keep].tolist(),
            standardised=influence.resid_studentized_internal[:keep].tolist())
    return out


def folds(x, y, shuffle):
    from sklearn.linear_model import LinearRegression
    from sklearn.model_selection import KFold
    rule = KFold(5, shuffle=shuffle, random_state=42 if shuffle else None)
    p = len(independent(x))
    rows = []
    for train, test in rule.split(x):
        fit = LinearRegression().fit(x.iloc[train], y.iloc[train])
        rows.append(dict(n=len(test), first=test[:5].tolist(), **metrics(y.iloc[test], fit.predict(x.iloc[test]), p)))
    return rows


def shrunk(x_train, y_train, x_test, y_test, unit, p):
    """lambda of sum((y - Xw)^2) / (2n) + penalty, on columns with mean 0 and population variance 1."""
    from sklearn.linear_model import Lasso, Ridge
    from sklearn.preprocessing import StandardScaler
    scaler = StandardScaler().fit(x_train)
    train, test = scaler.transform(x_train), scaler.transform(x_test)
    out = {"ridge": [], "lasso": []}
    for kind, strengths in LAMBDAS.items():
        for strength in strengths:
            ridge = Ridge(alpha=len(train) * strength, solver="svd")
            model = ridge if kind == "ridge" else Lasso(alpha=strength, tol=1e-14, max_iter=10**6)
            model.fit(train, y_train)
            intercept = model.intercept_ - (model.coef_ * scaler.mean_ / scaler.scale_).sum()
            out[kind].append({"lambda": strength, "intercept": float(intercept),
                              "coefficients": (model.coef_ / scaler.scale_ / unit).tolist(),
                              "standardised": model.coef_.tolist(),
                              "train": metrics(y_train, model.predict(train), p),
                              "test": metrics(y_test, model.predict(test), p)})
    return out


def log_target(x_train, y_train, x_test, y_test, p):
    from sklearn.linear_model import LinearRegression
    fit = LinearRegression().fit(x_train, np.log(y_train))
    smear = float(np.exp(np.log(y_train) - fit.predict(x_train)).mean())
    back = lambda x: np.exp(fit.predict(x)) * smear
    return dict(smearing=smear, train=metrics(y_train, back(x_train), p), test=metrics(y_test, back(x_test), p))


def numbers(column):
    """Python's float reads every digit, which pandas' own reader need not."""
    try:
        return column.map(float)
    except ValueError:
        return column


def repeated(table):
    """Columns of the embedded design that other columns give already."""
    more = dict(income_thousands=table.income / 1000, currency=1.0,
                tenure_and_products=table.tenure_months + 2 * table.products)
    table = table.assign(**more)
    enterprise = table.plan.eq("Enterprise") | table.plan.eq("Premium")
    return table.assign(large_plan=np.where(enterprise, "Yes", "No"))


def multiplicative(table, y, parts):
    """E[y] = exp(b0 + sum of b x) by the Poisson score, long-tailed positive columns as logarithms."""
    import statsmodels.api as sm
    from scipy.optimize import root
    from scipy.stats import skew
    table = table.copy()
    logs = [c for c in table if table[c].dtype.kind in "if" and table[c].min() > 0 and skew(table[c]) > 1]
    table = table.rename(columns={c: f"ln {c}" for c in logs})
    table[[f"ln {c}" for c in logs]] = np.log(table[[f"ln {c}" for c in logs]])
    x = pd.get_dummies(table, drop_first=True, dtype=float).astype(float)
    train, test = parts[0].index, parts[2].index
    kept = independent(x.loc[train])
    exog = sm.add_constant(x[kept], has_constant="add")
    y_train, y_test = y.loc[train], y.loc[test]
    scale = exog.loc[train].abs().max()
    a, b = (exog.loc[train] / scale).to_numpy(), y_train.to_numpy()
    start = np.zeros(a.shape[1])
    start[0] = np.log(b.mean())
    for _ in range(200):  # Newton with halved steps, to where scipy's root takes over
        mu = np.exp(a @ start)
        step = np.linalg.lstsq(a.T @ (a * mu[:, None]), a.T @ (b - mu), rcond=None)[0]
        height = lambda c: b @ (a @ c) - np.exp(a @ c).sum()
        while height(start + step) < height(start) and np.abs(step).max() > 1e-14:
            step = step / 2
        start = start + step
    score = lambda c: a.T @ (b - np.exp(a @ c)) / b.sum()
    found = root(score, start, jac=lambda c: -(a.T @ (a * np.exp(a @ c)[:, None])) / b.sum(), tol=1e-15).x
    assert np.abs(score(found)).max() < 1e-13, np.abs(score(found)).max()
    if (b >= 0).all():  # statsmodels has no likelihood for values below 0, the score needs none
        fit = sm.GLM(b, a, family=sm.families.Poisson()).fit(cov_type="HC0", tol=1e-14, maxiter=200)
        np.testing.assert_allclose(found, fit.params, rtol=1e-7, atol=1e-9)
        robust = fit.bse
    else:
        mu = np.exp(a @ found)
        bread = np.linalg.inv(a.T @ (a * mu[:, None]))
        robust = np.sqrt(np.diag(bread @ (a.T @ (a * ((b - mu) ** 2)[:, None])) @ bread))
    mean = lambda rows: np.exp((exog.loc[rows] / scale).to_numpy() @ found)
    p = len(kept)
    return dict(logarithms=logs, kept=["const", *kept], estimates=(found / scale).tolist(), robust=(robust / scale).tolist(),
                train=metrics(y_train, mean(train), p), test=metrics(y_test, mean(test), p))


def reference(path, target, drop, keep, repeat):
    import sklearn
    import statsmodels
    from sklearn.model_selection import train_test_split
    table = pd.read_csv(path, dtype=str, keep_default_na=False).drop(columns=drop).apply(numbers)
    y = table.pop(target).astype(float)
    if repeat:
        table = repeated(table)
    x = pd.get_dummies(table, drop_first=True, dtype=float).astype(float)
    # Powers of two change no digit. Without them scikit-learn's lstsq leaves out the direction of a
    # column of very small numbers beside one of very large (a rate beside seconds since 1970).
    unit = 2.0 ** np.floor(np.log2(x.abs().max().replace(0, 1)))
    x = x / unit
    x_train, x_test, y_train, y_test = train_test_split(x, y, test_size=0.2, random_state=42)
    parts = (x_train, y_train, x_test, y_test)
    ols = least_squares(*parts, {"const": 1.0, **unit}, keep)
    p = len(ols["kept"])
    out = dict(made_with=dict(python=platform.python_version(), numpy=np.__version__, pandas=pd.__version__,
                              sklearn=sklearn.__version__, statsmodels=statsmodels.__version__),
               target=target, features=list(x), n_train=len(x_train), n_test=len(x_test),
               train_rows=x_train.index[:10].tolist(), test_rows=x_test.index[:10].tolist(), ols=ols,
               folds=folds(x_train, y_train, True), folds_in_order=folds(x_train, y_train, False))
    out["shrunk"] = shrunk(*parts, unit.to_numpy(), p)
    out["multiplicative"] = multiplicative(table, y, parts)
    if (y > 0).all():
        out["log"] = log_target(*parts, p)
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("csv", nargs="?")
    parser.add_argument("target", nargs="?")
    parser.add_argument("--make-data", action="store_true")
    parser.add_argument("--drop", default="")
    parser.add_argument("--keep", type=int, default=1000, help="rows of fitted values and diagnostics to write")
    parser.add_argument("--repeat", action="store_true", help="add columns that others give (embedded design)")
    options = parser.parse_args()
    if options.make_data:
        make_data()
        return
    drop = [name for name in options.drop.split(",") if name]
    print(json.dumps(reference(options.csv, options.target, drop, options.keep, options.repeat), indent=1))


if __name__ == "__main__":
    main()
