"""Full-text search of articles by lemma, in Finnish and Swedish."""
