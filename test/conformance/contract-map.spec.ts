// README.md says which suite checks which section of OpenWhisk's contract. This keeps it true.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../support/platform';
import { tables } from './tables/tables';

const rows = readFileSync(join(__dirname, 'README.md'), 'utf8')
  .split('\n')
  .map((line) => /^\| (\d+(?:\.\d+)?) +\| [^|]+\| ([^|]+)\|$/.exec(line))
  .filter((match) => match !== null)
  .map(([, section, cell]) => ({
    section: section!,
    files: [...cell!.matchAll(/`([^`]+\.ts)`/g)].map(([, file]) => file!),
  }));
const tableFiles = readdirSync(join(__dirname, 'tables')).filter((file) => file.endsWith('.table.ts'));

describe('the map of the contract', () => {
  it('names only files that exist, and at least one for each section', () => {
    expect(rows.length).toBeGreaterThan(35);
    expect(rows.filter(({ files }) => files.length === 0)).toEqual([]);
    expect(rows.flatMap(({ files }) => files).filter((file) => !existsSync(join(root, file)))).toEqual([]);
  });

  it('has every table at every section whose rows it holds', () => {
    const held = tableFiles.flatMap((file) =>
      [...readFileSync(join(__dirname, 'tables', file), 'utf8').matchAll(/^ {4}section: '([^']+)'/gm)].map(
        ([, section]) => `${section} test/conformance/tables/${file}`,
      ),
    );
    const mapped = new Set(rows.flatMap(({ section, files }) => files.map((file) => `${section} ${file}`)));
    expect(held.length).toBe(tables.length);
    expect(held.filter((one) => !mapped.has(one))).toEqual([]);
  });
});
