// The contract's small actions in each language, and the words in which its runtime refuses.
import { bytes, type Dialect } from './contract';

export const nodejs: Omit<Dialect, 'start'> = {
  kind: 'nodejs:20',
  code: {
    echo: 'function main(args) { return args }',
    array: 'function main() { return [1, 2, { a: 3 }] }',
    text: 'function main() { return "a text" }',
    prints: 'function main({ n }) { console.log("out " + n); console.error("err " + n); return {} }',
    environment: `function main({ child }) {
      if (child) return { child: require('child_process').execSync('echo $__OW_ACTIVATION_ID $__OW_NAMESPACE').toString().trim() }
      return { seen: { ...process.env } }
    }`,
    loadedEnvironment: 'const greeting = process.env.GREETING; function main() { return { greeting } }',
    namedMain: 'function cmain() { return { foo: 1 } }',
    exits: 'function main() { process.exit(3) }',
    brokenSyntax: 'function main( {',
    throwsAtLoad: 'throw new Error("at load"); function main() {}',
    noMain: 'function notmain() {}',
    large: 'function main({ payload }) { return { payload, size: payload.length } }',
  },
  archive: {
    'package.json': bytes('{"main":"src/start.js"}'),
    'src/start.js': bytes(`const fs = require('fs')
      exports.main = () => ({ zip: true, helper: require('../lib/helper').text, cwd: fs.existsSync('src/start.js') })`),
    'lib/helper.js': bytes('exports.text = "from the helper"'),
  },
  answers: {
    initialised: { OK: true },
    runBeforeInit: { status: 403, error: 'System not initialized.' },
    badResult: 'The action did not return a dictionary.',
    brokenSyntax: "Initialization has failed due to: SyntaxError: Unexpected token '{'",
    throwsAtLoad: 'Initialization has failed due to: Error: at load\n',
    noMain: "Initialization has failed due to: Action entrypoint 'main' is not a function.",
    brokenArchive: 'Initialization has failed due to: There was an error uncompressing the action archive.',
    archiveWithoutMain:
      'Initialization has failed due to: Zipped actions must contain either package.json or index.js at the root.',
    malformed: 500,
  },
};

export const python: Omit<Dialect, 'start'> = {
  kind: 'python:3',
  code: {
    echo: 'def main(args):\n  return args',
    array: 'def main(args):\n  return [1, 2, {"a": 3}]',
    text: 'def main(args):\n  return "a text"',
    prints:
      'import sys\ndef main(args):\n  print("out", args["n"])\n  print("err", args["n"], file=sys.stderr)\n  return {}',
    environment: `import os, subprocess
def main(args):
  if args.get("child"):
    return {"child": subprocess.check_output("echo $__OW_ACTIVATION_ID $__OW_NAMESPACE", shell=True).decode().strip()}
  return {"seen": dict(os.environ)}`,
    loadedEnvironment: 'import os\ngreeting = os.environ["GREETING"]\ndef main(args):\n  return {"greeting": greeting}',
    namedMain: 'def cmain(args):\n  return {"foo": 1}',
    exits: 'import os\ndef main(args):\n  os._exit(3)',
    brokenSyntax: 'def main(:',
    throwsAtLoad: 'raise Exception("at load")',
    noMain: 'def notmain(args):\n  return {}',
    large: 'def main(args):\n  return {"payload": args["payload"], "size": len(args["payload"])}',
  },
  archive: {
    '__main__.py': bytes(`import os
from lib.helper import text
def main(args):
  return {"zip": True, "helper": text, "cwd": os.path.exists("__main__.py")}`),
    'lib/helper.py': bytes('text = "from the helper"'),
    'lib/__init__.py': bytes(''),
  },
  answers: {
    initialised: { ok: true },
    runBeforeInit: { status: 500, error: 'no action defined yet' },
    badResult: 'The action did not return a dictionary or array.',
    brokenSyntax: 'The action failed to generate or locate a binary. See logs for details.',
    throwsAtLoad: 'Cannot start action. Check logs for details.',
    noMain: 'Cannot start action. Check logs for details.',
    brokenArchive: 'The action failed to generate or locate a binary. See logs for details.',
    archiveWithoutMain: 'The action failed to generate or locate a binary. See logs for details.',
    malformed: 400,
  },
};
