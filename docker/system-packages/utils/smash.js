// Puts its arguments below one name, `$fieldName`.
function main({ $fieldName: name, ...rest }) {
  if (typeof name !== 'string') return { error: "Expected an argument '$fieldName' of type 'string'." };
  return { [name]: rest };
}

exports.main = main;
