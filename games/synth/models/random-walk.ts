import RandomWalk from '../../../models/random-walk.ts';
import { inPriceDifferences } from './price-differences.ts';

export default inPriceDifferences(RandomWalk);
