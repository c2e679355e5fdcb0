// The malformed requests of fuzz.ts, many more of them than in every run.
import { describeFuzz } from './fuzz';

describeFuzz(10_000);
