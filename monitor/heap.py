"""How often Python looks for garbage in a process of this program.

The search goes through every object that lives. Hundreds of thousands of them are modules, tables and
trained weights that stay until the process ends, and reading a feed or a page makes thousands that are
freed by their counts without any search: at Python's own settings the search takes a tenth of the time,
and stops every request for 0.2 s where the web application is loaded (`python -m bench.explain_speed`).
"""

import gc

OBJECTS = 50_000  # more objects made than freed since the last search (Python's own: 700)


def settle() -> None:
    """Leave what lives now out of every later search, and search less often.

    Called once what stays has been loaded. What is made afterwards is searched as ever.
    """
    gc.freeze()
    gc.set_threshold(OBJECTS, 10, 10)
