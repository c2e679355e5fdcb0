// In which namespace it runs.
function main() {
  return { namespace: process.env.__OW_NAMESPACE };
}

exports.main = main;
