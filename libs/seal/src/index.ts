// What rests in a database without being readable there.
export * from './parameter-seal';
export * from './seal';
