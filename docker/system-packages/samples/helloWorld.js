// Writes a greeting into its log.
function main({ payload = 'world' }) {
  console.log(`hello ${payload}!`);
}

exports.main = main;
