// The first lines: one, or `num` of them.
function main({ lines = [], num = 1 }) {
  return { lines: lines.slice(0, num), num };
}

exports.main = main;
