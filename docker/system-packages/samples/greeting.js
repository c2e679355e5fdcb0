// Greets a person from a place.
function main({ name = 'stranger', place = 'somewhere' }) {
  return { payload: `Hello, ${name} from ${place}!` };
}

exports.main = main;
