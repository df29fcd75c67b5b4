"""feeds.yaml -> due feeds -> parsed entries."""
