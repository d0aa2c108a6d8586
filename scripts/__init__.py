"""The project's own commands: the demo, the tests, and the provisioning they share."""

import sys

if sys.version_info < (3, 10):  # noqa: UP036 - whoever runs an older Python is to be told so
    sys.exit("Periplus needs Python 3.10 or newer; this is " + sys.version.split()[0])
