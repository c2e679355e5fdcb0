// Collections for what there is a hundred thousand of.
export { Bag } from './bag';
export { Worklist } from './worklist';
