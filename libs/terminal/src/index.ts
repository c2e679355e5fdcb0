// How commands show things on a terminal.
export { alignedTable, duration } from './aligned-table';
