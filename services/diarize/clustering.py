"""How many speakers: as many as calls usually have, unless the voices clearly say otherwise."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from pyannote.audio.pipelines.clustering import AgglomerativeClustering


class UsualNumberClustering(AgglomerativeClustering):
    """pyannote.audio's agglomerative clustering for recordings that usually have the same number of speakers.

    One threshold has to decide everything: where a voice wavers it adds a speaker, where two voices are alike
    it takes them for one. Here the usual number stands unless even a threshold that is higher by the margin
    finds more speakers, or even one that is lower by the margin finds fewer.

    Args:
        metric: between embeddings.
        usual: number of speakers that is usual.
        margin: in units of the threshold; 0: the threshold decides alone.
    """

    threshold: float

    def __init__(self, metric: str, usual: int, margin: float) -> None:
        super().__init__(metric=metric)
        self._usual, self._margin = usual, margin

    def cluster(
        self,
        embeddings: npt.NDArray[np.floating],
        min_clusters: int | None = None,
        max_clusters: int | None = None,
        num_clusters: int | None = None,
    ) -> npt.NDArray[np.integer]:
        """Which speaker each embedding is of, counted from 0; shape (embeddings,).

        Args:
            embeddings: shape (embeddings, dimension).
            min_clusters: at least so many.
            max_clusters: at most so many.
            num_clusters: exactly so many, whatever is usual.
        """
        least, most = min_clusters or 1, max_clusters or len(embeddings)
        if num_clusters is None:
            low, high = sorted(self._found(embeddings, self.threshold + side * self._margin) for side in (1, -1))
            num_clusters = min(max(self._usual, low, least), max(high, least), most)
        clusters: npt.NDArray[np.integer] = super().cluster(embeddings, least, most, num_clusters)
        return clusters

    def _found(self, embeddings: npt.NDArray[np.floating], threshold: float) -> int:
        """Number of clusters with another threshold."""
        kept = self.threshold
        self.threshold = max(threshold, 0.0)
        try:
            # pyannote.audio normalizes in place.
            return 1 + int(super().cluster(embeddings.copy(), 1, len(embeddings)).max())
        finally:
            self.threshold = kept
