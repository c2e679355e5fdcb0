// The numbers that names of the simulated cluster end with: `node12`, `node12:3`. Whoever has such a name finds what it names in an array, where a map
// of ten thousand names is read in several places that no cache holds.

const zero = '0'.charCodeAt(0);

/** 0 if it ends with none. */
export function numberAtEnd(name: string): number {
  let number = 0;
  let weight = 1;
  for (let at = name.length - 1; at >= 0; at -= 1) {
    const digit = name.charCodeAt(at) - zero;
    if (digit < 0 || digit > 9) break;
    number += weight * digit;
    weight *= 10;
  }
  return number;
}
