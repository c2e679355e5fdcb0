// Finds this machine's Python and copies it with its standard library to /usr/local of an image, compiled: an image's root cannot be written
// later, and compiling at each start costs more than the start. Packages that somebody installed are not taken along.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { copyIn, copyProgram, librariesOf } from './host-files.mjs';

const question = `import json, os, sys, sysconfig
assert sys.version_info >= (3, 8), "it is older than 3.8"
print(json.dumps({
  "path": os.path.realpath(sys.executable),
  "version": sys.version.split()[0],
  "name": "python%d.%d" % sys.version_info[:2],
  "libraries": sorted({os.path.realpath(sysconfig.get_path(each)) for each in ("stdlib", "platstdlib")}),
}))`;

/** What no action needs, and what somebody installed. */
const leftOut =
  /\/(__pycache__|site-packages|dist-packages|test|tests|idlelib|turtledemo|tkinter|ensurepip|config-[^/]*)$/;

export function findPython(env = process.env) {
  const program = env.PYTHON_3 ?? 'python3';
  try {
    const answer = execFileSync(program, ['-I', '-c', question], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return { ...JSON.parse(answer), found: "the host's own Python" };
  } catch (error) {
    const why = String(error.stderr || error.message)
      .trim()
      .split('\n')
      .at(-1);
    throw new Error(`this machine has no Python 3.8 or later as ${program} (PYTHON_3 can name one): ${why}`, {
      cause: error,
    });
  }
}

export function addPython(stage, { path, name, libraries }) {
  copyProgram(stage, path, `/usr/local/bin/${name}`);
  for (const alias of ['python3', 'python']) symlinkSync(name, join(stage, 'usr/local/bin', alias));
  const target = join(stage, 'usr/local/lib', name);
  mkdirSync(target, { recursive: true });
  for (const library of libraries) {
    cpSync(library, target, { recursive: true, dereference: true, filter: (from) => !leftOut.test(from) });
  }
  const extensions = join(target, 'lib-dynload');
  const modules = existsSync(extensions) ? readdirSync(extensions).map((each) => join(extensions, each)) : [];
  for (const library of librariesOf(modules.filter((each) => basename(each).endsWith('.so')))) copyIn(stage, library);
}

/** Bytecode that is valid whatever the times of the files. */
export function compilePython(python, folder, pathInImage) {
  const words = ['-I', '-m', 'compileall', '-q', '-j', '0', '--invalidation-mode', 'unchecked-hash'];
  try {
    execFileSync(python, [...words, '-s', folder, '-p', pathInImage, folder], { stdio: ['ignore', 'ignore', 'pipe'] });
  } catch (error) {
    throw new Error(`cannot compile ${folder} with ${python}: ${String(error.stderr || error.message)}`, {
      cause: error,
    });
  }
}
