"""Tables of mixed columns: what becomes of each, in pandas and in polars."""

import pickle

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.base import clone
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, TargetEncoder
from sklearn.utils.estimator_checks import parametrize_with_checks

from skreg import MLPClassifier
from skreg.preprocessing import PiecewiseLinearEncoder, SquashingScaler, TableEncoder

N_ROWS = 200


def table(seed=0, n_rows=N_ROWS):
    """One column of each kind, with holes."""
    rng = np.random.default_rng(seed)
    towns = np.array(["Ulm", "Bonn", "Kiel", "Trier"], dtype=object)[rng.integers(0, 4, n_rows)]
    days = rng.integers(0, 2000, n_rows).astype("timedelta64[D]")
    frame = pd.DataFrame(
        {
            "age": rng.normal(40, 10, n_rows),
            "member": rng.random(n_rows) < 0.3,
            "town": towns,
            "size": pd.Categorical(
                np.array(["S", "M", "L"])[rng.integers(0, 3, n_rows)],
                ["S", "M", "L"],
                ordered=True,
            ),
            "joined": np.datetime64("2019-01-01") + days,
            "flight": [f"UA{number}" for number in rng.integers(0, 60, n_rows)],
            "name": [f"Name {number}" for number in range(n_rows)],
            "constant": 1.0,
            "empty": np.nan,
        }
    )
    frame.loc[::7, "age"] = np.nan
    frame.loc[::5, "town"] = None
    frame.loc[::11, "joined"] = pd.NaT
    return frame


def target(frame):
    return ((frame["town"] == "Ulm") ^ (frame["size"].cat.codes == 2)).to_numpy().astype(int)


def columns(encoder, feature):
    return np.flatnonzero(encoder.origins_ == feature)


@parametrize_with_checks([TableEncoder(random_state=0)])
def test_common_checks(estimator, check):
    check(estimator)


def test_each_column_is_encoded_by_its_kind():
    frame = table()
    encoder = TableEncoder(dtype="float64", random_state=0).fit(frame, target(frame))
    encoded = encoder.transform(frame)
    names = encoder.get_feature_names_out()
    assert np.isfinite(encoded).all()

    age = frame[["age"]].to_numpy()
    squashed = np.nan_to_num(SquashingScaler().fit_transform(age))
    np.testing.assert_allclose(encoded[:, names == "age"], squashed)
    ramps = PiecewiseLinearEncoder(dtype="float64").fit_transform(age)
    np.testing.assert_allclose(encoded[:, columns(encoder, 0)[1:-1]], ramps)
    np.testing.assert_array_equal(encoded[:, names == "age_missing"], np.isnan(age))

    one_hot = OneHotEncoder(sparse_output=False).fit_transform(frame[["town"]])
    np.testing.assert_array_equal(encoded[:, columns(encoder, 2)], one_hot)
    assert names[columns(encoder, 2)].tolist() == [
        "town_Bonn",
        "town_Kiel",
        "town_Trier",
        "town_Ulm",
        "town_None",
    ]
    codes = frame["size"].cat.codes.to_numpy().astype(float)[:, np.newaxis]
    np.testing.assert_allclose(
        encoded[:, names == "size"], SquashingScaler().fit_transform(codes)
    )
    # A boolean comes once; names, constants and what is empty do not.
    assert names[columns(encoder, 1)].tolist() == ["member_bin0"]
    assert set(encoder.origins_) == set(range(6))


def test_dates_are_days_months_and_so_on():
    moments = ["2021-03-01 10:00", "2024-02-29 23:59", None, "2020-12-30 00:00"]
    dates = pd.Series(pd.to_datetime(moments))
    encoder = TableEncoder(dtype="float64").fit(pd.DataFrame({"at": dates}))
    names = encoder.get_feature_names_out()
    for part, numbers in {
        "month": dates.dt.month,
        "day": dates.dt.day,
        "weekday": dates.dt.day_of_week + 1,
        "hour": dates.dt.hour,
        "": (dates - pd.Timestamp(0)).dt.total_seconds() / 86400,
    }.items():
        column = encoder.transform(pd.DataFrame({"at": dates}))[
            :, names == f"at_{part}".strip("_")
        ]
        z = SquashingScaler().fit_transform(numbers.to_numpy(dtype=float)[:, np.newaxis])
        np.testing.assert_allclose(column, np.nan_to_num(z))
    assert "at_missing" in names
    assert (encoder.origins_ == 0).all()


def test_mean_targets_are_those_of_target_encoder_and_of_other_rows_in_training():
    frame = table()
    y = target(frame) + 0.5 * np.random.default_rng(0).random(len(frame))
    encoder = TableEncoder(dtype="float64", random_state=0)
    trained = encoder.fit_transform(frame, y)
    column = encoder.get_feature_names_out() == "flight_mean"
    oracle = TargetEncoder().fit(frame[["flight"]], y)
    np.testing.assert_allclose(
        encoder.transform(frame)[:, column], oracle.transform(frame[["flight"]])
    )
    # What a row is encoded by in training does not depend on its own target.
    changed = y.copy()
    changed[3] = 100.0
    again = TableEncoder(dtype="float64", random_state=0).fit_transform(frame, changed)
    assert trained[3, column] == again[3, column]
    assert (trained[:, column] != again[:, column]).any()
    # Without a target, and with one of several columns, there are none.
    for none in (None, np.c_[y, y]):
        assert "flight_mean" not in TableEncoder().fit(frame, none).get_feature_names_out()


