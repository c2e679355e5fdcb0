// What time it is.
function main() {
  return { date: new Date().toISOString() };
}

exports.main = main;
