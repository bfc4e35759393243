"""Groups of features: lists of indices or names, masks, and rules for names."""

import functools
import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.model_selection import KFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from skreg import MLPClassifier, MLPClassifierCV, MLPRegressor
from skreg.estimators.inputs import Inputs, prefix_of
from skreg.preprocessing import TableEncoder

BOTH = pytest.mark.parametrize("Estimator", [MLPClassifier, MLPRegressor])
PARAMS = {"hidden_layer_sizes": (4,), "max_iter": 5, "group_lasso": 0.05, "random_state": 0}
COLUMNS = ["color_red", "color_blue", "age", "one__size_s", "one__size_l", "a_scaler__age"]

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def first_word(name):
    word, mark, _ = name.partition(" ")
    return word if mark else None


@pytest.fixture(scope="module")
def table():
    pd = pytest.importorskip("pandas")
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.standard_normal((60, 6)), columns=COLUMNS)
    return X, (X["color_red"] + rng.standard_normal(60) > 0).to_numpy().astype(int)


@pytest.mark.parametrize(
    ("name", "prefix"),
    [
        ("color_red", "color"),
        ("color_light blue", "color"),
        ("color_1.0", "color"),
        ("color_", "color"),
        ("payment_method_Electronic check", "payment_method"),
        ("onehotencoder__payment_method_Electronic check", "onehotencoder__payment_method"),
        ("one_hot__color_red", "one_hot__color"),
        ("outer__one_hot__color_red", "outer__one_hot__color"),
        ("color_infrequent_sklearn", "color"),
        ("one_hot__home_city_infrequent_sklearn", "one_hot__home_city"),
        ("age", None),
        ("standardscaler__age", None),
        ("my_scaler__age", None),
        ("outer__my_scaler__age", None),
        ("_age", None),
        ("", None),
    ],
)
def test_a_prefix_is_what_stands_before_the_last_underscore(name, prefix):
    assert prefix_of(name) == prefix


def test_the_columns_that_transformers_make_of_a_category_are_a_group():
    pd = pytest.importorskip("pandas")
    rng = np.random.default_rng(0)
    X = pd.DataFrame(
        {
            "payment_method": rng.choice(["Electronic check", "Bank transfer"], 50),
            "city": rng.choice(["Rome", "Bonn"], 50),
            "age": rng.standard_normal(50),
        }
    )
    X.loc[:1, "city"] = ["Lyon", "Bern"]
    encoder = OneHotEncoder(sparse_output=False, min_frequency=5)
    selector = make_column_selector(dtype_exclude="number")
    columns = make_column_transformer((encoder, selector), remainder=StandardScaler())
    names = columns.fit(X).get_feature_names_out()
    assert list(names) == [
        "onehotencoder__payment_method_Bank transfer",
        "onehotencoder__payment_method_Electronic check",
        "onehotencoder__city_Bonn",
        "onehotencoder__city_Rome",
        "onehotencoder__city_infrequent_sklearn",
        "remainder__age",
    ]
    group_of, sizes = Inputs(6, names).rows("prefix", None)[1:]
    assert group_of.tolist() == [0, 0, 1, 1, 1, 2]
    assert sizes.tolist() == [2, 3, 1]


def test_a_column_that_others_are_named_after_goes_with_them():
    names = ["net_income", "age", "net_income_bin0", "age_bin0", "age_bin1", "net_worth", "x_a"]
    group_of, sizes = Inputs(7, names).rows("prefix", None)[1:]
    assert group_of.tolist() == [0, 1, 0, 1, 1, 2, 3]
    assert sizes.tolist() == [2, 3, 1, 1]


def test_the_columns_that_a_table_encoder_makes_of_one_are_a_group():
    pd = pytest.importorskip("pandas")
    rng = np.random.default_rng(0)
    income = rng.standard_normal(60)
    income[::7] = np.nan
    town = rng.choice(["Bonn", "Ulm"], 60)
    table = pd.DataFrame({"net_income": income, "age": rng.standard_normal(60), "town": town})
    encoder = TableEncoder().set_output(transform="pandas")
    names = encoder.fit_transform(table, (town == "Ulm").astype(int)).columns
    assert len(names) > 8
    group_of = Inputs(len(names), names).rows("prefix", None).group_of_row
    pairs = {*zip(encoder.origins_.tolist(), group_of.tolist(), strict=True)}
    assert len(pairs) == len(set(group_of.tolist())) == 3