def test_levels_that_are_rare_share_a_column_and_so_does_what_is_new():
    frame = pd.DataFrame({"town": ["a"] * 10 + ["b"] * 8 + ["c", "d", "d"]})
    encoder = TableEncoder(min_frequency=5).fit(frame)
    assert encoder.get_feature_names_out().tolist() == [
        "town_a",
        "town_b",
        "town_infrequent_sklearn",
    ]
    new = pd.DataFrame({"town": ["a", "c", "never seen", None]})
    assert encoder.transform(new).tolist() == [[1, 0, 0], [0, 0, 1], [0, 0, 1], [0, 0, 1]]
    many = pd.DataFrame({"code": [f"{i % 50}" for i in range(1000)]})
    assert len(TableEncoder(max_categories=8).fit(many).origins_) == 8


def test_polars_is_read_as_pandas():
    frame = table()
    y = target(frame)
    plain = frame.drop(columns=["size", "empty"])
    values = plain.astype(object).where(plain.notna(), None)
    theirs = pl.DataFrame({name: values[name].to_list() for name in values})
    ours = TableEncoder(random_state=0).fit(plain, y)
    other = TableEncoder(random_state=0).fit(theirs, y)
    np.testing.assert_array_equal(other.get_feature_names_out(), ours.get_feature_names_out())
    np.testing.assert_allclose(other.transform(theirs), ours.transform(plain), rtol=1e-6)
    # And a model of one predicts for the other.
    np.testing.assert_allclose(ours.transform(theirs), ours.transform(plain), rtol=1e-6)


@pytest.mark.parametrize(
    ("series", "expected"),
    [
        (pd.Series([1, None, 3], dtype="Int64"), [1, np.nan, 3]),
        (pd.Series([True, None, False], dtype="boolean"), [1, np.nan, 0]),
        (pd.Series([1.5, None, "x"]), ["1.5", None, "x"]),
        (pd.Series([1, 2.5, None], dtype=object), [1, 2.5, np.nan]),
        (pd.Series(["a", None, "b"], dtype="string"), ["a", None, "b"]),
        (pd.Series(["a", None, "b"], dtype="category"), ["a", None, "b"]),
        (pd.Series(pd.to_timedelta([1, None, 3], unit="D")), [1, np.nan, 3]),
        (pl.Series([1, None, 3]), [1, np.nan, 3]),
        (pl.Series([True, None, False]), [1, np.nan, 0]),
        (pl.Series(["a", None, "b"], dtype=pl.Categorical), ["a", None, "b"]),
        (pl.Series(["b", None, "a"], dtype=pl.Enum(["a", "b"])), [1, np.nan, 0]),
    ],
)
def test_every_dtype_is_numbers_or_words(series, expected):
    from skreg.preprocessing.columns import split

    (part,) = split(series)
    assert part.is_number == (expected[0] not in ("1.5", "a"))
    if part.is_number:
        np.testing.assert_array_equal(part.values, expected)
    else:
        assert part.values.tolist() == expected


def test_columns_are_found_by_their_names():
    frame = table()
    encoder = TableEncoder(random_state=0).fit(frame, target(frame))
    expected = encoder.transform(frame)
    mixed = frame[list(frame)[::-1]].assign(more=1)
    np.testing.assert_array_equal(encoder.transform(mixed), expected)
    with pytest.raises(ValueError, match="lacks columns that were there in fit: 'age', 'town'"):
        encoder.transform(frame.drop(columns=["town", "age"]))


def test_a_column_that_has_changed_its_kind_is_named():
    encoder = TableEncoder().fit(
        pd.DataFrame({"age": [1.0, 2.0, 3.0], "code": ["1", "2", "2"]})
    )
    with pytest.raises(
        ValueError, match=r"Column 'age' of X held numbers in fit. .* 'unknown'"
    ):
        encoder.transform(pd.DataFrame({"age": ["unknown"], "code": ["1"]}))
    # What is empty has no kind, and a number is a word where words were.
    rows = pd.DataFrame({"age": [None, None], "code": [1, 2.0]})
    expected = encoder.transform(pd.DataFrame({"age": [np.nan] * 2, "code": ["1", "2"]}))
    np.testing.assert_array_equal(encoder.transform(rows), expected)


def test_arrays_of_objects_are_tables_too():
    frame = table()[["age", "member", "town"]]
    values = frame.to_numpy(dtype=object)
    ours = TableEncoder().fit(values)
    np.testing.assert_array_equal(ours.transform(values), TableEncoder().fit_transform(frame))
    assert ours.get_feature_names_out()[0] == "x0"
    with pytest.raises(ValueError, match="2 features"):
        ours.transform(values[:, :2])


def test_in_pipelines_and_folds():
    frame = table(n_rows=400)
    y = target(frame)
    network = MLPClassifier((20,), learning_rate_init=0.01, max_iter=100, random_state=0)
    model = make_pipeline(TableEncoder(random_state=0), network)
    # Of the larger class alone it is .6.
    assert cross_val_score(model, frame, y, cv=3).mean() > 0.7
    model = pickle.loads(pickle.dumps(clone(model).fit(frame, y)))
    assert model.score(frame, y) > 0.95
    names = model[:-1].get_feature_names_out()
    assert len(names) == model[-1].n_features_in_ == len(set(names))
    framed = clone(model[0]).set_output(transform="pandas").fit_transform(frame, y)
    assert list(framed) == list(names)


def test_a_table_that_says_nothing_is_refused():
    with pytest.raises(ValueError, match="nothing to learn from"):
        TableEncoder().fit(pd.DataFrame({"a": [1.0, 1.0], "b": ["x", "y"]}))
    with pytest.raises(ValueError, match="'max_categories' parameter of TableEncoder"):
        TableEncoder(max_categories=1).fit(table())
