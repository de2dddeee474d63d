"""``grade`` whose server dies by SIGKILL when a submission is stored and nobody has been told of it yet.

Called with a file and then as ``grade``. It strikes once, when that file exists, and takes it away.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

from grader.cli.main import main
from grader.dispatch.embedded import EmbeddedDispatcher
from grader.dispatch.remote import RemoteDispatcher

FLAG = Path(sys.argv.pop(1))


def _doomed(dispatcher: type[Any]) -> None:
    submit = dispatcher.submit

    def dying(self: Any, *args: Any, **kwargs: Any) -> None:
        try:
            FLAG.unlink()
        except FileNotFoundError:
            submit(self, *args, **kwargs)
        else:
            os.killpg(0, signal.SIGKILL)

    dispatcher.submit = dying


_doomed(EmbeddedDispatcher)
_doomed(RemoteDispatcher)
if __name__ == "__main__":
    main()
