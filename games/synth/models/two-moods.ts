import TwoMoods from '../../../models/two-moods.ts';
import { inPriceDifferences } from './price-differences.ts';

export default inPriceDifferences(TwoMoods);
