'use strict';
// Unpacks an action's archive (zip, or tar.gz through the system's tar) into an empty directory.
//
// The zip reader is our own, over node:zlib: the runtime must run in an image that holds nothing else, and a vendored library would be
// twenty times the code. Guarantees: nothing is written outside the directory (names that leave it, and links that lead out of it, are refused,
// links are made after all files, so none is written through), sizes and checksums are verified, the unpacked size is bounded.
// Any defect of the archive is one sentence, OpenWhisk's, with its cause behind it.
const fs = require('node:fs');
const path = require('node:path');
const zlib = require('node:zlib');

/** Above any archive that 48 MB can reasonably hold; a bomb is refused before it fills the disk. */
const unpackedBytesMax = 1024 * 1024 * 1024;

const endOfDirectory = 0x06054b50;
const directoryEntry = 0x02014b50;
const localEntry = 0x04034b50;

function unpackInto(directory, archive) {
  try {
    if (archive.length >= 2 && archive[0] === 0x1f && archive[1] === 0x8b) untar(directory, archive);
    else unzip(directory, archive);
  } catch (error) {
    throw `There was an error uncompressing the action archive. (${error.message})`;
  }
}

function unzip(directory, archive) {
  const links = [];
  let unpackedBytes = 0;
  for (const entry of entriesOf(archive)) {
    const target = path.resolve(directory, entry.name);
    if (entry.name.includes('\0') || (target !== directory && !target.startsWith(directory + path.sep))) {
      throw new Error(`entry ${JSON.stringify(entry.name)} leads out of the archive`);
    }
    if (entry.name.endsWith('/')) {
      fs.mkdirSync(target, { recursive: true });
      continue;
    }
    unpackedBytes += entry.size;
    if (unpackedBytes > unpackedBytesMax) throw new Error(`it holds more than ${unpackedBytesMax} bytes`);
    const content = contentOf(archive, entry);
    if (entry.isLink) {
      links.push({ target, to: content.toString('utf8') });
      continue;
    }
    fs.mkdirSync(path.dirname(target), { recursive: true });
    fs.writeFileSync(target, content, { mode: entry.isExecutable ? 0o755 : 0o644 });
  }
  for (const link of links) makeLink(directory, link);
}

function entriesOf(archive) {
  // The end record is last, behind it at most a comment of 64 KiB.
  let end = archive.length - 22;
  const lowest = Math.max(0, end - 0xffff);
  while (end >= lowest && archive.readUInt32LE(end) !== endOfDirectory) end -= 1;
  if (end < lowest) throw new Error('it is not a zip file');
  const entries = [];
  let at = archive.readUInt32LE(end + 16);
  for (let left = archive.readUInt16LE(end + 10); left > 0; left -= 1) {
    if (archive.readUInt32LE(at) !== directoryEntry) throw new Error('its directory is damaged');
    const nameLength = archive.readUInt16LE(at + 28);
    const mode = archive.readUInt32LE(at + 38) >>> 16;
    entries.push({
      isEncrypted: (archive.readUInt16LE(at + 8) & 1) === 1,
      method: archive.readUInt16LE(at + 10),
      checksum: archive.readUInt32LE(at + 16),
      packedSize: archive.readUInt32LE(at + 20),
      size: archive.readUInt32LE(at + 24),
      offset: archive.readUInt32LE(at + 42),
      name: archive.toString('utf8', at + 46, at + 46 + nameLength).replaceAll('\\', '/'),
      isLink: (mode & 0o170000) === 0o120000,
      isExecutable: (mode & 0o111) !== 0,
    });
    at += 46 + nameLength + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
  }
  return entries;
}

function contentOf(archive, entry) {
  const { name, offset, size } = entry;
  if (entry.isEncrypted) throw new Error(`entry ${JSON.stringify(name)} is encrypted`);
  if (archive.readUInt32LE(offset) !== localEntry) throw new Error(`entry ${JSON.stringify(name)} is damaged`);
  const start = offset + 30 + archive.readUInt16LE(offset + 26) + archive.readUInt16LE(offset + 28);
  const packed = archive.subarray(start, start + entry.packedSize);
  let content;
  if (entry.method === 0) content = packed;
  else if (entry.method === 8) content = zlib.inflateRawSync(packed, { maxOutputLength: Math.max(1, size) });
  else throw new Error(`entry ${JSON.stringify(name)} is packed with the unknown method ${entry.method}`);
  if (content.length !== size || (zlib.crc32 && zlib.crc32(content) !== entry.checksum)) {
    throw new Error(`entry ${JSON.stringify(name)} is damaged`);
  }
  return content;
}

function makeLink(directory, { target, to }) {
  fs.mkdirSync(path.dirname(target), { recursive: true });
  const parent = fs.realpathSync(path.dirname(target));
  const leadsTo = path.resolve(parent, to);
  const isInside = (place) => place === directory || place.startsWith(directory + path.sep);
  if (!isInside(parent) || !isInside(leadsTo))
    throw new Error(`link ${JSON.stringify(path.relative(directory, target))} leads out of the archive`);
  fs.symlinkSync(to, target);
}

function untar(directory, archive) {
  const { execFileSync } = require('node:child_process');
  execFileSync('tar', ['-xzf', '-', '-C', directory, '--no-same-owner'], {
    input: archive,
    stdio: ['pipe', 'ignore', 'pipe'],
  });
}

module.exports = { unpackInto };
