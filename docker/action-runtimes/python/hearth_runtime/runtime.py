"""What /init and /run answer, in the words and codes of OpenWhisk's Python runtime (the ActionLoop proxy and its launcher).

An exception in the action is its answer ({"error": text}, 200: an application error). What ends the process in upstream's launcher (SystemExit,
a result that is no JSON) ends this process too, after the proxy's answer. Prints are flushed before the sentinels, sentinels written before the answer.
"""
import json
import os
import sys
import traceback

from .environment import Environment
from .load_action import CannotBuild, load_action

SENTINEL = "XXX_THE_END_OF_A_WHISK_ACTIVATION_XXX"


class Runtime:
    def __init__(self, is_stamped):
        self.is_stamped = is_stamped
        self.main = None
        self.environment = Environment()

    def answer(self, method, path, body):
        if method != "POST" or path not in ("/init", "/run"):
            return failure(404, "Not found.")
        try:
            message = json.loads(body) if body else {}
            if not isinstance(message, dict):
                raise ValueError("not an object")
        except ValueError as error:
            return failure(400, "Error unmarshaling request: %s" % error)
        return self.init(message.get("value")) if path == "/init" else self.run(message)

    def init(self, message):
        if self.main is not None:
            print("Cannot initialize the action more than once.", file=sys.stderr, flush=True)
            return failure(403, "Cannot initialize the action more than once.")
        message = message if isinstance(message, dict) else {}
        env = message.get("env")
        env = env if isinstance(env, dict) else {}
        code = message.get("code")
        if not isinstance(code, str) or not code:
            self.end_activation(env.get("__OW_ACTIVATION_ID"))
            return failure(403, "Missing main/no code to execute.")
        self.environment.add_init(env)
        try:
            self.main = load_action(code, message.get("main") or "main", bool(message.get("binary")))
            return 200, b'{"ok":true}', None
        except CannotBuild as error:
            print(error, file=sys.stderr)
            sentence = "The action failed to generate or locate a binary. See logs for details."
        except BaseException:  # also SystemExit: the user's module decides only over itself
            traceback.print_exc()
            sentence = "Cannot start action. Check logs for details."
        self.end_activation(env.get("__OW_ACTIVATION_ID"))
        return failure(502, sentence)

    def run(self, message):
        if self.main is None:
            return failure(500, "no action defined yet")
        self.environment.add_run(message)
        value = message.get("value")
        ending = None
        try:
            result = self.main({} if value is None else value)
            status, text, ending = written(result)
        except MemoryError:
            raise SystemExit(137)
        except Exception as error:
            traceback.print_exc()
            status, text, ending = written({"error": str(error)})
        except BaseException as error:  # SystemExit, KeyboardInterrupt
            status, text, ending = ended(exit_code_of(error))
        self.end_activation(message.get("activation_id"))
        return status, text, ending

    def end_activation(self, activation_id):
        line = "%s %s\n" % (SENTINEL, activation_id) if self.is_stamped and activation_id else SENTINEL + "\n"
        for stream, original, descriptor in ((sys.stdout, sys.__stdout__, 1), (sys.stderr, sys.__stderr__, 2)):
            try:
                # The action may have replaced or closed the stream; what it had printed before is still to come out.
                for each in {id(stream): stream, id(original): original}.values():
                    if each is not None and not each.closed:
                        each.flush()
                os.write(descriptor, line.encode("utf-8"))
            except (OSError, ValueError, AttributeError):
                continue  # lost logs do not fail the activation, and there is nowhere left to say so


def written(result):
    """The answer for what main returned."""
    if not isinstance(result, (dict, list, tuple)):
        return failure(502, "The action did not return a dictionary or array.")
    try:
        text = json.dumps(result, ensure_ascii=False, separators=(", ", ": "))
        return 200, text.encode("utf-8"), None
    except UnicodeEncodeError:
        return 200, json.dumps(result).encode("ascii"), None  # lone surrogates exist only escaped
    except (TypeError, ValueError, RecursionError):
        traceback.print_exc()
        return ended(1)


def ended(code):
    """Upstream's proxy outlives its action and says so; here the process follows its own last answer."""
    return 400, b'{"error":"command exited"}', lambda: os._exit(code)


def exit_code_of(error):
    code = getattr(error, "code", 1)
    if code is None:
        return 0
    if isinstance(code, int):
        return code & 0xFF
    print(code, file=sys.stderr)
    return 1


def failure(status, sentence):
    return status, json.dumps({"error": sentence}).encode("utf-8"), None