@BOTH
@pytest.mark.parametrize("layout", ["frame", "sparse frame"])
def test_a_rule_is_the_lists_that_it_stands_for(Estimator, layout, table):
    pd = pytest.importorskip("pandas")
    X, y = table
    if layout == "sparse frame":
        X = X.where(X > 0, 0).astype(pd.SparseDtype(float, 0))
    lists = [["color_red", "color_blue"], ["one__size_s", "one__size_l"]]
    expected = Estimator(**PARAMS, feature_groups=lists).fit(X, y)
    for rule in ("prefix", prefix_of):
        found = Estimator(**PARAMS, feature_groups=rule).fit(X, y)
        np.testing.assert_allclose(found.coefs_[0], expected.coefs_[0], rtol=1e-12)
    alone = Estimator(**PARAMS).fit(X, y)
    assert np.abs(alone.coefs_[0] - expected.coefs_[0]).max() > 1e-4


def test_masks_are_the_features_that_they_mark(table):
    X, y = table
    expected = MLPClassifier(**PARAMS, feature_groups=[[0, 1], [3, 4]]).fit(X, y)
    first = np.array([True, True, False, False, False, False])
    for masks in ([first, first[[2, 3, 4, 0, 1, 5]]], [first.tolist(), X.columns[3:5]]):
        found = MLPClassifier(**PARAMS, feature_groups=masks).fit(X, y)
        np.testing.assert_array_equal(found.coefs_[0], expected.coefs_[0])


@pytest.mark.parametrize(
    ("mask", "message"),
    [
        (
            [True, False],
            "A mask in feature_groups must have an entry for each of the 6 .* Got 2",
        ),
        ([False] * 6, r"must list features. Got \[False"),
        ([True] * 7, "must have an entry for each of the 6 features of X. Got 7"),
    ],
)
def test_masks_of_another_size_or_of_nothing_are_refused(mask, message, table):
    with pytest.raises(ValueError, match=message):
        MLPClassifier(**PARAMS, feature_groups=[mask]).fit(*table)


@BOTH
def test_a_rule_for_names_needs_names(Estimator, table):
    X, y = table
    for rule in ("prefix", first_word):
        model = Estimator(**PARAMS, feature_groups=rule)
        message = r"goes by the names of features, and X has none\. Give indices, or a data"
        with pytest.raises(ValueError, match=message):
            model.fit(X.to_numpy(), y)


def test_a_label_must_be_one_that_can_be_hashed(table):
    model = MLPClassifier(**PARAMS, feature_groups=str.split)
    with pytest.raises(ValueError, match=r"hashed.*Got \['color_red'\] for 'color_red'"):
        model.fit(*table)


def test_a_label_of_none_is_a_group_alone():
    group_of, sizes = Inputs(5, ["a x", "b", "a y", "c", "a z"]).rows(first_word, None)[1:]
    assert group_of.tolist() == [0, 1, 0, 2, 0]
    assert sizes.tolist() == [3, 1, 1]


def test_a_category_that_is_missing_from_a_fold_is_no_error():
    pd = pytest.importorskip("pandas")
    rng = np.random.default_rng(0)
    X = pd.DataFrame(
        {"home_city": ["rome"] * 20 + ["new_york"] * 40, "age": rng.standard_normal(60)}
    )
    y = (rng.standard_normal(60) > 0).astype(int)
    for combine, rule in [
        ("concat", "prefix"),
        (lambda column, category: f"{column}={category}", lambda n: n.partition("=")[0]),
    ]:
        encoder = OneHotEncoder(
            sparse_output=False, handle_unknown="ignore", feature_name_combiner=combine
        )
        selector = make_column_selector(dtype_exclude="number")
        columns = make_column_transformer((encoder, selector), remainder=StandardScaler())
        network = MLPClassifier(**PARAMS, feature_groups=rule)
        model = make_pipeline(columns.set_output(transform="pandas"), network)
        assert np.isfinite(cross_val_score(model, X, y, cv=KFold(3))).all()


