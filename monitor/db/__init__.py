"""The store: tables, one query file per aggregate, migrations."""
