// Joins lines to one text.
function main({ lines = [] }) {
  const list = Array.isArray(lines) ? lines : [lines];
  return { lines: list, payload: list.join('\n') };
}

exports.main = main;
