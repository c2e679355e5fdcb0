// What a bench takes of the libs, by name: modules of Node cannot see the names of what they are compiled to.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

export const { systemClock } = require('#clock');
export const { helpersYield } = require('#lifecycle');
export const { escapeXml, lineChart, planWorkload, readWorkload } = require('#workload');
export const { hostUrl, PlainLoad, readApiHost } = require('#workload-driver');
