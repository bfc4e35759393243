"""The order in which the gallery is to be read."""

EXAMPLES = [
    "plot_regularization_comparison",
    "plot_l1_l2_weights",
    "plot_l2_smooths",
    "plot_loss_curves",
    "plot_early_stopping",
    "plot_weight_norms",
    "plot_feature_selection",
    "plot_regularization_path",
    "plot_choosing_dropout",
    "plot_class_weights",
    "plot_quantiles",
    "plot_dropout_uncertainty",
]


class ReadingOrder:
    """Sort key of sphinx-gallery; an example that is not listed is an error."""

    def __init__(self, src_dir):
        self.src_dir = src_dir

    def __call__(self, filename):
        return EXAMPLES.index(filename.removesuffix(".py"))

    def __repr__(self):
        return "<ReadingOrder>"
