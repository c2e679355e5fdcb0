// The pages say what the code says: tables are current, links lead somewhere, and every command they name exists.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const pages = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'])
  .toString()
  .split('\n')
  .filter((path) => path !== '' && existsSync(path));

describe('documentation', () => {
  it('has current tables of settings and limits', () => {
    expect(execFileSync(process.execPath, ['tools/docs.mjs', '--check']).toString()).toBe('');
  });

  it('links only to files that are there', () => {
    const broken = pages.flatMap((page) =>
      [...readFileSync(page, 'utf8').matchAll(/\]\((?!https?:|#)([^)#\s]+)[^)]*\)/g)]
        .map(([, target]) => join(dirname(page), target!))
        .filter((target) => !existsSync(target))
        .map((target) => `${page}: ${target}`),
    );
    expect(broken).toEqual([]);
  });

  it('names only files that are there, where it names one by its path', () => {
    const long: Record<string, string> = {
      C: 'apps/controller/src',
      S: 'apps/scheduler/src',
      A: 'apps/invoker-agent/src',
    };
    const spelledOut = (page: string): string =>
      readFileSync(page, 'utf8').replace(/`([CSA])\/(?=[\w./-]+\.ts`)/g, (_, letter: string) => `\`${long[letter]!}/`);
    const missing = pages.flatMap((page) =>
      [...spelledOut(page).matchAll(/`((?:apps|libs|test|tools|bin|docker|proto|docs)\/[\w./-]+\.\w+)`/g)]
        .map(([, path]) => path!)
        .filter((path) => !existsSync(path))
        .map((path) => `${page}: ${path}`),
    );
    expect(missing).toEqual([]);
  });

  it('names only npm scripts that exist', () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };
    const unknown = pages.flatMap((page) =>
      [...readFileSync(page, 'utf8').matchAll(/npm run ([\w:-]+)/g)]
        .map(([, name]) => name!)
        .filter((name) => !(name in scripts)),
    );
    expect(unknown).toEqual([]);
  });
});
