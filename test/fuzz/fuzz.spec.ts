import { describeFuzz } from './fuzz';

describeFuzz(2_000);
