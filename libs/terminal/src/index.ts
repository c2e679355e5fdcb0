// How commands show things on a terminal.
export { alignedTable, duration } from './aligned-table';
export { progressBar } from './progress-bar';