def test_rules_may_be_candidates(table):
    rules = ["prefix", "prefix", lambda name: name[:1], lambda name: name[:2]]
    candidates = [{"feature_groups": rule, "group_lasso": 0.1} for rule in rules]
    network = MLPClassifier((4,), max_iter=4)
    search = MLPClassifierCV(network, candidates=candidates, cv=2, random_state=0).fit(*table)
    assert len(search.cv_results_["params"]) == 3


@pytest.mark.parametrize("relax", [False, True])
def test_searches_go_by_the_rule(relax, table):
    X, y = table
    lists = [["color_red", "color_blue"], ["one__size_s", "one__size_l"]]
    found = [
        MLPClassifierCV(
            MLPClassifier((4,), max_iter=5, feature_groups=groups),
            group_lassos=[0.02, 0.2],
            cv=2,
            relax=relax,
            random_state=0,
        ).fit(X, y)
        for groups in ("prefix", lists)
    ]
    for one, other in zip(found[0].coefs_, found[1].coefs_, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12)


def test_a_rule_goes_on_after_pruning_cloning_and_pickling(table):
    X, y = table
    params = {**PARAMS, "group_lasso": 0.12, "learning_rate_init": 0.02, "max_iter": 60}
    model = MLPClassifier(**params, feature_groups="prefix").fit(X, y)
    assert 0 < model.get_support().sum() < 6
    again = clone(pickle.loads(pickle.dumps(model))).fit(X, y)
    np.testing.assert_array_equal(again.coefs_[0], model.coefs_[0])
    lists = [["color_red", "color_blue"], ["one__size_s", "one__size_l"]]
    pruned = [
        model.prune().set_params(feature_groups=groups, warm_start=True).fit(X, y)
        for groups in ("prefix", lists)
    ]
    np.testing.assert_array_equal(pruned[0].coefs_[0], pruned[1].coefs_[0])


def by_mark(name, mark="="):
    return name.partition(mark)[0]


def test_trainings_on_disk_are_told_apart_by_their_rule(table, tmp_path):
    X, y = table

    def rule_of(mark):
        return lambda name: name.partition(mark)[0]

    def known_in(numbers):
        return lambda name: name[: int(numbers[1])]

    def through(rule):
        return lambda name: rule(name)

    def recursive(mark):
        def rule(name):
            return rule(name[1:]) if name.startswith(mark) else name[:1]

        return rule

    rules = [
        "prefix",
        first_word,
        rule_of("_"),
        rule_of("__"),
        functools.partial(by_mark, mark="_"),
        functools.partial(by_mark, mark="__"),
        lambda name, mark="r": name.partition(mark)[0],
        lambda name, mark="e": name.partition(mark)[0],
        functools.partial(lambda name, mark: name.partition(mark)[0], mark="l"),
        functools.partial(lambda name, mark: name.partition(mark)[0], mark="o"),
        through(lambda name: name[:1]),
        through(lambda name: name[:2]),
        recursive("x"),
        recursive("y"),
        known_in(np.array([1.0, 2.0])),
        known_in(np.array([1.0, 3.0])),
    ]
    for count, rule in enumerate(rules, start=1):
        for _ in range(2):
            model = MLPClassifier(**PARAMS, feature_groups=rule, checkpoint=tmp_path)
            alone = clone(model).set_params(checkpoint=None).fit(X, y)
            np.testing.assert_array_equal(model.fit(X, y).coefs_[0], alone.coefs_[0])
            assert len(list(tmp_path.iterdir())) == count


def test_the_time_that_groups_by_name_take_is_linear():
    class Names(list):
        walks = 0

        def __iter__(self):
            type(self).walks += 1
            return super().__iter__()

    names = Names(f"f{number}" for number in range(1000))
    pairs = [[f"f{number}", f"f{number + 1}"] for number in range(0, 1000, 2)]
    group_of, sizes = Inputs(1000, names).rows(pairs, None)[1:]
    np.testing.assert_array_equal(group_of, np.repeat(np.arange(500), 2))
    assert (sizes == 2).all()
    assert Names.walks == 1
