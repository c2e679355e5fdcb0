"""The action container of kind python:3: OpenWhisk's POST /init and POST /run over HTTP.

Needs nothing but Python 3.8 or later and the files beside it, so it runs unchanged as a child process and inside an image. One thread serves
all connections and runs the action, so runs never overlap (a second one waits, as with OpenWhisk's ActionLoop) and the action's signals and
asyncio work as in a program of its own. Settings: __OW_PORT (8080), __OW_HOST (0.0.0.0), __HEARTH_LOG_STAMP (sentinels carry the activation
id), __HEARTH_MEMORY_MB (limits the address space), __HEARTH_EXIT_WITH_STDIN (1: ends when its standard input does). User code sees none of them.
"""
import os
import signal
import sys
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
if HERE not in sys.path:
    sys.path.insert(0, HERE)
from hearth_runtime.http_front import serve  # noqa: E402
from hearth_runtime.runtime import Runtime  # noqa: E402

# The interpreter, its libraries and the reserve that the C library maps per thread are not the action's memory.
ADDRESS_SPACE_SLACK_MB = 256


def limit_memory(megabytes):
    try:
        import resource

        size = (int(megabytes) + ADDRESS_SPACE_SLACK_MB) * 1024 * 1024
        resource.setrlimit(resource.RLIMIT_AS, (size, size))
    except (ImportError, OSError, ValueError) as error:
        print("action runtime: cannot limit the memory to %s MB (%s)" % (megabytes, error), file=sys.stderr)


def exit_with_stdin():
    """A thread of its own, since the action may keep the main one busy for ever."""
    while True:
        try:
            if not os.read(0, 4096):
                break
        except OSError:
            break
    os._exit(0)


def main():
    settings = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("__HEARTH_")}
    host = os.environ.pop("__OW_HOST", "0.0.0.0")
    port = int(os.environ.pop("__OW_PORT", "8080"))
    sys.path[:] = [each for each in sys.path if each not in (HERE, "")]
    if "__HEARTH_MEMORY_MB" in settings:
        limit_memory(settings["__HEARTH_MEMORY_MB"])
    if settings.get("__HEARTH_EXIT_WITH_STDIN") == "1":
        threading.Thread(target=exit_with_stdin, daemon=True).start()
    if os.getpid() == 1:
        # The kernel's default for signals does not apply to the first process of a container.
        signal.signal(signal.SIGTERM, lambda *_: os._exit(143))
    runtime = Runtime(is_stamped=bool(settings.get("__HEARTH_LOG_STAMP")))
    try:
        serve(host, port, runtime.answer)
    except OSError as error:
        sys.exit("action runtime: cannot listen on %s:%d (%s); choose another port with __OW_PORT." % (host, port, error))


# Also a guard: multiprocessing imports this file once more in its children.
if __name__ == "__main__":
    main()
