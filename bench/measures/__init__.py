"""What the measurements of the classifiers share: labelled samples, figures with intervals, fits."""
