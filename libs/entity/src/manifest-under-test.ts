// A manifest with something of everything, for the specs beside this file.
const image = { prefix: 'hearth', name: 'action', tag: '1' };
const attached = { attachmentName: 'codefile', attachmentType: 'text/plain' };

export const manifestFile = {
  runtimes: {
    nodejs: [
      { kind: 'nodejs:18', image, attached },
      { kind: 'nodejs:20', image, attached, default: true, stemCells: [{ initialCount: 2, memory: '256 MB' }] },
      { kind: 'nodejs:6', image, attached, deprecated: true },
    ],
    java: [{ kind: 'java:8', image, attached, requireMain: true, stemCells: [{ count: 1, memory: '512MB' }] }],
  },
};
