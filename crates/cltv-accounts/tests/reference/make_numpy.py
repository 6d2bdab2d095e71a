"""More of numpy's legacy streams, for tests/numpy_streams.rs: python make_numpy.py > ../golden/numpy_more.json"""
import json
import numpy as np

R = np.random.RandomState
out = {"numpy": np.__version__}
out["by_key"] = {"key": [1, 2, 3, 4294967295], "words": R([1, 2, 3, 4294967295]).randint(0, 2**32, 5, dtype=np.uint32).tolist()}
long_key = list(range(1000))
out["by_long_key"] = {"length": 1000, "words": R(long_key).randint(0, 2**32, 5, dtype=np.uint32).tolist()}
out["seeds"] = {str(s): R(s).randint(0, 2**32, 2000, dtype=np.uint32)[-3:].tolist() for s in (0, 1, 2**32 - 1)}
r = R(7)  # Three normals leave one in the cache; a uniform draw must not use it up.
out["crossing"] = {"normals": r.standard_normal(3).tolist(), "uniform": float(r.uniform(-2, 3)), "normal": float(r.normal(5, 2))}
out["poisson"] = {str(m): R(11).poisson(m, 400).tolist() for m in (0.0, 0.3, 3.3, 9.99, 10.0, 12.5, 27.0, 150.0)}
out["poisson_large"] = {str(m): R(11).poisson(m, 5).tolist() for m in (1e6, 1e12)}
draws = 50_000  # Enough for the rare branches: each draw times its place, so that none can move.
out["poisson_long"] = {str(m): int((R(13).poisson(m, draws) * np.arange(1, draws + 1)).sum()) for m in (3.3, 10.0, 12.5, 150.0)}
out["normals_1001"] = {"last": float(R(3).standard_normal(1001)[-1]), "sum_of_bits": int(np.bitwise_xor.reduce(R(3).standard_normal(1001).view(np.uint64)))}
words = list("abcdefghijklmnopqrstuvwxyz"); R(5).shuffle(words)
out["shuffled_letters"] = "".join(words)
print(json.dumps(out))
