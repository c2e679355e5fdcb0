// Splits a text into lines, or at a separator.
function main({ payload = '', separator }) {
  const text = String(payload);
  return { lines: text.split(separator === undefined ? /\r?\n/ : String(separator)), payload: text };
}

exports.main = main;
