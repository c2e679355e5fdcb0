"""Turns the code of an /init into the action's main function.

Text becomes the module of a directory of its own, so that tracebacks show its lines; a zip is unpacked there and needs a __main__.py at its root, a
virtualenv/ in it is put on the path. The directory becomes the working directory and leads the import path. As upstream, the module is called main__, so
`if __name__ == "__main__"` does not run. CannotBuild: what upstream's compiler would refuse. Anything else comes from the user's own code.
"""
import base64
import binascii
import glob
import importlib
import io
import os
import stat
import sys
import tempfile
import types
import zipfile

UNPACKED_BYTES_MAX = 1024 * 1024 * 1024


class CannotBuild(Exception):
    pass


def load_action(code, main, is_binary):
    directory = new_directory()
    if is_binary:
        try:
            unpack(directory, base64.b64decode(code, validate=True))
        except (binascii.Error, zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError) as error:
            raise CannotBuild("There was an error uncompressing the action archive. (%s)" % error) from None
        file = find_main(directory)
        with open(file, "rb") as source:
            text = source.read()
    else:
        file = os.path.join(directory, "__main__.py")
        text = code.encode("utf-8", "surrogatepass")
        with open(file, "wb") as target:
            target.write(text)
    try:
        program = compile(text, file, "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        raise CannotBuild("%s: %s" % (type(error).__name__, error)) from None
    os.chdir(directory)
    sys.path.insert(0, directory)
    add_virtualenv(directory)
    module = types.ModuleType("main__")
    module.__file__ = file
    sys.modules["main__"] = module
    importlib.invalidate_caches()
    exec(program, module.__dict__)
    function = module
    for name in main.split("."):
        function = getattr(function, name, None)
    if not callable(function):
        raise ImportError("cannot import name %r from 'main__'" % main)
    return function


def find_main(directory):
    # `exec` is what OpenWhisk's launcher accepts as another name of the same file.
    for name in ("__main__.py", "exec"):
        file = os.path.join(directory, name)
        if os.path.isfile(file):
            return file
    raise CannotBuild("Zip file does not include __main__.py at the root.")


def add_virtualenv(directory):
    root = os.path.join(directory, "virtualenv")
    activate = os.path.join(root, "bin", "activate_this.py")
    if os.path.isfile(activate):
        with open(activate, "rb") as source:
            exec(compile(source.read(), activate, "exec"), {"__file__": activate, "__name__": "activate_this"})
    for packages in glob.glob(os.path.join(root, "lib", "python*", "site-packages")):
        if packages not in sys.path:
            sys.path.insert(1, packages)


def unpack(directory, archive):
    """Refuses names that leave the directory; links are not followed but written as files, so nothing can be written through them."""
    with zipfile.ZipFile(io.BytesIO(archive)) as entries:
        listed = entries.infolist()
        if sum(entry.file_size for entry in listed) > UNPACKED_BYTES_MAX:
            raise CannotBuild("The archive holds more than %d bytes." % UNPACKED_BYTES_MAX)
        for entry in listed:
            target = os.path.normpath(os.path.join(directory, entry.filename))
            if target != directory and not target.startswith(directory + os.sep):
                raise CannotBuild("Entry %r leads out of the archive." % entry.filename)
        for entry in listed:
            target = entries.extract(entry, directory)
            mode = entry.external_attr >> 16
            if mode & 0o111 and stat.S_ISREG(mode):
                os.chmod(target, 0o755)


def new_directory():
    """In the working directory, or where temporary files go when that is read-only."""
    try:
        return os.path.realpath(tempfile.mkdtemp(prefix="action-", dir=os.getcwd()))
    except OSError:
        return os.path.realpath(tempfile.mkdtemp(prefix="action-"))
