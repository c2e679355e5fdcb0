// Writes the tables of docs/operations.md that follow from the code: settings from bin/settings.json, limits from libs/limits (as built).
//
//   npm run docs             writes them
//   node tools/docs.mjs --check   exits 1 if they are not current
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { build } from './build.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const page = join(root, 'docs/operations.md');

const cell = (text) => text.replaceAll('|', '\\|');
const table = (head, rows) =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n');

function settingsTable() {
  const settings = JSON.parse(readFileSync(join(root, 'bin/settings.json'), 'utf8'));
  return table(
    ['variable', 'default', 'read by', 'meaning'],
    settings.map(({ name, default: value, apps, text }) => [
      `\`${name}\``,
      value,
      apps.length === 0 ? 'the supervisor' : apps.join(', '),
      text,
    ]),
  );
}

function limitsTable() {
  const { limitTable, limitVariable } = createRequire(import.meta.url)(join(root, 'dist/libs/limits/src/index.js'));
  return table(
    ['variable', 'default', 'least', 'why'],
    Object.entries(limitTable).map(([name, { value, why, min }]) => [
      `\`${limitVariable(name)}\``,
      value.toLocaleString('en-US'),
      String(min),
      why,
    ]),
  );
}

function withTables(text) {
  return Object.entries({ settings: settingsTable(), limits: limitsTable() }).reduce((page, [name, rows]) => {
    const block = new RegExp(`(<!-- ${name}:begin[^>]*-->\n)[^]*?(<!-- ${name}:end -->)`);
    if (!block.test(page)) throw new Error(`docs/operations.md has no block "${name}".`);
    return page.replace(
      block,
      (_, begin, end) => `${begin}
${rows}

${end}`,
    );
  }, text);
}

build();
const found = readFileSync(page, 'utf8');
const wanted = await format(withTables(found), { ...(await resolveConfig(page)), filepath: page });
if (process.argv.includes('--check')) {
  if (found !== wanted) {
    console.error('docs/operations.md is not current; run npm run docs.');
    process.exitCode = 1;
  }
} else {
  writeFileSync(page, wanted);
}
