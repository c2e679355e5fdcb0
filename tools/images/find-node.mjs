// Finds a program `node` of a wanted major version: this one, one that NODE_<major> names, or the package that npm's registry has of it.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const packMs = 300_000;

const versionOf = (path) => spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout?.trim().slice(1);
const isMajor = (path, major) => versionOf(path)?.startsWith(`${major}.`) ?? false;

/** Answers `{path, version, found}`, or throws with the reason why there is none. */
export function findNode({ major, npmVersion }, cacheDirectory, env = process.env) {
  const named = env[`NODE_${major}`];
  if (named !== undefined && !isMajor(named, major)) {
    throw new Error(`NODE_${major} is ${named}, which is no Node ${major}`);
  }
  const path = named ?? (isMajor(process.execPath, major) ? process.execPath : undefined);
  if (path !== undefined) return { path, version: versionOf(path), found: "the host's own Node" };
  return {
    path: unpacked(npmVersion, cacheDirectory),
    version: npmVersion,
    found: 'the Node that npm has as a package',
  };
}

function unpacked(version, cacheDirectory) {
  const name = `node-${process.platform}-${process.arch}`;
  const target = join(cacheDirectory, `${name}-${version}`);
  if (existsSync(target)) return target;
  const folder = join(cacheDirectory, `unpacking-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  try {
    // npm checks what it gets against the registry's word.
    const words = ['pack', `${name}@${version}`, '--silent', '--pack-destination', folder];
    const [file] = execFileSync('npm', words, { encoding: 'utf8', timeout: packMs, stdio: ['ignore', 'pipe', 'pipe'] })
      .trim()
      .split('\n')
      .slice(-1);
    execFileSync('tar', ['-xzf', join(folder, file), '-C', folder, 'package/bin/node']);
    renameSync(join(folder, 'package/bin/node'), target);
    return target;
  } catch (error) {
    const major = version.split('.')[0];
    const why = String(error.stderr || error.message).split('\n')[0];
    throw new Error(
      `this machine has no Node ${major} (NODE_${major} can name one), and npm did not bring ${name}@${version}: ${why}`,
      { cause: error },
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
