// Answers its arguments.
function main(args) {
  return args;
}

exports.main = main;
