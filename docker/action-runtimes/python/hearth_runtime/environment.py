"""What the action sees in os.environ, and the only place that writes it.

Each run exports its own activation id, transaction id and deadline. glibc never frees a replaced value, about 300 bytes a run, a container's memory
after a million; so these three live in buffers that are handed to putenv(3) once and overwritten in place. Children inherit them like any other.
"""
import json
import os

VOLATILE = ("__OW_ACTIVATION_ID", "__OW_TRANSACTION_ID", "__OW_DEADLINE")
VALUE_BYTES_MAX = 128


class Environment:
    def __init__(self):
        self.buffers = {}
        try:
            import ctypes

            self.putenv = ctypes.CDLL(None).putenv
            self.make_buffer = ctypes.create_string_buffer
        except (ImportError, OSError, AttributeError):
            self.putenv = None  # no ctypes here: slower and leaking, but right

    def add_init(self, env):
        for name, value in env.items():
            if isinstance(value, (dict, list, bool)):
                value = json.dumps(value)
            set_variable(name, "" if value is None else str(value))

    def add_run(self, message):
        for key, value in message.items():
            if key == "value" or value is None:
                continue
            name = "__OW_" + key.upper()
            value = value if isinstance(value, str) else json.dumps(value)
            if name in VOLATILE and self.putenv is not None and self.overwrite(name, value):
                continue
            if os.environ.get(name) != value:
                set_variable(name, value)

    def overwrite(self, name, value):
        encoded = os.fsencode(value)
        if len(encoded) > VALUE_BYTES_MAX or b"\0" in encoded:
            return False
        buffer = self.buffers.get(name)
        if buffer is None:
            os.environ.pop(name, None)
            buffer = self.make_buffer(len(name) + 1 + VALUE_BYTES_MAX + 1)
            self.buffers[name] = buffer
            buffer.value = os.fsencode(name) + b"=" + encoded
            self.putenv(buffer)
        else:
            buffer.value = os.fsencode(name) + b"=" + encoded
        # What os.environ answers, without its own putenv.
        os.environ._data[os.environ.encodekey(name)] = os.environ.encodevalue(value)
        return True


def set_variable(name, value):
    try:
        os.environ[name] = value
    except ValueError as error:
        raise ValueError("the environment variable %r cannot be set: %s" % (name, error)) from None
