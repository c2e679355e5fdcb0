import { describeDamage } from './damage';

describeDamage('SQLite');
