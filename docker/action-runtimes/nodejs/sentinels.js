'use strict';
// Marks the end of an activation in both log streams, after everything that the user's code wrote and before the reply.
//
// Files are written directly, since Node's own streams write them synchronously too and nothing can be pending. Pipes and terminals go through
// Node's streams, behind what still waits there. With `stamped` the sentinel is followed by a space and the activation id.
const fs = require('node:fs');

const sentinel = 'XXX_THE_END_OF_A_WHISK_ACTIVATION_XXX';

function createSentinels(stamped) {
  const writeOut = writerTo(1, process.stdout);
  const writeErr = writerTo(2, process.stderr);
  const areOneFile = sameFile(1, 2);
  return {
    /** Answers a promise only when the sentinels are not written yet. */
    mark(activationId) {
      const line = stamped && activationId ? `${sentinel} ${activationId}\n` : `${sentinel}\n`;
      if (areOneFile) return writeOut(line + line);
      const out = writeOut(line);
      const err = writeErr(line);
      return out === undefined && err === undefined ? undefined : Promise.all([out, err]);
    },
  };
}

function writerTo(descriptor, stream) {
  if (!fileOf(descriptor)) return (line) => new Promise((resolve) => stream.write(line, () => resolve()));
  return (line) => {
    try {
      fs.writeSync(descriptor, line, null, 'latin1');
    } catch {
      // A full disk or a closed descriptor costs the logs, not the activation, and leaves no place to report to.
    }
    return undefined;
  };
}

function sameFile(one, other) {
  const [a, b] = [fileOf(one), fileOf(other)];
  return a !== undefined && b !== undefined && a.dev === b.dev && a.ino === b.ino;
}

function fileOf(descriptor) {
  try {
    const found = fs.fstatSync(descriptor);
    return found.isFile() ? found : undefined;
  } catch {
    return undefined; // closed by whoever started this process
  }
}

module.exports = { createSentinels, sentinel };
