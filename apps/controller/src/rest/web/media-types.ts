// Media types as web actions meet them: whether a body of such a type is text or bytes, and how the type is written. Pure.
//
// Guarantee: the same types count as text as in OpenWhisk. It knows a list of them by name; a type that it does not know is bytes, unless
// a charset is declared with it. JSON and its relatives (`+json`) are asked for separately.

export interface MediaType {
  /** `type/subtype`, lower case. */
  readonly essence: string;
  /** As it is written, with its parameters but without charset. */
  readonly text: string;
  /** `open` text names its charset, `fixed` text is always UTF-8. */
  readonly kind: 'fixed' | 'open' | 'binary';
  /** The declared one. */
  readonly charset: string | undefined;
}

const fixed = new Set([
  'application/json',
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/problem+json',
  'application/vnd.api+json',
  'application/x-www-form-urlencoded',
  'text/event-stream',
]);

const named = (type: string, subtypes: string): string[] => subtypes.split(' ').map((subtype) => `${type}/${subtype}`);

const open = new Set([
  ...named('application', 'atom+xml base64 javascript problem+xml rss+xml soap+xml vnd.google-earth.kml+xml x-latex'),
  ...named('application', 'x-vrml xhtml+xml xml xml-dtd'),
  ...named(
    'text',
    'asp cache-manifest calendar css csv html markdown mcf plain richtext tab-separated-values uri-list',
  ),
  ...named('text', 'vnd.wap.wml vnd.wap.wmlscript x-asm x-c x-component x-h x-java-source x-pascal x-script'),
  ...named(
    'text',
    'x-scriptcsh x-scriptelisp x-scriptksh x-scriptlisp x-scriptperl x-scriptperl-module x-scriptphyton',
  ),
  ...named('text', 'x-scriptrexx x-scriptscheme x-scriptsh x-scripttcl x-scripttcsh x-scriptzsh x-server-parsed-html'),
  ...named('text', 'x-setext x-sgml x-speech x-uuencode x-vcalendar x-vcard xml'),
]);

const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const typePattern = new RegExp(`^(${token})/(${token})`);
const quotedText = String.raw`"((?:[^"\\\x00-\x1f]|\\[^\x00-\x1f])*)"`;
const parameterPattern = new RegExp(`[ \\t]*;[ \\t]*(${token})=(?:(${token})|${quotedText})`, 'y');

function kindOf(essence: string, charset: string | undefined): MediaType['kind'] {
  if (fixed.has(essence)) return 'fixed';
  if (open.has(essence)) return 'open';
  return charset === undefined ? 'binary' : 'open';
}

/** Undefined for what is no media type. */
export function parseMediaType(given: string): MediaType | undefined {
  const text = given.trim();
  const type = typePattern.exec(text);
  if (type === null) return undefined;
  const essence = type[0].toLowerCase();
  let charset: string | undefined;
  let parameters = '';
  parameterPattern.lastIndex = type[0].length;
  for (let end = type[0].length; end < text.length; end = parameterPattern.lastIndex) {
    const found = parameterPattern.exec(text);
    if (found === null) return undefined;
    const [, name, plain, quoted] = found;
    if (name!.toLowerCase() === 'charset') charset = plain ?? quoted;
    else parameters += `; ${name}=${plain ?? `"${quoted}"`}`;
  }
  return { essence, text: essence + parameters, kind: kindOf(essence, charset), charset };
}

export function isJson({ essence }: MediaType): boolean {
  return essence === 'application/json';
}

export function isJsonFamily({ essence }: MediaType): boolean {
  return essence === 'application/json' || essence.endsWith('+json');
}

/** How a request's type is shown to an action: its charset as declared, in the usual spelling. */
export function declaredText({ text, kind, charset }: MediaType): string {
  if (kind !== 'open' || charset === undefined) return text;
  return `${text}; charset=${/^windows-/i.test(charset) ? charset.toLowerCase() : charset.toUpperCase()}`;
}

/** How a body that we send is declared: text is UTF-8, whatever was asked for. */
export function sentText({ text, kind }: MediaType): string {
  return kind === 'open' ? `${text}; charset=UTF-8` : text;
}
