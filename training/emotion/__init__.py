"""The recipe of the emotion model: from nothing on the synthetic corpus, or on a bank's labelled calls."""
