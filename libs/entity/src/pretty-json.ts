// JSON text laid out for people, as OpenWhisk's web actions do: two spaces, one member per line, arrays in one line. Works on the text, so
// that numbers keep their digits and members their order.
//
// Guarantee: the answer is a bounded multiple of the text; what would become longer (deep nesting is indented again and again) stays as it is.
import { afterSpace, afterString } from './json-text';

/** Far more than any layout of a document that somebody reads. */
const growthMax = 8;
const freeLength = 4_096;

/** `text` has to be JSON. */
export function prettyJson(text: string): string {
  const lengthMax = growthMax * text.length + freeLength;
  /** For each open object or array the text between its items. */
  const separators: string[] = [];
  let indent = '\n';
  let pretty = '';
  for (let index = 0; index < text.length && pretty.length <= lengthMax; index++) {
    const character = text[index]!;
    if (character === '"') {
      const end = afterString(text, index);
      pretty += text.slice(index, end);
      index = end - 1;
    } else if (character === '{') {
      indent += '  ';
      separators.push(`,${indent}`);
      pretty += text[afterSpace(text, index + 1)] === '}' ? '{\n' : `{${indent}`;
    } else if (character === '}') {
      indent = indent.slice(0, -2);
      separators.pop();
      pretty += `${indent}}`;
    } else if (character === '[') {
      separators.push(', ');
      pretty += '[';
    } else if (character === ']') {
      separators.pop();
      pretty += ']';
    } else if (character === ',') {
      pretty += separators[separators.length - 1] ?? ',';
    } else if (character === ':') {
      pretty += ': ';
    } else if (character > ' ') {
      pretty += character;
    }
  }
  return pretty.length > lengthMax ? text : pretty;
}
